"""L22: a person is erased; entries, sums and proofs stay, and no personal byte."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import psycopg
import pytest
from fastapi.testclient import TestClient

from acceptance.group_makers import DAY, GIFTS, balances, carry, earned, sent, total
from bondfire.access import RANDOM_BYTES, create_key
from bondfire.api import create_app
from bondfire.db import connect, transaction
from bondfire.deliveries.orders import store as order_owners
from bondfire.journal import entries_of, explain_event, replay
from bondfire.kit import bucket_of, member_id_of
from bondfire.simulation import simulate
from cli.conftest import Command, bondfire  # noqa: F401 - a fixture
from journal.store_makers import T0, Store, back, event_of, order, spent, store_of

ANN = "ann.quist@mail.example"
"""What her shop calls her: a reference that is personal itself."""
WORDS = (
    ANN,
    "quist",
    "Ann Marple",
    "+4930123456",
    "Ashgrove Lane",
    "7004123456785555",
    "ann-phone-1",
    "kettle sings",
    "porridge",
    "till of Ann",
)


class Shop(NamedTuple):
    """A brand with its books and its API."""

    store: Store
    client: TestClient
    headers: dict[str, str]

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> dict[str, Any]:
        """What the API answers about her."""
        path = f"/v1/members/{ANN}{path}"
        answer = self.client.request(method, path, json=body, headers=self.headers | headers)
        found: dict[str, Any] = answer.json()
        return found | {"status": answer.status_code}


@pytest.fixture
def shop(database: str) -> Iterator[Shop]:
    """A brand that knows Ann in every way there is, and two others."""
    store = store_of(database, GIFTS)
    with connect(database) as conn, transaction(conn):
        random = b"1" * RANDOM_BYTES
        _, token = create_key(conn, store.brand.id, ["admin"], "till", created_at=T0, random=random)
    with TestClient(create_app(database, now=lambda: T0 + 30 * DAY)) as client:
        known = Shop(store, client, {"Authorization": f"Bearer {token}"})
        _live(known)
        yield known


def _live(shop: Shop) -> None:
    """Events with words of hers, and events of others that name her."""
    words = {"member": ANN, "rating": 5, "text": "The kettle sings."}
    shop.store.send(
        earned("a", 0, 100),
        earned("b", 0, 50),
        order("x", T0, total=200, member=ANN),
        event_of("review.submitted", T0 + DAY, **words),
        event_of("survey.answered", T0 + DAY, member=ANN, survey="nps", score=9, comment="More porridge"),
        event_of("referral.completed", T0 + DAY, member="b", referred=ANN),
        sent("to-ann", 2, 40, to=ANN),
        sent("of-ann", 3, 30, member=ANN, to="b"),
        spent(1, T0 + 4 * DAY, 60, member=ANN),
    )
    carry(shop.store)
    _say(shop)
    _deliver(shop)


def _say(shop: Shop) -> None:
    """What is kept of her as a person, asked for with keys, so that answers are kept too."""
    particulars = {"street": "12 Ashgrove Lane"}
    profile = {"name": "Ann Marple", "email": "Quist@mail.example", "phone": "+49 30 123456"}
    shop.ask("PUT", "/profile", profile | {"data": particulars}, **{"Idempotency-Key": "one"})
    shop.ask("PUT", "/profile", {"email": "Ann Marple"}, **{"Idempotency-Key": "two"})
    for kind, value in (("card", "7004 1234 5678 5555"), ("device", "ann-phone-1"), ("reference", "quist-7")):
        shop.ask("PUT", "/aliases", {"kind": kind, "value": value}, **{"Idempotency-Key": kind})
    consent = {"kind": "email", "granted": True, "text_version": "1", "source": "till of Ann"}
    assert shop.ask("POST", "/consents", consent)["status"] == 201


def _deliver(shop: Shop) -> None:
    """What came of her from outside and could not be taken, and what was answered to news of her."""
    cloud = {"specversion": "1.0", "type": "no.such", "id": "1", "source": "/x", "subject": ANN, "data": {}}
    headers = shop.headers | {"Content-Type": "application/cloudevents+json"}
    assert shop.client.post("/v1/cloudevents", json=cloud, headers=headers).status_code < 500
    member_id, brand = member_id_of("kaminrot", ANN), shop.store.brand.id
    bucket, delivery = bucket_of(member_id), uuid4()
    with connect(shop.store.dsn) as conn, transaction(conn):
        order_owners.claim_order(conn, brand, "shopify", "1001", member=ANN)
        conn.execute(
            "INSERT INTO webhook_delivery VALUES (%s, %s, %s, %s, %s, 1, 1, 'x', '{}', '', '', %s, %s,"
            " 'delivered', 1, 1, %s)",
            (brand, bucket, delivery, uuid4(), member_id, T0, T0, T0),
        )
        conn.execute(
            "INSERT INTO webhook_attempt VALUES (%s, %s, %s, 1, %s, 200, '', 5, 'thanks for Ann Marple')",
            (brand, bucket, delivery, T0),
        )


def tables(dsn: str) -> list[str]:
    """All tables of the database."""
    with connect(dsn) as conn:
        rows = conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        return [row[0] for row in rows]


def traces(dsn: str) -> dict[str, set[str]]:
    """Which tables hold which of her words, as text or as bytes, in whichever case."""
    found: dict[str, set[str]] = {}
    with connect(dsn) as conn:
        for table in tables(dsn):
            rows = conn.execute(f"SELECT told::text FROM {table} AS told")
            text = "\n".join(row[0] for row in rows).lower()
            here = {word for word in WORDS if word.lower() in text or word.encode().hex() in text}
            if here:
                found[table] = here
    return found


def on_disk(dsn: str) -> set[str]:
    """Which of her words stand in the files of the tables and their indexes, once they were written anew."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        for table in tables(dsn):
            conn.execute(f"VACUUM FULL {table}")
        conn.execute("CHECKPOINT")
        folder = conn.execute("SHOW data_directory").fetchone()
        files = conn.execute(
            "SELECT pg_relation_filepath(oid) FROM pg_class WHERE pg_relation_filepath(oid) IS NOT NULL"
            " AND relnamespace IN ('public'::regnamespace, 'pg_toast'::regnamespace)"
        ).fetchall()
    assert folder is not None
    held = b"".join((Path(folder[0]) / path).read_bytes() for (path,) in files).lower()
    return {word for word in WORDS if word.lower().encode() in held}


