"""G1: two accounts of one person become one, and everything of either is there once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from acceptance.group_makers import DAY, GIFTS, carry, earned, lots, sent, total
from acceptance.merge_makers import LATER, MANY, active, holds_together, merge, view
from bondfire.db import connect, retrying, transaction
from bondfire.errors import BondfireError
from bondfire.events import Event, parse_event
from bondfire.journal import explain_event, explain_member, import_events, process_events
from bondfire.kit import member_id_of, show_id
from bondfire.members import (
    Alias,
    Consent,
    Profile,
    claim_alias,
    find_by_alias,
    read_aliases,
    read_consents,
    read_profile,
    record_consent,
    save_profile,
)
from journal.store_makers import T0, Store, back, captured, event_of, held, order, spent, store_of

A, B, C = (member_id_of("kaminrot", name) for name in "abc")


def test_g1_fifty_and_a_hundred_make_a_hundred_and_fifty_with_their_ends_and_sources(database: str) -> None:
    store = store_of(database, GIFTS)
    store.send(earned("a", 0, 50), earned("b", 40, 100))

    merged = merge(store)

    assert (merged.is_new, int(merged.came_over["points"]), active(store, "b")) == (True, 50, 150)
    assert lots(store, "b") == [(50, "2026-01-05", "2026-07-31"), (100, "2026-02-14", "2026-08-31")]
    assert [lot.rule for lot in view(store, "b").wallets["points"].lots] == ["base", "base"]
    wallet = view(store, "b").wallets["points"]
    assert (int(wallet.issued), int(wallet.in_transit), int(total(store).issued)) == (150, 0, 150)
    assert holds_together(store)


def test_g1_later_events_for_the_one_go_to_the_other_and_what_came_before_is_known(database: str) -> None:
    store = store_of(database, GIFTS)
    store.send(earned("a", 0, 50), earned("b", 1, 100))
    merge(store)

    again, other, fresh = store.send(
        earned("a", 0, 50), order("a-0", T0, total=51, member="a"), earned("a", 61, 7)
    )
    import_events(store.dsn, store.brand, store.timeline, [earned("a", 0, 50), earned("a", 62, 3)], workers=1)
    twice, by_id = store.send(earned("b", 61, 7), earned(show_id("mem", A), 63, 2))

    assert (again.outcome, other.code, fresh.outcome) == ("duplicate", "identity_conflict", "accepted")
    assert {one.member_id for one in (again, other, fresh, twice)} == {B}
    assert (twice.outcome, active(store, "a"), active(store, "b")) == ("accepted", 167, 167)
    assert by_id.member_id != A
    assert holds_together(store)


def test_g1_a_return_of_what_the_one_bought_takes_it_back_from_the_other(database: str) -> None:
    store = store_of(database, GIFTS)
    store.send(earned("a", 0, 50), earned("b", 1, 100), earned("a", 2, 30))
    store.send(back(1, T0 + 3 * DAY, order="a-0", member="a", total="20"))
    merge(store)

    named, bare = store.send(
        back(2, LATER + DAY, order="a-0", member="b"), back(3, LATER + DAY, member="b", total="30")
    )
    (too_much,) = store.send(back(4, LATER + DAY, order="a-0", member="a", total="1"))
    (placed_again,) = store.send(order("a-2", LATER, member="b", id="other"))

    assert (named.outcome, bare.outcome, active(store, "b")) == ("accepted", "accepted", 100)
    assert (too_much.code, placed_again.code) == ("return_too_large", "order_exists")
    assert holds_together(store)


def test_g1_what_was_paid_with_points_goes_back_to_its_lots_after_the_merge(database: str) -> None:
    store = store_of(database, GIFTS)
    store.send(earned("a", 0, 50), earned("b", 1, 100), earned("a", 40, 60))
    store.send(
        spent(1, T0 + 41 * DAY, 70, member="a", order="x"), spent(1, T0 + 41 * DAY, 5, member="b", order="y")
    )
    merge(store)

    given_back = {"unit": "points", "member": "b"}
    by_order, by_name = store.send(
        event_of("points.restored", LATER, id="r1", amount="70", order="x", **given_back),
        event_of("points.restored", LATER, id="r2", amount="5", spend="sp-1", **given_back),
    )

    assert (by_order.outcome, by_name.outcome) == ("accepted", "accepted")
    assert [(left, earned_on) for left, earned_on, _ in lots(store, "b")] == [
        (50, "2026-01-05"),
        (100, "2026-01-06"),
        (60, "2026-02-14"),
    ]
    assert int(view(store, "b").wallets["points"].spent) == 0
    assert holds_together(store)


def test_g1_holds_pending_points_and_debts_come_along(database: str) -> None:
    store = store_of(database, MANY)
    store.send(earned("a", 0, 50), earned("b", 1, 90), earned("a", 58, 40))
    store.send(held(1, T0 + 59 * DAY, 20, member="a", until=(LATER + 9 * DAY).isoformat()))
    store.send(spent(2, T0 + 59 * DAY, 80, member="b"), back(1, T0 + 59 * DAY, order="b-1", member="b"))
    before = view(store, "b").wallets["points"]

    merge(store)

    wallet = view(store, "b").wallets["points"]
    assert int(before.debt) == 80
    assert [int(one) for one in (wallet.active, wallet.pending, wallet.held, wallet.debt)] == [0, 45, 20, 50]
    (paid,) = store.send(captured(1, LATER + DAY, member="a"))
    store.bring_to(LATER + 20 * DAY)
    wallet = view(store, "b").wallets["points"]
    assert (paid.outcome, int(wallet.held), int(wallet.debt), int(wallet.active)) == ("accepted", 0, 5, 0)
    assert holds_together(store)


def test_g1_a_parked_return_finds_the_purchase_of_the_other_account(database: str) -> None:
    store = store_of(database, GIFTS)
    store.send(earned("a", 0, 50), earned("b", 0, 100), earned("b", 1, 7))
    store.send(
        back(1, T0 + DAY, order="b-0", member="a"),
        back(2, T0 + DAY, order="a-0", member="b", total="20"),
        back(3, T0 + DAY, order="late", member="a", total="4"),
    )

    merge(store)
    after = active(store, "b")
    store.send(order("late", LATER + DAY, total=9, member="b"))

    assert (after, active(store, "b")) == (37, 42)
    assert holds_together(store)


def test_g1_uses_of_a_cap_add_up(database: str) -> None:
    store = store_of(database, MANY)
    reviews = [
        event_of("review.submitted", T0 + 50 * DAY, id=f"rv-{who}", member=who, rating=5) for who in "ab"
    ]
    store.send(earned("b", 1, 5), earned("a", 1, 5), *reviews)
    merge(store, at=T0 + 51 * DAY)

    (third,) = store.send(event_of("review.submitted", T0 + 52 * DAY, id="rv-c", member="a", rating=5))
    gone, fourth = store.send(
        event_of("review.removed", T0 + 53 * DAY, id="gone", review="rv-a", member="b"),
        event_of("review.submitted", T0 + 53 * DAY, id="rv-d", member="b", rating=5),
    )

    assert third.decision is not None
    assert [reason.code for reason in third.decision.told] == ["cap_reached"]
    assert gone.outcome == "accepted"
    assert fourth.decision is not None
    assert [int(entry.amount) for entry in fourth.decision.entries] == [10]
    assert holds_together(store)


def test_g1_what_qualifies_adds_up_and_the_higher_tier_holds_until_its_rules_end_it(database: str) -> None:
    store = store_of(database, MANY)
    granted = {"tier_set": "flame", "tier": "fire", "until": (LATER + 30 * DAY).isoformat()}
    store.send(earned("a", 0, 60), earned("b", 0, 70), earned("a", 1, 1))
    store.send(event_of("tier.granted", T0 + DAY, member="a", reason="match", actor="ann", **granted))

    merged = merge(store)

    assert [(one.tier_set, one.after) for one in merged.tier_changes] == [("flame", "fire")]
    tiers = view(store, "b").tiers
    assert (tiers["flame"].tier, tiers["guest"].tier, int(tiers["flame"].credits)) == ("fire", "new", 131)
    store.bring_to(LATER + 31 * DAY)
    assert view(store, "b").tiers["flame"].tier == "flame"
    store.bring_to(T0 + 800 * DAY)
    assert view(store, "b").tiers["flame"].tier == "spark"
    assert holds_together(store)


def test_g1_challenges_unite_and_each_step_and_badge_is_given_once(database: str) -> None:
    store = store_of(database, MANY)
    bought = {"total": "10"}
    store.send(
        *(
            order(f"{who}-{day}", T0 + day * DAY, member=who, categories=[word], **bought)
            for who, day, word in _SHELVES
        )
    )

    merge(store)

    store.bring_to(LATER + 30 * DAY)
    seen = view(store, "b")
    assert (seen.challenges["three_worlds"].times, list(seen.badges)) == (1, ["explorer"])
    assert [given for _, given in seen.challenges["four"].steps] == [True, True]
    assert active(store, "b") == 4 * 10 + 200 + 5 + 5 + 7
    store.send(back(1, LATER + 31 * DAY, order="a-0", member="a"))
    seen = view(store, "b")
    assert (seen.challenges["three_worlds"].times, list(seen.badges)) == (0, ["explorer"])
    assert active(store, "b") == 3 * 10 + 5 + 5
    assert holds_together(store)


_SHELVES = [("a", 0, "shoes"), ("a", 1, "hats"), ("b", 2, "hats"), ("b", 3, "bags")]


def test_g1_attributes_profile_aliases_and_consents_are_reconciled(database: str) -> None:
    store = store_of(database, MANY)
    for who, known in (("a", {"size": "S", "city": "Bonn"}), ("b", {"size": "M"})):
        raw = {"id": who, "type": "member.joined", "member": who, "occurred_at": T0.isoformat()}
        store.send(parse_event(raw | {"attributes": known}, store.timeline.newest.program.catalogue))
    with connect(database) as conn, transaction(conn):
        for member, name, phone in ((A, "Ann", "+4930123456"), (B, None, None)):
            save_profile(conn, store.brand, member, Profile(name=name, phone=phone), updated_at=T0)
        claim_alias(conn, store.brand, A, Alias("card", "7004 1234"), claimed_at=T0)
        for member, kind, granted, day in _CONSENTS:
            said = Consent(
                kind=kind, granted=granted, text_version="1", recorded_at=T0 + day * DAY, source="till"
            )
            record_consent(conn, store.brand, member, said)

    merged = merge(store)

    with connect(database) as conn:
        profile, consents = read_profile(conn, store.brand, B), read_consents(conn, store.brand, B)
        found = find_by_alias(conn, store.brand, "card", "70041234")
        left = read_profile(conn, store.brand, A), read_aliases(conn, store.brand, A)
        left_consents = read_consents(conn, store.brand, A).history
    assert view(store, "a").attributes == {"size": "M", "city": "Bonn"}
    assert (profile.name, profile.phone, found) == ("Ann", "+4930123456", B)
    assert (left, left_consents) == ((Profile(), []), ())
    assert {kind: one.granted for kind, one in consents.current.items()} == {
        "email": False,
        "post": False,
        "sms": True,
    }
    assert [(one.kind, one.source) for one in merged.withdrawn] == [
        ("email", f"merge of {show_id('mem', A)}: that account, till"),
        ("post", f"merge of {show_id('mem', A)}: this account, till"),
    ]
    assert len(consents.history) == len(_CONSENTS) + 2


_CONSENTS = [
    (A, "email", False, 1),
    (B, "email", True, 2),
    (A, "post", True, 3),
    (B, "post", False, 1),
    (A, "sms", True, 1),
]


def test_g1_along_a_chain_everything_finds_the_last(database: str) -> None:
    store = store_of(database, GIFTS)
    store.send(earned("a", 0, 50), earned("b", 0, 100), earned("c", 0, 20))
    merge(store, "a", "b")
    store.send(earned("a", 61, 5))
    merge(store, "b", "c", at=LATER + 2 * DAY)

    again, fresh = store.send(earned("a", 0, 50), earned("a", 63, 1))
    returned, also = store.send(
        back(1, LATER + 4 * DAY, order="a-0", member="a"), back(2, LATER + 4 * DAY, order="b-0", member="c")
    )

    assert (again.outcome, again.member_id, fresh.member_id) == ("duplicate", C, C)
    assert (returned.outcome, also.outcome) == ("accepted", "accepted")
    assert [active(store, name) for name in "abc"] == [26, 26, 26]
    assert holds_together(store)


def test_g1_points_under_way_to_and_from_the_merged_account_arrive(database: str) -> None:
    store = store_of(database, GIFTS)
    store.send(earned("a", 0, 50), earned("b", 1, 100), earned("c", 1, 30))
    store.send(
        sent(1, 50, 10, member="c", to="a"),
        sent(2, 51, 20, member="a", to="nobody"),
        sent(3, 52, 5, member="a", to="b"),
    )
    merge(store)

    carry(store)

    assert (active(store, "b"), active(store, "c"), int(total(store).in_transit)) == (160, 20, 0)
    assert (50, "2026-01-05", "2026-07-31") in [
        (left + 5, earned_on, ends_on) for left, earned_on, ends_on in lots(store, "b")
    ]
    assert holds_together(store)


def test_g1_done_again_it_changes_nothing_and_a_dry_run_says_what_would_be(database: str) -> None:
    store = store_of(database, GIFTS)
    store.send(earned("a", 0, 60), earned("b", 1, 90))
    before = store.digest()

    would = merge(store, dry_run=True)
    untouched = store.digest(), active(store, "a"), active(store, "b")
    done = merge(store)
    after = store.digest()
    again, reverse = merge(store), merge(store, "b", "a")

    assert (would, untouched) == (done, (before, 60, 90))
    assert [one.after for one in would.tier_changes] == ["flame"]
    assert (again.is_new, reverse.is_new, reverse.survivor, store.digest()) == (False, False, B, after)


@pytest.mark.parametrize(
    ("pair", "code", "next_step"),
    [
        (("a", "a"), "same_member", "two accounts"),
        (("x", "b"), "unknown_member", "reference"),
        (("a", "x"), "unknown_member", "reference"),
        (("gone", "b"), "member_erased", "nothing personal"),
        (("b", "gone"), "member_erased", "nothing personal"),
        (("old", "b"), "member_merged", "merge mem_"),
        (("a", "rich"), "overflow", "amounts"),
    ],
)
def test_g1_what_cannot_be_merged_is_refused_and_nothing_moves(
    shared_books: Callable[[], Store], pair: tuple[str, str], code: str, next_step: str
) -> None:
    store = shared_books()
    before = store.digest()

    with pytest.raises(BondfireError) as refusal:
        merge(store, *pair)

    assert (refusal.value.code, store.digest()) == (code, before)
    assert next_step in refusal.value.next_step


@pytest.fixture(scope="module")
def shared_books(shared_database: str) -> Callable[[], Store]:
    """A brand in which some cannot be merged."""
    from bondfire.privacy import erase_member

    store = store_of(shared_database, GIFTS)
    store.send(*(earned(name, 0, 10) for name in ("a", "b", "gone", "old", "c")))
    store.send(earned("rich", 0, 10**15 - 5))
    merge(store, "old", "c")
    with connect(store.dsn) as conn, transaction(conn):
        erase_member(conn, store.brand, store.timeline, "gone", at=T0 + DAY, reason="asked", actor="ann")
    return lambda: store


def test_g1_crossing_merges_do_not_deadlock_and_one_of_them_is_done(database: str) -> None:
    store = store_of(database, GIFTS)
    names = [f"m-{number}" for number in range(6)]
    store.send(*(earned(name, 0, 10) for name in names))
    barrier = Barrier(6)

    def cross(place: int) -> bool:
        one, other = names[place - place % 2], names[place - place % 2 + 1]
        barrier.wait()
        pair = (one, other) if place % 2 else (other, one)
        return retrying(lambda: merge(store, *pair)).is_new

    with ThreadPoolExecutor(6) as threads:
        done = list(threads.map(cross, range(6)))

    assert sorted(done) == [False] * 3 + [True] * 3
    assert [active(store, name) for name in names] == [20] * 6
    assert holds_together(store)


def test_g1_a_merge_under_load_of_events_for_both_loses_nothing(database: str) -> None:
    store = store_of(database, GIFTS)
    store.send(earned("a", 0, 1), earned("b", 0, 1))
    barrier = Barrier(5)

    def shop(till: int) -> int:
        barrier.wait()
        with connect(store.dsn) as conn:
            for number in range(25):
                member = "a" if (till + number) % 2 else "b"
                event = order(f"{till}-{number}", T0 + DAY, total=2, member=member)

                def decide(event: Event = event) -> None:
                    with transaction(conn):
                        process_events(conn, store.brand, store.timeline, [event])

                retrying(decide)
        return 25

    def office(_: int) -> int:
        barrier.wait()
        retrying(lambda: merge(store))
        return 0

    with ThreadPoolExecutor(5) as threads:
        sold = threads.map(shop, range(4))
        merged = threads.map(office, range(1))
        bought = sum(sold) + sum(merged)

    assert (bought, active(store, "b")) == (100, 202)
    assert view(store, "b").statistics.orders == 102
    assert holds_together(store)


def test_g1_the_story_names_the_other_account_which_still_tells_its_own(database: str) -> None:
    store = store_of(database, GIFTS)
    store.send(earned("a", 0, 50), earned("b", 1, 100))
    merge(store)

    with connect(store.dsn) as conn:
        told, formerly = (
            [
                one.sentence.partition(": ")[2]
                for one in explain_member(conn, store.brand, store.timeline, member_id)
                if one.view.entry.unit == "points"
            ]
            for member_id in (B, A)
        )
        first = explain_event(
            conn, store.brand, store.timeline, member_id=B, source="shop", event_id="ord-a-0"
        )

    assert told[1] == (
        f"50 points came over from {show_id('mem', A)}, earned on 5 Jan 2026 there; expires 1 Aug 2026."
    )
    assert formerly[1] == f"50 points went over to {show_id('mem', B)}, those earned on 5 Jan 2026."
    assert (first.member_id, view(store, "b").formerly) == (A, [A])
