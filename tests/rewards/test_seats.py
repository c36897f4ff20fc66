"""Seats of events: tickets are checked in once, who waits longest moves up, an empty seat is a no-show."""

from datetime import timedelta

import pytest

from bondfire.db import connect, transaction
from bondfire.errors import BondfireError
from bondfire.privacy import erase_member
from bondfire.rewards import (
    Got,
    NoCode,
    NoRedemption,
    SoldOut,
    cancel,
    catalogue_for,
    end_claims,
    mark_missed,
    move_up,
    redeem_or_wait,
    release,
    renew_code,
    use_code,
    wait,
)
from rewards.makers import Club, bytes_of, club_of, wish_for

REWARDS = """
rewards:
  atelier:
    kind: event
    price: {points: 100}
    seats: 2
    waiting_list: true
    at: 2026-03-10T19:00
    no_show: give_back
  backstage: {kind: event, price: {points: 50}, seats: 5, at: 2026-03-10T19:00}
  talk: {kind: event, price: {points: 10}, seats: 1}
challenges:
  guest: {on: reward.used, when: event.redemption != '', target: 1, badge: guest}
"""
DAY = timedelta(days=1)
BEFORE = timedelta(days=9, hours=6)
"""From the first of March until the doors of the tenth are open."""


@pytest.fixture
def club(shared_database: str) -> Club:
    """Four people with a thousand points each."""
    club = club_of(shared_database, REWARDS)
    club.earn("ann", "ben", "cem", "dora")
    return club


def want(club: Club, member: str, reward: str = "atelier", quantity: int = 1) -> Got:
    wish = wish_for(reward, quantity=quantity)
    return club.at_desk(member, lambda desk: redeem_or_wait(desk, wish, random=bytes_of(wish)))


def moved_up(club: Club) -> int:
    moves = 0
    with connect(club.dsn) as conn:
        while True:
            with transaction(conn):
                if not move_up(conn, club.brand, club.timeline, now=club.now, random=moves.to_bytes(10)):
                    return moves
            moves += 1


def call_off(club: Club, member: str, got: Got) -> None:
    name = got.redeemed.event
    club.at_desk(member, lambda desk: cancel(desk, name, event=f"{name}/x", reason="ill", actor="ada"))


def check_in(club: Club, code: str) -> str:
    with connect(club.dsn) as conn, transaction(conn):
        return use_code(conn, club.brand, club.timeline, code, now=club.now)[1].status


def missed(club: Club, reward: str) -> int:
    marked = 0
    with connect(club.dsn) as conn:
        while True:
            with transaction(conn):
                if not mark_missed(
                    conn, club.brand, club.timeline, reward, now=club.now, reason="empty", actor="ada"
                ):
                    return marked
            marked += 1


def test_who_waits_longest_moves_up_and_has_paid(club: Club) -> None:
    got = {name: want(club, name) for name in ("ann", "ben", "cem", "dora")}
    assert [got[name].redeemed.status for name in got] == ["taken", "taken", "waiting", "waiting"]
    assert (club.active("cem"), club.taken("atelier"), moved_up(club)) == (900, (2, 2), 0)

    call_off(club, "ann", got["ann"])
    assert club.active("ann") == 1000
    with pytest.raises(SoldOut):
        club.redeem("ann", "atelier")
    assert (moved_up(club), club.taken("atelier")) == (1, (2, 1))
    assert (club.statuses("cem"), club.statuses("dora")) == ([("atelier", "taken")], [("atelier", "waiting")])
    assert club.seen("cem").ledger.wallet("points").spent == 100
    assert club.is_true()


def test_whoever_waits_no_longer_is_passed_over(club: Club) -> None:
    got = {name: want(club, name) for name in ("ann", "ben", "cem", "dora")}
    name = got["cem"].redeemed.event
    club.at_desk("cem", lambda desk: release(desk, name, event=f"{name}/r"))
    assert (club.active("cem"), club.taken("atelier")) == (1000, (2, 1))
    call_off(club, "ann", got["ann"])
    call_off(club, "ben", got["ben"])
    assert (moved_up(club), club.taken("atelier")) == (1, (1, 0))
    assert club.statuses("dora") == [("atelier", "taken")]
    assert club.is_true()


def test_the_first_in_line_who_wants_two_is_not_overtaken(club: Club) -> None:
    first = want(club, "ann")
    pair = want(club, "ben", quantity=2)
    assert (pair.redeemed.status, moved_up(club)) == ("waiting", 0)
    assert want(club, "cem").redeemed.status == "waiting"
    call_off(club, "ann", first)
    assert moved_up(club) == 1
    assert club.statuses("ben") == [("atelier", "taken")]


def test_waiting_ends_when_the_event_begins(club: Club) -> None:
    for name in ("ann", "ben", "cem"):
        want(club, name)
    club.now += BEFORE
    assert (club.active("cem"), club.statuses("cem")) == (1000, [("atelier", "ended")])
    with connect(club.dsn) as conn, transaction(conn):
        assert end_claims(conn, club.brand, now=club.now) == 1
    assert club.taken("atelier") == (2, 0)


