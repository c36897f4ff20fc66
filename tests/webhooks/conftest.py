"""A brand with a journal and a receiver, fresh for each test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from journal.store_makers import SIMPLE
from webhooks.makers import Brand, Receiver, brand_of

MakeBrand = Callable[[str], Brand]


@pytest.fixture
def make_brand(database: str) -> Iterator[MakeBrand]:
    """Makes a brand with a programme of the test's own."""
    with ExitStack() as stack:
        yield lambda document: stack.enter_context(brand_of(database, document))


@pytest.fixture
def brand(make_brand: MakeBrand) -> Brand:
    """A brand whose orders earn points."""
    return make_brand(SIMPLE)


@pytest.fixture
def receiver(brand: Brand) -> Receiver:
    """A receiver in this process that takes everything, until a test tells it otherwise."""
    return Receiver(brand.clock)
