"""What all tests share: where the corpora and data sets of others are, and whether they are here."""

import os
from pathlib import Path

import pytest

_SHARED = Path(__file__).parents[2] / "shared"


def _folder(variable: str, default: Path) -> Path:
    folder = Path(os.environ.get(variable, default))
    if not folder.is_dir():
        pytest.skip(
            f"LOUD: {folder.name} is not on this machine (set {variable}); CI has it and runs this test"
        )
    return folder


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder with test corpora made by others."""
    return _folder("BONDFIRE_CORPORA", _SHARED / "corpora")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with real data sets."""
    return _folder("BONDFIRE_DATA", _SHARED / "data")