def books(store: Store) -> tuple[object, ...]:
    """Her balances, her entries and everybody's sums."""
    with connect(store.dsn) as conn:
        entries = entries_of(conn, store.brand, store.timeline, member_id_of("kaminrot", ANN), limit=100)
    return store.wallet("points", ANN), [view.entry for view in entries], total(store)


def test_l22_no_personal_byte_is_left_and_entries_sums_and_proofs_are(shop: Shop) -> None:
    store = shop.store
    before, books_before, on_disk_before = traces(store.dsn), books(store), on_disk(store.dsn)

    erased = shop.ask("DELETE", "?reason=asked")

    assert erased["status"] == 200, erased
    assert before.keys() == {
        "consent",
        "event_note",
        "given_answer",
        "member_alias",
        "member_profile",
        "order_owner",
        "reject",
        "webhook_attempt",
    }
    assert set().union(*before.values()) == on_disk_before == set(WORDS)
    assert erased["removed"] == {
        "rejects": 1,
        "notes": 2,
        "aliases": 3,
        "profiles": 1,
        "consents": 1,
        "receipts": 1,
        "answers": 5,
    }
    assert traces(store.dsn) == {}
    assert on_disk(store.dsn) == set()
    assert books(store) == books_before
    assert store.verified() == []
    assert replay(store.dsn, store.brand, store.timeline).digest == store.digest()


def test_l22_what_was_done_is_in_the_journal_with_who_and_why(shop: Shop) -> None:
    shop.ask("DELETE", "?reason=retention")

    with connect(shop.store.dsn) as conn:
        told = explain_event(
            conn,
            shop.store.brand,
            shop.store.timeline,
            member_id=member_id_of("kaminrot", ANN),
            source="bondfire",
            event_id="erased",
        )

    assert told.type == "member.erased"
    assert told.sentences == ["The person was erased: retention (till). What was earned and spent stays."]


def test_l22_nothing_more_is_taken_of_who_was_erased_but_what_sets_right_what_was(shop: Shop) -> None:
    store, later = shop.store, T0 + 40 * DAY
    shop.ask("DELETE", "")

    review = event_of("review.submitted", later, member=ANN, rating=1, text="The kettle sings.")
    results = store.send(
        order("y", later, member=ANN), review, back(1, later, order="x", total=20, member=ANN)
    )
    store.send(sent("late", 41, 10, to=ANN))
    carry(store)

    assert [(one.outcome, one.code) for one in results] == [
        ("refused", "member_erased"),
        ("refused", "member_erased"),
        ("accepted", ""),
    ]
    assert balances(store, "a") == [60]
    assert traces(store.dsn) == {}
    assert store.verified() == []


def test_l22_what_is_left_expires_when_it_would_have(shop: Shop) -> None:
    shop.ask("DELETE", "")

    shop.store.bring_to(T0 + timedelta(days=300))

    wallet = shop.store.wallet("points", ANN)
    assert (int(wallet.active), int(wallet.expired)) == (0, 150)
    assert shop.store.verified() == []


def test_l22_erased_again_is_erased_once_and_a_stranger_is_not_found(shop: Shop) -> None:
    shop.ask("DELETE", "")
    rows = _rows(shop)

    again = shop.ask("DELETE", "?reason=authority")
    stranger = shop.client.delete("/v1/members/nobody-here", headers=shop.headers)
    wrong = shop.ask("DELETE", "?reason=because")

    assert (again["status"], set(again["removed"].values())) == (200, {0})
    assert _rows(shop) == rows
    assert (stranger.status_code, stranger.json()["code"]) == (404, "unknown_member")
    assert wrong["status"] == 422


def _rows(shop: Shop) -> int:
    with connect(shop.store.dsn) as conn:
        (count,) = conn.execute("SELECT count(*) FROM journal").fetchone() or (0,)
    return int(count)


def test_l22_a_referral_names_the_other_by_id_live_and_simulated(database: str) -> None:
    events = [earned("b", 0, 50), event_of("referral.completed", T0 + DAY, member="b", referred=ANN)]
    store = store_of(database, GIFTS)

    store.send(*events)

    assert traces(store.dsn) == {}
    assert store.digest() == simulate(store.timeline.newest.program, events).digest
    assert store.send(*events)[1].outcome == "duplicate"


def test_l22_the_command_line_erases_too(
    shop: Shop,
    bondfire: Command,  # noqa: F811 - the fixture
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BONDFIRE_DATABASE_URL", shop.store.dsn)

    told = bondfire("members", "erase", ANN, "--brand", "kaminrot", "--json")
    unknown = bondfire("members", "erase", "nobody", "--brand", "kaminrot", "--json")

    assert (told.code, told.json["removed"]["profiles"]) == (0, 1)  # type: ignore[index]
    assert unknown.json["code"] == "unknown_member"
    assert traces(shop.store.dsn) == {}
