"""Maximum likelihood by Newton's method in the logarithms of positive parameters, with a safeguard.

A step is taken only if it raises the likelihood; else the Hessian is shifted (Levenberg 1944, Marquardt
1963) and the step is tried again shorter. Parameters stay in a box: where the likelihood has no top, as when
nobody ever leaves, a parameter ends at its edge and is told apart.
"""

from collections.abc import Callable
from typing import Final, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from bondfire.insights.errors import HistoryError

Floats = NDArray[np.float64]
M = TypeVar("M")

_STEPS: Final = 200
_LONGEST_STEP: Final = 2.0
_DECREMENT: Final = 1e-10
"""A step that promises no more log-likelihood than this is the last: the next would promise its square."""
_LARGEST_SHIFT: Final = 1e12


class Slope(NamedTuple):
    """A log-likelihood with its gradient and Hessian in the parameters themselves."""

    value: float
    gradient: Floats
    hessian: Floats


class Top(NamedTuple):
    """The maximum.

    Attributes:
        parameters: where it is.
        value: the log-likelihood there.
        standard_errors: from the inverse observed information; nan for a parameter at its edge.
        at_edge: which parameters stand at the edge of their box.
        steps: how many were taken.
    """

    parameters: Floats
    value: float
    standard_errors: Floats
    at_edge: NDArray[np.bool_]
    steps: int


class Fitted(NamedTuple, Generic[M]):
    """A model fitted by maximum likelihood.

    Attributes:
        model: the model.
        parameters: its parameters by name.
        standard_errors: of each, from the observed information; nan for one at its edge.
        log_likelihood: the logarithm of the likelihood, with all constants.
        at_edge: parameters that ran to the edge of what is sensible: the data ask for a simpler model.
        buyers: how many were learned from.
        steps: of Newton's method.
    """

    model: M
    parameters: dict[str, float]
    standard_errors: dict[str, float]
    log_likelihood: float
    at_edge: tuple[str, ...]
    buyers: float
    steps: int


def fitted(model: M, names: tuple[str, ...], top: Top, buyers: float) -> Fitted[M]:
    """What was found, under the names of the parameters."""
    return Fitted(
        model,
        dict(zip(names, top.parameters.tolist(), strict=True)),
        dict(zip(names, top.standard_errors.tolist(), strict=True)),
        top.value,
        tuple(name for name, edge in zip(names, top.at_edge, strict=True) if edge),
        buyers,
        top.steps,
    )


def climb(slope: Callable[[Floats], Slope], start: Floats, *, low: Floats, high: Floats) -> Top:
    """Find the maximum of a log-likelihood of positive parameters.

    Args:
        slope: the log-likelihood with its derivatives in the parameters.
        start: positive parameters to begin with.
        low: the smallest value of each; positive.
        high: the largest value of each.

    Raises:
        HistoryError: no maximum was found.
    """
    floor, roof = np.log(low), np.log(high)
    place = np.clip(np.log(start), floor, roof)
    here = _in_logs(slope(np.exp(place)), place)
    shift = 0.0
    for taken in range(_STEPS):
        free = ~(((place <= floor) & (here.gradient < 0)) | ((place >= roof) & (here.gradient > 0)))
        while True:
            step = _step(here, free, shift)
            there = np.clip(place + step, floor, roof)
            next_ = _in_logs(slope(np.exp(there)), there)
            if next_.value >= here.value - 1e-14 * abs(here.value) or shift > _LARGEST_SHIFT:
                break
            shift = max(10 * shift, 1e-3)
        gain = float(here.gradient @ (there - place))
        if shift > _LARGEST_SHIFT or gain <= _DECREMENT:
            best, at = (next_, there) if next_.value > here.value else (here, place)
            return _top(best, at, (at <= floor) | (at >= roof), taken)
        shift = shift / 10 if shift > 1e-9 else 0.0
        place, here = there, next_
    raise HistoryError(
        f"The likelihood has no maximum within {_STEPS} steps of Newton's method.",
        code="no_maximum",
        next_step="Check frequency, recency and age: they must be in one unit of time, of one shop.",
    )


def _in_logs(slope: Slope, place: Floats) -> Slope:
    """The same in the logarithms, by the chain rule."""
    scale = np.exp(place)
    gradient = scale * slope.gradient
    hessian = slope.hessian * np.outer(scale, scale) + np.diag(gradient)
    return Slope(slope.value, gradient, hessian)


def _step(here: Slope, free: NDArray[np.bool_], shift: float) -> Floats:
    """Newton's step among the parameters that may move; negative curvature is turned round."""
    step = np.zeros_like(here.gradient)
    if not free.any():
        return step
    curvature, axes = np.linalg.eigh(-here.hessian[np.ix_(free, free)])
    largest = max(float(np.abs(curvature).max()), 1e-12)
    curvature = np.maximum(np.abs(curvature), 1e-10 * largest) + shift * largest
    moved = axes @ ((axes.T @ here.gradient[free]) / curvature)
    step[free] = moved * min(1.0, _LONGEST_STEP / max(float(np.abs(moved).max()), 1e-300))
    return step


def _top(here: Slope, place: Floats, at_edge: NDArray[np.bool_], steps: int) -> Top:
    parameters = np.exp(place)
    errors = np.full(len(place), np.nan)
    free = ~at_edge
    if free.any():
        information = -here.hessian[np.ix_(free, free)]
        try:
            variance = np.diag(np.linalg.inv(information))
        except np.linalg.LinAlgError:
            variance = np.full(int(free.sum()), np.nan)
        with np.errstate(invalid="ignore"):
            errors[free] = parameters[free] * np.sqrt(variance)
    return Top(parameters, here.value, errors, at_edge, steps)
