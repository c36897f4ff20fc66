"""Names: each leads to one member, however it is written."""

import threading
from datetime import UTC, datetime

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bondfire.db import connect, transaction
from bondfire.errors import BadInput, Conflict, NotFound
from bondfire.kit import member_id_of, show_id
from bondfire.members import (
    Alias,
    Brand,
    claim_alias,
    find_by_alias,
    find_member,
    normalise_alias,
    read_aliases,
    resolve_members,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_reference_leads_to_the_id_made_of_it(conn: psycopg.Connection, brand: Brand) -> None:
    ids = resolve_members(conn, brand, ["c-17", "c-18", "c-17"])

    assert ids == {reference: member_id_of("kaminrot", reference) for reference in ("c-17", "c-18")}
    assert resolve_members(conn, brand, []) == {}


def test_a_further_reference_leads_to_the_member_who_claimed_it(
    conn: psycopg.Connection, brand: Brand
) -> None:
    ann = find_member(conn, brand, "c-17")
    claim_alias(conn, brand, ann, Alias("reference", "app-99"), claimed_at=NOON)

    ids = resolve_members(conn, brand, ["app-99", "c-17", "c-18"])

    assert ids == {"app-99": ann, "c-17": ann, "c-18": member_id_of("kaminrot", "c-18")}


def test_many_references_are_resolved_on_tables_never_analysed(
    conn: psycopg.Connection, brand: Brand
) -> None:
    ann = find_member(conn, brand, "c-17")
    references = [f"app-{number}" for number in range(1_000)]
    for reference in references[:100]:
        claim_alias(conn, brand, ann, Alias("reference", reference), claimed_at=NOON)

    ids = resolve_members(conn, brand, references)

    assert [reference for reference in references if ids[reference] == ann] == references[:100]


def test_a_member_is_found_by_the_id_that_is_shown(conn: psycopg.Connection, brand: Brand) -> None:
    ann = find_member(conn, brand, "c-17")

    assert find_member(conn, brand, show_id("mem", ann)) == ann
    assert find_member(conn, brand, "mem_17") == member_id_of("kaminrot", "mem_17")


def test_a_member_is_found_by_any_of_their_names(conn: psycopg.Connection, brand: Brand) -> None:
    ann = find_member(conn, brand, "c-17")
    claim_alias(conn, brand, ann, Alias("email", " Ann@Example.COM "), claimed_at=NOON)
    claim_alias(conn, brand, ann, Alias("card", "4000-12 ab"), claimed_at=NOON)

    assert find_by_alias(conn, brand, "email", "ANN@example.com") == ann
    assert find_by_alias(conn, brand, "card", "400012AB") == ann
    assert read_aliases(conn, brand, ann) == [Alias("card", "400012AB"), Alias("email", "ann@example.com")]
    with pytest.raises(NotFound, match="No member has this phone"):
        find_by_alias(conn, brand, "phone", "+49 30 123456")


def test_a_name_belongs_to_one_member(conn: psycopg.Connection, brand: Brand) -> None:
    ann, ben = (find_member(conn, brand, reference) for reference in ("c-17", "c-18"))
    first = claim_alias(conn, brand, ann, Alias("email", "ann@example.com"), claimed_at=NOON)

    assert claim_alias(conn, brand, ann, Alias("email", "ann@example.com"), claimed_at=NOON) == first
    with pytest.raises(Conflict) as refusal:
        claim_alias(conn, brand, ben, Alias("email", "ANN@example.com"), claimed_at=NOON)

    assert (refusal.value.status, refusal.value.code) == (409, "alias_taken")
    assert "ann" not in str(refusal.value)
    assert read_aliases(conn, brand, ben) == []
    assert find_by_alias(conn, brand, "email", "ann@example.com") == ann


def test_of_two_who_claim_a_name_at_once_one_gets_it(database: str, brand: Brand) -> None:
    outcomes: list[str] = []
    both_ready = threading.Barrier(2)

    def claim(reference: str) -> None:
        with connect(database) as conn:
            member = find_member(conn, brand, reference)
            conn.rollback()
            both_ready.wait()
            try:
                with transaction(conn):
                    claim_alias(conn, brand, member, Alias("card", "4000"), claimed_at=NOON)
                outcomes.append("claimed")
            except Conflict as refusal:
                outcomes.append(refusal.code)

    threads = [threading.Thread(target=claim, args=[reference]) for reference in ("c-17", "c-18")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["alias_taken", "claimed"]


@pytest.mark.parametrize(
    ("kind", "value", "problem"),
    [
        ("email", "ann.example.com", "not an e-mail address"),
        ("email", "a@b@c", "not an e-mail address"),
        ("email", "@example.com", "not an e-mail address"),
        ("email", "an n@example.com", "not an e-mail address"),
        ("phone", "call me", "not a telephone number"),
        ("card", "4000-!", "not a card number"),
        ("device", "", "characters"),
        ("device", "x" * 300, "characters"),
        ("device", "a\x00b", "U\\+0000"),
        ("device", "a\ud800b", "U\\+D800"),
        ("reference", " c-17", "blanks around it"),
        ("reference", 17, "not a text"),
        ("emial", "ann@example.com", "no kind of alias 'emial'"),
    ],
)
def test_what_cannot_be_a_name_is_refused(kind: str, value: object, problem: str) -> None:
    with pytest.raises(BadInput, match=problem) as refusal:
        normalise_alias(kind, value)

    assert refusal.value.next_step


def test_the_nearest_kind_is_suggested() -> None:
    with pytest.raises(BadInput) as refusal:
        normalise_alias("e-mail", "ann@example.com")

    assert refusal.value.next_step == "Did you mean 'email'?"


@given(st.sampled_from(["reference", "email", "card", "phone", "device"]), st.text(max_size=40))
def test_a_normal_form_is_its_own_normal_form(kind: str, text: str) -> None:
    try:
        alias = normalise_alias(kind, f"{text}@x" if kind == "email" else text)
    except BadInput:
        return

    assert normalise_alias(alias.kind, alias.value) == alias


def test_brands_do_not_share_names(conn: psycopg.Connection, brand: Brand) -> None:
    class Other:
        id = 2
        name = "hearth"

    ann = find_member(conn, brand, "c-17")
    claim_alias(conn, brand, ann, Alias("email", "ann@example.com"), claimed_at=NOON)

    with pytest.raises(NotFound):
        find_by_alias(conn, Other(), "email", "ann@example.com")

    assert find_member(conn, Other(), "c-17") != ann
