"""The data sets and published numbers that judge the models."""

import json
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray


@pytest.fixture(scope="session")
def golden(shared_data: Path) -> Mapping[str, Any]:
    """Published results, each with its source."""
    found: Mapping[str, Any] = json.loads((shared_data / "golden" / "golden.json").read_text())
    return found


@pytest.fixture(scope="session")
def cdnow(shared_data: Path) -> NDArray[np.float64]:
    """Frequency, recency and age in weeks of the 2,357 buyers of the papers."""
    path = shared_data / "cdnow" / "cdnow_customers_summary.csv"
    return np.loadtxt(path, delimiter=",", skiprows=1, usecols=(1, 2, 3), unpack=True)


@pytest.fixture
def lifetimes() -> Iterator[Any]:
    """The package that everybody compares with; it is archived and warns a lot."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import lifetimes.utils

        yield lifetimes
