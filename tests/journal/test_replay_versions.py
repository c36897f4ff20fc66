"""A journal that several versions of a programme decided is replayed by the same versions."""

from datetime import timedelta

from bondfire.db import connect, transaction
from bondfire.events import parse_event
from bondfire.journal import process_events
from bondfire.programs import load_program, load_timeline, publish_program, timeline_of
from journal.store_makers import T0, Store, back, order, store_of

FIRST = """
program: plain
brand: kaminrot
timezone: Europe/Berlin
currency: EUR
units:
  points: {expires: {after: 12 months}}
member:
  attributes:
    shoe_size: {kind: decimal, decimals: 1}
    born: date
    hobbies: strings
earn:
  base: {on: order.placed, award: {points: floor(event.total)}}
  big_feet:
    on: order.placed
    when: has(member.attributes.shoe_size) && member.attributes.shoe_size >= 44.5
    award: {points: 7}
"""
SECOND = (
    FIRST.replace("floor(event.total)", "floor(event.total * 2)")
    + """
events:
  quiz.finished:
    about: A member finished a quiz.
    fields:
      score: {kind: integer, required: true}
"""
)
SECOND = SECOND.replace(
    "\nevents:",
    "  quiz: {on: quiz.finished, award: {points: event.score}, cap: {points: 100, per: day}}\n\nevents:",
)
MONTH = timedelta(days=30)


def with_second_version(store: Store) -> Store:
    with connect(store.dsn) as conn, transaction(conn):
        publish_program(
            conn, store.brand.id, SECOND, published_at=T0, published_by="test", valid_from=T0 + MONTH
        )
        return store._replace(timeline=load_timeline(conn, store.brand.id))


def test_a_journal_of_two_versions_is_told_again_by_both(database: str) -> None:
    store = store_of(database, FIRST)
    store.send(order(1))
    store = with_second_version(store)
    quiz = {"id": "q1", "type": "quiz.finished", "member": "c-1", "score": 9}
    quiz["occurred_at"] = (T0 + 2 * MONTH).isoformat()
    catalogue = store.timeline.newest.program.catalogue

    results = store.send(
        order(2, T0 + MONTH),
        order(3, T0 + timedelta(days=1)),
        back(1, T0 + MONTH, order="1", total="50"),
        parse_event(quiz, catalogue),
    )

    assert [result.decision.version for result in results if result.decision] == [2, 1, 2, 2]
    assert store.wallet("points").active == 50 + 200 + 100 + 9
    assert store.verified() == []


def test_attributes_come_back_from_the_tables_as_exactly_what_they_were(database: str) -> None:
    store = store_of(database, FIRST)
    attributes = {"shoe_size": "44.5", "born": "1999-02-28", "hobbies": ["tea", "quizzes"]}
    raw = {"id": "j1", "type": "member.joined", "member": "c-1", "attributes": attributes}
    raw["occurred_at"] = T0.isoformat()
    joined = parse_event(raw, store.timeline.newest.program.catalogue)

    store.send(joined)
    store.send(order(1, total="100"))

    assert store.wallet("points").active == 107
    assert store.verified() == []


def test_a_programme_with_another_timeline_does_not_reuse_what_a_run_found(database: str) -> None:
    store = store_of(database, FIRST)
    store.send(order(1), order(2, T0 + 2 * MONTH))
    doubling = load_program(FIRST.replace("floor(event.total)", "floor(event.total * 2)"))

    assert store.verified() == []
    assert store._replace(timeline=timeline_of(doubling)).verified() != []


def test_two_batches_of_one_transaction_see_each_other(database: str) -> None:
    store = store_of(database, FIRST)
    with connect(store.dsn) as conn, transaction(conn):
        process_events(conn, store.brand, store.timeline, [order(1)])
        (again,) = process_events(conn, store.brand, store.timeline, [order(1)])

    assert again.outcome == "duplicate"
    assert store.verified() == []


def test_what_was_decided_while_a_version_was_published_is_told_as_it_was_decided(database: str) -> None:
    unaware = store_of(database, FIRST)
    aware = with_second_version(unaware)

    (result,) = unaware.send(order(1, T0 + MONTH))

    assert result.decision is not None
    assert result.decision.version == 1
    assert aware.wallet("points").active == 100
    assert aware.verified() == []


def test_an_old_journal_is_told_again_when_a_programme_drops_what_it_declared(database: str) -> None:
    store = store_of(database, SECOND)
    quiz = {"id": "q1", "type": "quiz.finished", "member": "c-1", "score": 9, "occurred_at": T0.isoformat()}
    store.send(parse_event(quiz, store.timeline.newest.program.catalogue))
    with connect(database) as conn, transaction(conn):
        publish_program(
            conn, store.brand.id, FIRST, published_at=T0, published_by="test", valid_from=T0 + MONTH
        )
        later = store._replace(timeline=load_timeline(conn, store.brand.id))

    assert "quiz.finished" not in later.timeline.newest.program.catalogue.types
    assert later.wallet("points").active == 9
    assert later.verified() == []
