"""Numbers in columns, and their division into parts that learn and parts that judge."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


def folds(treated: Numbers, outcome: Numbers, parts: int, seed: int) -> NDArray[np.int64]:
    """A part for each row, such that every part holds its share of each arm and of low and high outcomes.

    Args:
        treated: 1 or 0.
        outcome: what is stratified beside the arm: above the mean or not.
        parts: how many.
        seed: the same seed divides equally.
    """
    stratum = 2 * treated + (outcome > outcome.mean())
    shuffled = np.random.default_rng(seed).permutation(len(outcome))
    order = shuffled[np.argsort(stratum[shuffled], kind="stable")]
    part = np.empty(len(outcome), dtype=np.int64)
    part[order] = np.arange(len(outcome)) % parts
    return part


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep scikit-learn and BLAS to one thread: on matrices this small threads mostly wait for each other.

    Measured on two busy cores: a gate of 4,000 rows took 243 seconds with threads and 18 without.
    """
    import sklearn.ensemble  # noqa: F401 - only threads that are loaded can be limited
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield
