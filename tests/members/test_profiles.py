"""Personal data: kept apart, in normal form, or not at all."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from bondfire.errors import BadInput
from bondfire.members import Brand, Profile, amend_profile, find_member, read_profile, save_profile

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ANN = Profile(
    name="Ann Ödegård", email="ann@example.com", phone="+4930123456", data={"shoe": 39, "likes": ["tea"]}
)


def test_a_profile_is_kept_in_normal_form(conn: psycopg.Connection, brand: Brand) -> None:
    member = find_member(conn, brand, "c-17")
    sent = Profile(name=" Ann Ödegård ", email="Ann@Example.com", phone="0049 30 123456", data=ANN.data)

    saved = save_profile(conn, brand, member, sent, updated_at=NOON)

    assert saved == ANN
    assert read_profile(conn, brand, member) == ANN


def test_a_profile_replaces_the_one_before(conn: psycopg.Connection, brand: Brand) -> None:
    member = find_member(conn, brand, "c-17")
    save_profile(conn, brand, member, ANN, updated_at=NOON)

    save_profile(conn, brand, member, Profile(name="Ann"), updated_at=NOON)

    assert read_profile(conn, brand, member) == Profile(name="Ann")


def test_what_was_not_said_stays_and_what_was_said_is_put_in_its_place(
    conn: psycopg.Connection, brand: Brand
) -> None:
    member = find_member(conn, brand, "c-17")
    save_profile(conn, brand, member, ANN, updated_at=NOON)

    amend_profile(conn, brand, member, Profile(email="Ann@New.example"), said_at=NOON)

    assert read_profile(conn, brand, member) == replace(ANN, email="ann@new.example")


def test_news_that_comes_late_only_fills_what_is_empty(conn: psycopg.Connection, brand: Brand) -> None:
    member = find_member(conn, brand, "c-17")
    amend_profile(conn, brand, member, Profile(email="ann@new.example"), said_at=NOON)

    late = Profile(email="ann@old.example", name="Ann")
    amend_profile(conn, brand, member, late, said_at=NOON - timedelta(days=1))

    assert read_profile(conn, brand, member) == Profile(email="ann@new.example", name="Ann")


def test_an_amendment_that_cannot_be_stored_changes_nothing(conn: psycopg.Connection, brand: Brand) -> None:
    member = find_member(conn, brand, "c-17")
    save_profile(conn, brand, member, ANN, updated_at=NOON)

    with pytest.raises(BadInput, match="phone"):
        amend_profile(conn, brand, member, Profile(name="A", phone="none"), said_at=NOON)

    assert read_profile(conn, brand, member) == ANN


def test_a_member_without_a_profile_has_an_empty_one(conn: psycopg.Connection, brand: Brand) -> None:
    assert read_profile(conn, brand, find_member(conn, brand, "c-18")) == Profile()


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "A\x00"}, "name"),
        ({"email": "nobody"}, "email"),
        ({"phone": "12"}, "phone"),
        ({"data": {"a": {"b": ["\x00"]}}}, "data"),
        ({"data": {"a\ud800": 1}}, "data"),
        ({"data": {"a": float("nan")}}, "data"),
        ({"data": {"a": object()}}, "data"),
        ({"data": {"a": "x" * 20_000}}, "data"),
    ],
)
def test_what_cannot_be_stored_is_refused_and_nothing_changes(
    conn: psycopg.Connection, brand: Brand, bad: dict[str, Any], field: str
) -> None:
    member = find_member(conn, brand, "c-17")
    save_profile(conn, brand, member, ANN, updated_at=NOON)

    with pytest.raises(BadInput, match=field):
        save_profile(conn, brand, member, Profile(**bad), updated_at=NOON)

    assert read_profile(conn, brand, member) == ANN


def test_a_text_that_only_looks_like_nul_is_kept(conn: psycopg.Connection, brand: Brand) -> None:
    member = find_member(conn, brand, "c-17")
    looks = Profile(data={"path": "C:\\u0000"})

    save_profile(conn, brand, member, looks, updated_at=NOON)

    assert read_profile(conn, brand, member) == looks
