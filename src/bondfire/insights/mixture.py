"""Likelihoods that are sums over when somebody may have left, each term with its derivatives.

Weighted as in the posterior, the gradient of log L is the mean of the terms' gradients, and its Hessian the
mean of their Hessians plus the covariance of their gradients.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import logsumexp

from bondfire.insights.newton import Floats, Slope


class Terms(NamedTuple):
    """The terms of the likelihood of some cells: arrays of cells by terms.

    Attributes:
        logs: the logarithm of each term; the first one is of those who have not left.
        slopes: its derivatives in four parameters.
        bends: its second derivatives: (0, 0), (0, 1), (1, 1), (2, 2), (2, 3), (3, 3); the others are 0.
    """

    logs: Floats
    slopes: tuple[Floats, Floats, Floats, Floats]
    bends: tuple[Floats, Floats, Floats, Floats, Floats, Floats]


_PLACES = ((0, 0), (0, 1), (1, 1), (2, 2), (2, 3), (3, 3))


def summed(terms: Terms, count: Floats) -> Slope:
    """The log-likelihood of all cells with gradient and Hessian."""
    total = logsumexp(terms.logs, axis=1)
    weights = np.exp(terms.logs - total[:, None])
    means = np.array([(weights * slope).sum(axis=1) for slope in terms.slopes])
    hessian = np.zeros((4, 4))
    weighted = weights * count[:, None]
    for one in range(4):
        for other in range(one, 4):
            product = float((weighted * terms.slopes[one] * terms.slopes[other]).sum())
            hessian[one, other] = hessian[other, one] = product - float(count @ (means[one] * means[other]))
    for (one, other), bend in zip(_PLACES, terms.bends, strict=True):
        hessian[one, other] += float((weighted * bend).sum())
        if one != other:
            hessian[other, one] = hessian[one, other]
    return Slope(float(count @ total), means @ count, hessian)


def share_of_the_first(logs: Floats) -> Floats:
    """The weight of the first term: the chance of not having left."""
    return np.asarray(np.exp(logs[:, 0] - logsumexp(logs, axis=1)), dtype=np.float64)
