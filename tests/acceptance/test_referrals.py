"""G3, C5: members invite others; what is suspicious is held, and nothing is paid before."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from acceptance.group_makers import carry, is_as_simulated, simulated
from acceptance.referral_makers import (
    CLUB,
    DAY,
    buys,
    club,
    decide,
    gives_back,
    joins,
    points,
    rounds,
    seen,
    why_held,
)
from bondfire.db import connect, retrying, transaction
from bondfire.errors import Conflict
from bondfire.events import EventError
from bondfire.journal import events_page
from bondfire.kit import member_id_of, show_id
from bondfire.members import Profile, claim_alias, normalise_alias, save_profile
from bondfire.referrals import follow_referrals, give_code
from journal.store_makers import T0, Store, event_of


@pytest.fixture
def store(shared_database: str) -> Store:
    """A brand that rewards referrals."""
    return club(shared_database)


FRIENDS = [joins("ann", 0), joins("bob", 1, by="ann"), buys("bob", 2)]
"""Ann invites Bob, who buys for 50 the day after."""


def test_g3_both_are_paid_once_the_first_order_was_kept_and_not_before(store: Store) -> None:
    store.send(*FRIENDS)
    rounds(store, until=15)
    before = points(store, "ann", "bob")

    rounds(store, until=16)

    assert before == [0, 0]
    assert points(store, "ann", "bob") == [500, 200]
    assert store.verified() == []
    later = [*FRIENDS, buys("zoe", 16)]
    assert simulated(store, *later).states["ann"].ledger.wallets["points"].active == 500


def test_g3_live_equals_simulated_and_replayed(store: Store) -> None:
    store.send(*FRIENDS)
    rounds(store, until=20)
    store.send(buys("zoe", 20))

    assert is_as_simulated(store, *FRIENDS, buys("zoe", 20))


@pytest.mark.parametrize(("back", "paid"), [(50, [0, 0]), (21, [0, 0]), (20, [500, 200])])
def test_g3_a_returned_first_order_cancels_the_pending_reward(
    store: Store, back: int, paid: list[int]
) -> None:
    store.send(*FRIENDS, gives_back("bob", 2, 10, back))

    rounds(store, until=30)
    store.send(buys("bob", 31))
    rounds(store, until=60)

    assert points(store, "ann", "bob") == paid
    assert store.verified() == []


def test_g3_a_return_after_the_window_takes_nothing_back_however_late_the_worker_is(store: Store) -> None:
    store.send(*FRIENDS, gives_back("bob", 2, 18, 50))

    rounds(store, until=30)

    assert points(store, "ann", "bob") == [500, 200]


def test_g3_a_cancelled_order_and_a_return_that_came_before_it_cancel_it_too(store: Store) -> None:
    cancelled = event_of("order.cancelled", T0 + 3 * DAY, member="bob", order="bob-2")
    early = event_of("order.cancelled", T0 + 4 * DAY, member="cid", order="cid-5")
    store.send(*FRIENDS, cancelled, joins("cid", 2, by="ann"), early, buys("cid", 5))

    rounds(store, until=30)

    assert points(store, "ann", "bob", "cid") == [0, 0, 0]


def test_g3_the_first_referrer_counts_and_only_before_the_first_order(store: Store) -> None:
    late = event_of("member.referred", T0 + 3 * DAY, member="bob", referrer="cid")
    known = [
        joins("dan", 0),
        buys("dan", 1),
        event_of("member.referred", T0 + 2 * DAY, member="dan", referrer="ann"),
    ]
    store.send(joins("cid", 0), *FRIENDS, late, *known, buys("dan", 3))

    rounds(store, until=30)

    assert points(store, "ann", "bob", "cid", "dan") == [500, 200, 0, 0]


def test_g3_a_small_order_or_a_late_one_does_not_count(store: Store) -> None:
    store.send(joins("ann", 0), joins("bob", 1, by="ann"), joins("cid", 1, by="ann"))
    store.send(buys("bob", 2, "29.99"), buys("bob", 20, "30.00"), buys("cid", 61))

    rounds(store, until=90)

    assert points(store, "ann", "bob", "cid") == [500, 200, 0]


def test_g3_limits_of_a_referrer_leave_what_the_new_member_gets(store: Store) -> None:
    friends = ["bob", "cid", "dan"]
    store.send(joins("ann", 0), *(joins(friend, 2 * i, by="ann") for i, friend in enumerate(friends)))
    store.send(*(buys(friend, 5) for friend in friends))

    rounds(store, until=30)

    assert points(store, "ann", *friends) == [1000, 200, 200, 200]


def test_g3_a_code_stands_for_its_member_and_says_nothing_of_them(store: Store) -> None:
    with connect(store.dsn) as conn, transaction(conn):
        ann = member_id_of(store.brand.name, "ann")
        code = give_code(conn, store.brand, ann, chance=lambda size: b"\x5a" * size, at=T0)
        again = give_code(conn, store.brand, ann, chance=lambda size: b"\x11" * size, at=T0)
    store.send(joins("ann", 0), joins("bob", 1, by=code.lower()), buys("bob", 2))

    rounds(store, until=20)

    assert (code, again) == ("LJNF-UWS2-LJNF-UWS2", code)
    assert points(store, "ann", "bob") == [500, 200]
    with connect(store.dsn) as conn:
        bob = member_id_of(store.brand.name, "bob")
        told = events_page(conn, store.brand, store.timeline, bob, before=None, limit=9)
    assert code not in str(told).upper()
    assert show_id("mem", ann) in str(told)


@pytest.mark.parametrize(
    ("ann", "bob", "reason"),
    [
        (Profile(email="Ann.Q@gmail.com"), Profile(email="annq+friend@GMAIL.com"), "same_email"),
        (Profile(phone="+49 30 123456"), Profile(phone="0049 30 123456"), "same_phone"),
        (
            Profile(data={"address": "Ashgrove Lane 7, Bonn"}),
            Profile(data={"address": {"street": "Ashgrove lane 7", "city": "Bonn"}}),
            "same_address",
        ),
    ],
)
def test_g3_one_person_twice_is_held_and_approved_or_rejected_by_a_person(
    store: Store, ann: Profile, bob: Profile, reason: str
) -> None:
    with connect(store.dsn) as conn, transaction(conn):
        for name, profile in (("ann", ann), ("bob", bob)):
            save_profile(conn, store.brand, member_id_of(store.brand.name, name), profile, updated_at=T0)
    store.send(*FRIENDS)

    rounds(store, until=40)
    held = points(store, "ann", "bob")
    why = why_held(store, "bob")
    decide(store, "bob", "approved", T0 + 40 * DAY)
    rounds(store)

    assert (held, why) == ([0, 0], (reason,))
    assert points(store, "ann", "bob") == [500, 200]
    assert why_held(store, "bob") == ()
    assert store.verified() == []


def test_g3_an_alias_of_the_referrer_in_the_profile_of_the_new_member_is_found(store: Store) -> None:
    with connect(store.dsn) as conn, transaction(conn):
        ann, bob = member_id_of(store.brand.name, "ann"), member_id_of(store.brand.name, "bob")
        claim_alias(conn, store.brand, ann, normalise_alias("email", "ann@mail.example"), claimed_at=T0)
        said = Profile(email="Ann+2@mail.example")
        save_profile(conn, store.brand, bob, said, updated_at=T0)
    store.send(*FRIENDS)
    rounds(store)

    assert why_held(store, "bob") == ("same_email",)


def test_g3_a_rejected_referral_is_never_paid(store: Store) -> None:
    store.send(joins("ann", 0, by="ann"), buys("ann", 1))
    rounds(store)
    why = why_held(store, "ann")

    decide(store, "ann", "rejected", T0 + 2 * DAY)
    rounds(store, until=40)

    assert why == ("same_member",)
    assert points(store, "ann") == [0]
    with pytest.raises(Conflict) as refusal:
        decide(store, "ann", "approved", T0 + 50 * DAY)
    assert refusal.value.code == "nothing_to_decide"
    assert seen(store, "ann").invited_by.decision == "looked into it (ada)"  # type: ignore[union-attr]


def test_g3_what_is_approved_early_is_paid_when_its_order_was_kept(store: Store) -> None:
    store.send(joins("ann", 0, by="ann"), buys("ann", 1))
    rounds(store)

    decide(store, "ann", "approved", T0 + 2 * DAY)
    rounds(store, until=14)
    before = points(store, "ann")
    rounds(store, until=15)

    assert (before, points(store, "ann")) == ([0], [700])


def test_g3_a_return_while_it_is_held_cancels_it_at_any_time(store: Store) -> None:
    store.send(joins("ann", 0, by="ann"), buys("ann", 1))
    rounds(store, until=30)

    store.send(gives_back("ann", 1, 40, 50))
    rounds(store)

    assert seen(store, "ann").invited_by.stage == "cancelled"  # type: ignore[union-attr]
    with pytest.raises(Conflict):
        decide(store, "ann", "approved", T0 + 50 * DAY)


def test_g3_a_ring_of_invitations_is_held(store: Store) -> None:
    ring = [event_of("member.referred", T0 + 3 * DAY, member="ann", referrer="cid")]
    events = [joins("ann", 0), joins("bob", 1, by="ann"), joins("cid", 2, by="bob"), *ring]
    store.send(*events, *(buys(member, 4) for member in ("ann", "bob", "cid")))

    rounds(store, until=40)

    assert why_held(store, "ann") == ("ring",)
    assert {why_held(store, "bob"), why_held(store, "cid")} == {("ring",)}
    assert points(store, "ann", "bob", "cid") == [0, 0, 0]
    live = simulated(store, *events, *(buys(member, 4) for member in ("ann", "bob", "cid")), buys("zoe", 40))
    assert [int(live.states[member].ledger.wallet("points").active) for member in ("ann", "bob")] == [0, 0]


def test_g3_points_that_come_round_to_the_referrer_are_a_ring_too(store: Store) -> None:
    gift = event_of("points.adjusted", T0, member="bob", unit="points", amount="9", reason="x", actor="ada")
    store.send(*FRIENDS, joins("cid", 0), gift)
    for sender, to, at in (("bob", "cid", 3), ("cid", "ann", 4)):
        store.send(event_of("points.sent", T0 + at * DAY, member=sender, to=to, unit="points", amount="9"))
        carry(store)

    rounds(store, until=20)

    assert why_held(store, "bob") == ("payment_ring",)
    assert points(store, "ann", "bob") == [9, 0]


def test_g3_a_burst_of_sign_ups_is_held_whole(store: Store) -> None:
    crowd = [f"m{number}" for number in range(4)]
    store.send(joins("ann", 0), *(joins(one, number * DAY / 8, by="ann") for number, one in enumerate(crowd)))
    store.send(joins("bob", 5, by="ann"), *(buys(one, 6) for one in (*crowd, "bob")))

    rounds(store, until=30)

    assert {why_held(store, one) for one in crowd} == {("burst",)}
    assert points(store, "ann", "bob", *crowd) == [500, 200, 0, 0, 0, 0]


def test_g3_who_names_nobody_is_held_and_can_be_let_through(store: Store) -> None:
    store.send(joins("bob", 1, by="nobody"), buys("bob", 2))

    rounds(store, until=20)
    held = why_held(store, "bob"), points(store, "bob")
    decide(store, "bob", "approved", T0 + 20 * DAY)
    rounds(store)

    assert held == (("unknown_referrer",), [0])
    assert points(store, "bob") == [200]


def test_c5_a_referral_is_paid_once_whatever_arrives_twice(store: Store) -> None:
    store.send(*FRIENDS, *FRIENDS)
    rounds(store, until=20)
    store.send(*FRIENDS)

    with connect(store.dsn) as conn, transaction(conn):
        conn.execute("DELETE FROM referral_position")
        conn.execute("DELETE FROM transfer_position")
    rounds(store)

    assert points(store, "ann", "bob") == [500, 200]
    assert store.verified() == []


def test_c5_workers_that_look_in_parallel_pay_a_referral_once(store: Store) -> None:
    friends = [f"m{number}" for number in range(8)]
    wide = club(store.dsn, CLUB.replace("  limits: {month: 2}\n  hold: {sign_ups: 3}\n", ""))
    wide.send(joins("ann", 0), *(joins(one, number, by="ann") for number, one in enumerate(friends)))
    wide.send(*(buys(one, 9) for one in friends))
    wide.bring_to(T0 + 30 * DAY)
    together = Barrier(4)

    def look(_: int) -> None:
        together.wait()

        def some() -> int:
            with connect(wide.dsn) as conn, transaction(conn):
                return follow_referrals(conn, wide.brand, wide.timeline, limit=3)

        while retrying(some):
            pass

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(look, range(4)))
    carry(wide)

    assert points(wide, "ann", *friends) == [4000, *[200] * 8]
    assert wide.verified() == []


def test_g3_nobody_can_send_what_only_bondfire_says() -> None:
    for kind in ("referral.checked", "referral.approved", "referral.rewarded"):
        with pytest.raises(EventError):
            event_of(kind, T0, reasons=[], reason="x", actor="y", referred="mem_x", version=1)


def test_g3_a_programme_without_referrals_pays_none(shared_database: str) -> None:
    plain = club(shared_database, CLUB[: CLUB.index("referrals:")])
    plain.send(*FRIENDS)

    assert rounds(plain, until=40) == 0
    assert points(plain, "ann", "bob") == [0, 0]
