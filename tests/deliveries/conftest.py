"""A café in a fresh database."""

import pytest

from deliveries.makers import Cafe, cafe_in


@pytest.fixture
def cafe(database: str) -> Cafe:
    """A brand with a programme."""
    return cafe_in(database)
