"""The page about the doors says what they do."""

import re
from pathlib import Path

import pytest

from bondfire.api.doors.segment import PATHS
from bondfire.deliveries.rejects.model import MOST, MOST_OF_A_TOPIC, MOST_PUBLIC
from bondfire.doors import shopify, stripe, woocommerce
from bondfire.doors.cloudevents import MOST_EVENTS
from bondfire.doors.segment import calls

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "doors.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("module", [shopify, woocommerce])
def test_every_topic_that_is_read_is_on_the_page(module: object) -> None:
    topics = set(vars(module)["_READERS"]) - {"order.restored"}

    assert {topic for topic in topics if f"`{topic}`" not in PAGE} == set()


def test_every_type_of_stripes_and_every_path_of_segments_is_on_the_page() -> None:
    named = set(re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)))

    assert {
        topic.replace("checkout.session.async", "...async") for topic in vars(stripe)["_READERS"]
    } <= named
    assert named >= PATHS
    assert set(vars(calls)["_READERS"]) <= named | {"track"}


def test_the_limits_on_the_page_are_those_of_the_code() -> None:
    for limit in (MOST, MOST_OF_A_TOPIC, MOST_PUBLIC, MOST_EVENTS):
        assert f"{limit:,}" in PAGE
