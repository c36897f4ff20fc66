"""A request with a key is done once, and answered the same for a day."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from bondfire.db import connect
from bondfire.errors import BadInput
from bondfire.idempotency import (
    KEPT,
    Answer,
    Asked,
    KeyInUse,
    KeyReused,
    asked_of,
    claim,
    forget_answers,
    keep,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DONE = Answer(201, "application/json", b'{"done":true}')
PUT = asked_of('"one"', "PUT", b"/v1/x?", b"body")


@pytest.fixture
def conn(database: str) -> Iterator[psycopg.Connection]:
    """A connection to a database with the brands 1 and 2."""
    with connect(database) as conn:
        for number in (1, 2):
            conn.execute(
                "INSERT INTO brand (brand_id, name, clock, created_at) VALUES (%s, %s, 'wall', %s)",
                [number, f"brand-{number}", NOON],
            )
        conn.commit()
        yield conn


def answered(conn: psycopg.Connection, asked: Asked, *, at: datetime = NOON, brand_id: int = 1) -> None:
    assert claim(conn, brand_id, asked, now=at) is None
    keep(conn, brand_id, asked, DONE)
    conn.commit()


def rows(conn: psycopg.Connection) -> int:
    row = conn.execute("SELECT count(*) FROM given_answer").fetchone()
    return row[0] if row else 0


def test_the_first_is_told_to_go_on_and_the_next_gets_its_answer(conn: psycopg.Connection) -> None:
    answered(conn, PUT)

    assert claim(conn, 1, PUT, now=NOON + timedelta(hours=23)) == DONE


def test_another_request_with_the_key_is_refused(conn: psycopg.Connection) -> None:
    answered(conn, PUT)

    for other in (
        asked_of("one", "PUT", b"/v1/x?", b"another body"),
        asked_of("one", "POST", b"/v1/x?", b"body"),
        asked_of("one", "PUT", b"/v1/x?a=1", b"body"),
    ):
        with pytest.raises(KeyReused) as refusal:
            claim(conn, 1, other, now=NOON)
        assert (refusal.value.status, refusal.value.code) == (422, "idempotency_key_reused")
    assert claim(conn, 1, PUT, now=NOON) == DONE


def test_brands_do_not_share_keys(conn: psycopg.Connection) -> None:
    answered(conn, PUT)
    answered(conn, asked_of("one", "PUT", b"/v1/x?", b"another"), brand_id=2)

    assert rows(conn) == 2


def test_after_a_day_the_key_is_new_again_also_when_nobody_has_cleared(conn: psycopg.Connection) -> None:
    answered(conn, PUT)
    other = asked_of("one", "PUT", b"/v1/x?", b"another")

    assert claim(conn, 1, PUT, now=NOON + KEPT - timedelta(seconds=1)) == DONE
    answered(conn, other, at=NOON + KEPT)

    assert rows(conn) == 1
    assert claim(conn, 1, other, now=NOON + KEPT) == DONE


def test_what_was_rolled_back_was_never_asked(conn: psycopg.Connection) -> None:
    assert claim(conn, 1, PUT, now=NOON) is None
    conn.rollback()

    assert claim(conn, 1, PUT, now=NOON) is None


def test_a_key_that_is_still_being_worked_on_is_a_conflict(conn: psycopg.Connection, database: str) -> None:
    assert claim(conn, 1, PUT, now=NOON) is None

    with connect(database) as second, pytest.raises(KeyInUse) as refusal:
        claim(second, 1, PUT, now=NOON)

    assert (refusal.value.status, refusal.value.code) == (409, "request_in_progress")
    keep(conn, 1, PUT, DONE)
    conn.commit()
    assert claim(conn, 1, PUT, now=NOON) == DONE


def test_waiting_for_others_afterwards_is_as_patient_as_before(conn: psycopg.Connection) -> None:
    claim(conn, 1, PUT, now=NOON)

    assert conn.execute("SHOW lock_timeout").fetchone() == ("0",)


def test_old_answers_go_in_bounded_batches_the_oldest_first(conn: psycopg.Connection) -> None:
    for number in range(5):
        answered(conn, asked_of(f"old-{number}", "PUT", b"/", b""), at=NOON + timedelta(minutes=number))
    answered(conn, PUT, at=NOON + timedelta(hours=1))
    late = NOON + KEPT + timedelta(minutes=4)

    removed = [forget_answers(conn, now=late, limit=2) for _ in range(4)]

    assert removed == [2, 2, 1, 0]
    assert claim(conn, 1, PUT, now=late) == DONE


@pytest.mark.parametrize("header", ['"8e03978e-40d5"', "8e03978e-40d5", '  "8e03978e-40d5" '])
def test_a_key_may_be_a_string_of_structured_fields_or_bare(header: str) -> None:
    assert asked_of(header, "PUT", b"/", b"") == asked_of('"8e03978e-40d5"', "PUT", b"/", b"")


@pytest.mark.parametrize("header", ["", '""', '"', 'a"b', "a b", "é", "\x00", "x" * 256, '"a', '"\\x"'])
def test_what_is_no_key_is_refused(header: str) -> None:
    with pytest.raises(BadInput) as refusal:
        asked_of(header, "PUT", b"/", b"")

    assert refusal.value.code == "bad_idempotency_key"


def test_parts_of_a_request_do_not_run_into_each_other() -> None:
    assert asked_of("k", "PUT", b"/ab", b"c").fingerprint != asked_of("k", "PUT", b"/a", b"bc").fingerprint


def test_the_key_itself_is_nowhere_in_the_database(conn: psycopg.Connection) -> None:
    answered(conn, asked_of('"ann@example.com"', "PUT", b"/", b""))

    row = conn.execute("SELECT given_answer::text FROM given_answer").fetchone()

    assert "ann" not in str(row)