def test_there_is_no_waiting_for_what_has_no_list(club: Club) -> None:
    want(club, "ann", "talk")
    with pytest.raises(BondfireError, match="no waiting list"):
        want(club, "ben", "talk")
    with pytest.raises(BondfireError, match="no waiting list"):
        club.at_desk("ben", lambda desk: wait(desk, wish_for("talk")))
    assert (club.active("ben"), club.taken("talk")) == (1000, (1, 0))


def test_a_ticket_is_checked_in_once_however_it_is_typed(club: Club) -> None:
    ticket = want(club, "ann").code
    assert ticket is not None
    with pytest.raises(BondfireError, match="begins 2026-03-10 19:00"):
        check_in(club, ticket)
    club.now += BEFORE
    typed = ticket.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert check_in(club, typed) == "used"
    assert list(club.seen("ann").badges) == ["guest"]
    for again in (ticket, "0000-0000-0000-0000", "nonsense", ""):
        with pytest.raises(NoCode) as refused:
            check_in(club, again)
        assert (str(refused.value.message), refused.value.code) == (
            "This code cannot be used.",
            "code_not_valid",
        )
    assert club.is_true()


def test_a_ticket_of_another_brand_opens_nothing(club: Club, shared_database: str) -> None:
    other = club_of(shared_database, REWARDS)
    other.earn("ann")
    ticket = want(other, "ann", "talk").code
    assert ticket is not None
    with pytest.raises(NoCode):
        check_in(club, ticket)
    assert check_in(other, ticket) == "used"


def test_a_lost_ticket_is_made_again_and_the_old_one_is_void(club: Club) -> None:
    got = want(club, "ann", "talk")
    assert got.code is not None
    name = got.redeemed.event
    again = club.at_desk("ann", lambda desk: renew_code(desk, name, random=b"another___")).code
    assert again not in {None, got.code}
    with pytest.raises(NoCode):
        check_in(club, got.code)
    assert check_in(club, str(again)) == "used"
    with pytest.raises(NoRedemption):
        club.at_desk("ann", lambda desk: renew_code(desk, name, random=b"another___"))


def test_a_cancelled_ticket_opens_nothing_and_a_used_one_is_not_cancelled(club: Club) -> None:
    ann, ben = want(club, "ann", "backstage"), want(club, "ben", "backstage")
    call_off(club, "ann", ann)
    club.now += BEFORE
    with pytest.raises(NoCode):
        check_in(club, str(ann.code))
    check_in(club, str(ben.code))
    with pytest.raises(BondfireError, match="is used"):
        call_off(club, "ben", ben)
    assert club.active("ben") == 950


def test_seats_that_stayed_empty_are_no_shows_by_the_policy(club: Club) -> None:
    came = want(club, "ann")
    for name, reward in (("ben", "atelier"), ("cem", "backstage")):
        want(club, name, reward)
    with pytest.raises(BondfireError, match="not begun"):
        missed(club, "atelier")
    club.now += BEFORE - timedelta(hours=1)
    check_in(club, str(came.code))
    club.now += DAY
    assert (missed(club, "atelier"), missed(club, "backstage"), missed(club, "atelier")) == (1, 1, 0)
    assert (club.statuses("ann"), club.statuses("ben")) == ([("atelier", "used")], [("atelier", "missed")])
    assert (club.active("ann"), club.active("ben"), club.active("cem")) == (900, 1000, 950)
    assert club.is_true()


def test_a_ticket_that_came_by_the_list_can_be_missed_too(club: Club) -> None:
    ann = want(club, "ann")
    want(club, "ben")
    want(club, "cem")
    call_off(club, "ann", ann)
    assert moved_up(club) == 1
    club.now += BEFORE + DAY
    assert missed(club, "atelier") == 2
    assert club.statuses("cem") == [("atelier", "missed")]


def test_a_member_sees_what_is_left_and_why_not(club: Club) -> None:
    want(club, "ann", "talk")
    with connect(club.dsn) as conn, transaction(conn):
        member = club.member("dora")
        offers = catalogue_for(conn, club.brand, club.timeline, member, now=club.now)
        club.now += 30 * DAY
        later = catalogue_for(conn, club.brand, club.timeline, member, now=club.now)
    assert [(one.reward.name, one.left.left) for one in offers] == [
        ("talk", 0),
        ("backstage", 5),
        ("atelier", 2),
    ]
    assert [one.refusal for one in offers] == [None, None, None]
    assert [one.reward.name for one in later] == ["talk"]


def test_a_person_who_was_erased_is_passed_over(club: Club) -> None:
    ann = want(club, "ann")
    for name in ("ben", "cem", "dora"):
        want(club, name)
    with connect(club.dsn) as conn, transaction(conn):
        erase_member(conn, club.brand, club.timeline, "cem", at=club.now, reason="asked", actor="ada")
    call_off(club, "ann", ann)
    assert (moved_up(club), club.taken("atelier")) == (2, (2, 0))
    assert club.statuses("dora") == [("atelier", "taken")]
    assert club.is_true()
