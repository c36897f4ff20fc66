"""Ids and buckets are frozen: every member-keyed row of every installation depends on them."""

from hashlib import blake2b
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bondfire.errors import BadInput
from bondfire.kit import BUCKETS, bucket_of, digest_of, member_id_of, nearest, parse_id, show_id

SETTINGS = settings(derandomize=True, database=None, deadline=None)


def test_the_id_of_a_member_is_blake2b_of_brand_and_reference_with_their_lengths() -> None:
    text = b"\0\0\0\x06member" + b"\0\0\0\x08kaminrot" + b"\0\0\0\x04c-17"

    assert member_id_of("kaminrot", "c-17") == UUID(bytes=blake2b(text, digest_size=16).digest())


def test_parts_cannot_be_mistaken_for_each_other() -> None:
    assert digest_of("ab", "c") != digest_of("a", "bc")
    assert digest_of("a") != digest_of("a", "")


def test_the_bucket_is_the_first_two_bytes_modulo_1024() -> None:
    assert BUCKETS == 1024
    assert bucket_of(UUID("ffff0000-0000-0000-0000-000000000000")) == 1023
    assert bucket_of(UUID("04010000-0000-0000-0000-000000000000")) == 1


def test_members_are_spread_evenly() -> None:
    counts = [0] * BUCKETS
    for number in range(BUCKETS * 20):
        counts[bucket_of(member_id_of("b", str(number)))] += 1

    assert min(counts) > 2
    assert max(counts) < 50


@SETTINGS
@given(st.uuids(version=None))
def test_what_is_shown_can_be_read(value: UUID) -> None:
    shown = show_id("mem", value)

    assert shown.startswith("mem_")
    assert len(shown) == 30
    assert shown == shown.lower()
    assert parse_id("mem", shown) == value


@pytest.mark.parametrize(
    "text", ["", "mem", "mem_", "evt_aaaaaaaaaaaaaaaaaaaaaaaaaa", "mem_a", "mem_" + "1" * 26, "mem_ä"]
)
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="not an id of the form mem_"):
        parse_id("mem", text)


def test_the_nearest_name_is_suggested_or_none() -> None:
    assert nearest("ordr.placed", ["order.placed", "order.returned"]) == "order.placed"
    assert nearest("zzz", ["order.placed"]) is None
    assert nearest("x", []) is None
