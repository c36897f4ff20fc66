"""Every unit of points can be told in plain words: by event, and entry by entry."""

from datetime import timedelta

import pytest

from bondfire.db import connect
from bondfire.engine import explained as reasons_of
from bondfire.journal import EntryView, Explanation, UnknownEvent, entries_of, explain_event, explain_member
from bondfire.journal.phrases import LANGUAGES, words_of
from bondfire.kit import member_id_of
from journal.store_makers import T0, Store, back, history, order, spent, store_of

LATER = timedelta(days=20)
AWARDED = (
    "119 points from rule base (version 1) for order 1001: event.total was 119.8; "
    "14 days pending, spendable from 19 Jan 2026, expires 1 Aug 2026."
)


@pytest.fixture
def store(database: str) -> Store:
    return store_of(database)


def explained(store: Store, event_id: str) -> Explanation:
    member_id = member_id_of(store.brand.name, "c-1")
    with connect(store.dsn) as conn:
        return explain_event(
            conn, store.brand, store.timeline, member_id=member_id, source="shop", event_id=event_id
        )


def story(store: Store) -> list[str]:
    member_id = member_id_of(store.brand.name, "c-1")
    with connect(store.dsn) as conn:
        return [one.sentence for one in explain_member(conn, store.brand, store.timeline, member_id)]


def test_an_award_names_rule_version_order_values_and_what_becomes_of_it(store: Store) -> None:
    store.send(order(1001, total="119.80"))

    assert explained(store, "ord-1001").sentences == [
        AWARDED,
        "119 status from rule base (version 1) for order 1001: event.total was 119.8; never expires.",
        "Rule shoes came to nothing.",
        "Rule for_flames gave nothing, its condition does not hold: member.tiers.flame was spark.",
    ]


def test_a_cap_says_what_it_cut_off(store: Store) -> None:
    store.send(order(1, total="1234"))

    assert "; 234 more were cut off by the cap; " in explained(store, "ord-1").sentences[0]


def test_a_refusal_says_what_to_do(store: Store) -> None:
    store.send(order(1), spent(1, T0, 5))

    (sentence,) = explained(store, "sp-1").sentences
    assert sentence == (
        "Refused (not_enough): 5 points were asked for, but 0 can be spent. "
        "Ask for less, or wait until pending points are released."
    )


def test_a_member_has_a_story_with_a_sentence_for_every_entry(store: Store) -> None:
    store.send(order(1))
    store.send(spent(1, T0 + LATER, 60, order="9"), back(1, T0 + LATER, order="1"))
    store.send(order(2, T0 + 2 * LATER, total="30"))
    store.bring_to(T0 + timedelta(days=400))

    told = story(store)

    assert told[2] == (
        "19 Jan 2026: 100 points earned on 5 Jan 2026 became spendable: the waiting time was over."
    )
    assert told[3] == "25 Jan 2026: 60 points spent for order 9, from those earned on 5 Jan 2026."
    assert told[4] == (
        "25 Jan 2026: 40 points taken back that rule base gave for order 1: goods of it came back."
    )
    assert told[5] == (
        "25 Jan 2026: 60 points could not be taken: they are owed, and the next ones earned pay them."
    )
    assert "28 Feb 2026: 30 points paid what was owed from earlier." in told
    assert len(told) == 11


def test_every_reason_that_a_long_history_gives_has_its_sentence(store: Store) -> None:
    results = store.send(*history(600))

    codes = {reason.code for result in results if result.decision for reason in reasons_of(result.decision)}
    assert len(codes) >= 12
    for language in LANGUAGES:
        assert codes <= words_of(language).sentences.keys()


def test_pages_of_entries_join_without_gap_or_overlap(store: Store) -> None:
    store.send(*history(80, members=2))
    member_id = member_id_of(store.brand.name, "c-1")

    def pages(*, newest_first: bool) -> list[EntryView]:
        found: list[EntryView] = []
        with connect(store.dsn) as conn:
            while True:
                after = found[-1].place if found else None
                page = entries_of(
                    conn,
                    store.brand,
                    store.timeline,
                    member_id,
                    after=after,
                    limit=7,
                    newest_first=newest_first,
                )
                if not page:
                    return found
                found += page

    forwards, backwards = pages(newest_first=False), pages(newest_first=True)
    assert [view.entry.number for view in forwards] == list(range(1, len(forwards) + 1))
    assert backwards == forwards[::-1]
    assert {view.reason is None for view in forwards if view.entry.kind != "pay_debt"} == {False}


def test_an_event_that_is_not_there_is_not_explained(store: Store) -> None:
    with pytest.raises(UnknownEvent):
        explained(store, "ord-1")
