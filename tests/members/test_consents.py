"""Consents: added, never changed; the latest word counts."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from bondfire.db import connect, transaction
from bondfire.errors import BadInput
from bondfire.members import Brand, Consent, find_member, read_consents, record_consent

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
YES = Consent(kind="email.marketing", granted=True, text_version="2026-01", recorded_at=NOON, source="till 3")
NO = replace(YES, granted=False, recorded_at=NOON + timedelta(days=30), source="hub")


def test_the_latest_word_counts_and_the_history_stays(conn: psycopg.Connection, brand: Brand) -> None:
    member = find_member(conn, brand, "c-17")
    profiling = replace(YES, kind="profiling")
    for consent in (YES, profiling, NO):
        record_consent(conn, brand, member, consent)

    consents = read_consents(conn, brand, member)

    assert consents.history == (YES, profiling, NO)
    assert consents.current == {"email.marketing": NO, "profiling": profiling}
    assert (consents.allows("email.marketing"), consents.allows("profiling")) == (False, True)


def test_silence_is_no(conn: psycopg.Connection, brand: Brand) -> None:
    assert not read_consents(conn, brand, find_member(conn, brand, "c-18")).allows("email.marketing")


def test_an_older_word_that_arrives_late_changes_nothing(conn: psycopg.Connection, brand: Brand) -> None:
    member = find_member(conn, brand, "c-17")
    for consent in (NO, YES):
        record_consent(conn, brand, member, consent)

    consents = read_consents(conn, brand, member)

    assert consents.current == {"email.marketing": NO}
    assert consents.history == (NO, YES)


def test_the_same_word_twice_is_written_once(conn: psycopg.Connection, brand: Brand) -> None:
    member = find_member(conn, brand, "c-17")
    for consent in (YES, NO, YES):
        record_consent(conn, brand, member, consent)

    assert read_consents(conn, brand, member).history == (YES, NO)


def test_words_spoken_at_the_same_moment_are_all_kept(database: str, brand: Brand) -> None:
    kinds = [f"kind_{number}" for number in range(6)]
    all_ready = threading.Barrier(len(kinds))

    def record(kind: str) -> None:
        with connect(database) as conn:
            member = find_member(conn, brand, "c-17")
            conn.rollback()
            all_ready.wait()
            with transaction(conn):
                record_consent(conn, brand, member, replace(YES, kind=kind))

    threads = [threading.Thread(target=record, args=[kind]) for kind in kinds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with connect(database) as conn:
        consents = read_consents(conn, brand, find_member(conn, brand, "c-17"))
    assert sorted(consents.current) == kinds


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"kind": "E-Mail"}, "cannot name a consent"),
        ({"kind": ""}, "cannot name a consent"),
        ({"text_version": ""}, "text_version"),
        ({"source": "a\x00"}, "source"),
        ({"recorded_at": NOON.replace(tzinfo=None)}, "recorded_at has no offset"),
    ],
)
def test_a_consent_that_proves_nothing_is_refused(
    conn: psycopg.Connection, brand: Brand, change: dict[str, str], problem: str
) -> None:
    member = find_member(conn, brand, "c-17")

    with pytest.raises(BadInput, match=problem):
        record_consent(conn, brand, member, replace(YES, **change))  # type: ignore[arg-type]  # that is the point

    assert read_consents(conn, brand, member).history == ()
