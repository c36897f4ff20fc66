"""G1: rewards, coupons, invitations, leaderboards, games and what waits for a person come over too, once."""

from datetime import timedelta
from typing import Any

import pytest

from acceptance.group_makers import carry
from acceptance.merge_makers import active, holds_together, merge, view
from acceptance.referral_makers import CLUB, DAY, buys, club, gives_back, joins, points, rounds, seen
from bondfire.coupons import Terms, create_codes
from bondfire.creators import decide_content, follow_creators, give_tracked_code
from bondfire.db import connect, transaction
from bondfire.engine import MemberState
from bondfire.engine.caps import award_cap, caps_of, referral_limits, window_of
from bondfire.errors import BondfireError
from bondfire.games import PlayAsked, commit, commitment_of, play, prove
from bondfire.journal import Decided, replay, see_member
from bondfire.kit import member_id_of, show_id
from bondfire.leaderboards import BoardPage, board_page, close_boards, make_pseudonyms
from bondfire.programs import load_program
from bondfire.referrals import busiest_referrers
from bondfire.review import decide_award, follow_awards, held_awards
from bondfire.rewards import cancel, capture, move_up, redeem_or_wait, release, use_code
from coupons.makers import Shop, basket, shop_of
from journal.store_makers import T0, Store, back, event_of, order
from rewards.makers import Club, bytes_of, club_of, wish_for

REWARDS = """
rewards:
  tote: {price: {points: 200, stars: 1}, stock: 5, limit: {times: 2}}
  seat: {kind: event, price: {points: 30}, seats: 1, waiting_list: true}
  five_off: {kind: voucher, price: {points: 100}}
"""
PLAYS = """
program: plain
brand: kaminrot
timezone: Europe/Berlin
currency: EUR
units: {points: {}}
earn: {base: {on: order.placed, award: {points: floor(event.total)}}}
leaderboards:
  spenders: {by: spend, per: month, scores: true, prizes: [{rank: 1, award: {points: 500}}]}
  days: {by: visits, per: month, scores: true}
  quiet: {by: visits, per: month, scores: true}
games:
  wheel:
    price: {points: 10}
    limits: {plays: 4, per: month}
    prizes: {small: {odds: 1/2, award: {points: 1}}, thanks: {odds: 1/2, award: {points: 1}}}
"""
REVIEWED = """
program: hearth-club
brand: kaminrot
timezone: Europe/Berlin
currency: EUR
units: {points: {}}
earn: {base: {on: order.placed, award: {points: floor(event.total)}}}
review: {awards: {points: 100, per: day}}
"""
CREATORS = """
program: hearth-club
brand: kaminrot
timezone: Europe/Berlin
currency: EUR
units: {points: {}}
earn:
  by_code: {on: creator.credited, award: {points: floor(event.total)}}
  content: {on: content.approved, award: {points: 300}}
creators: {after: 14 days}
"""
FUNDED = """
program: plain
brand: kaminrot
timezone: Europe/Berlin
currency: EUR
units: {points: {}}
budgets: {pot: {unit: points, amount: 100}}
challenges:
  four: {on: order.placed, target: 4, award: {points: 70}, budget: pot}
"""
SEED = bytes(range(32))
NOW = T0 + DAY
FEBRUARY = T0 + 27 * DAY


def store_in(one: Club | Shop) -> Store:
    """The same for those who look at members."""
    return Store(one.dsn, one.brand, one.timeline)


def united(one: Club, former: str = "ann", into: str = "ben") -> Store:
    """Two members of a club become one, now."""
    store = store_in(one)
    merge(store, former, into, at=one.now)
    return store


def is_told_again(store: Store) -> bool:
    """Whether all that is stored follows from the journal, to the bit."""
    again = replay(store.dsn, store.brand, store.timeline)
    return store.verified() == [] and again.differences == [] and again.digest == store.digest()


def test_g1_a_held_reward_is_captured_after_the_merge_and_counts_for_the_limit(shared_database: str) -> None:
    club = club_of(shared_database, REWARDS)
    club.earn("ben", points=500)
    club.earn("ann", points=500)
    name = club.redeem("ann", "tote", until=timedelta(days=2), quantity=2).redeemed.event
    over = club.redeem("ben", "tote", until=timedelta(days=1)).redeemed.event
    store = united(club)

    wallet = view(store, "ben").wallets["points"]
    assert [int(one) for one in (wallet.active, wallet.held)] == [400, 600]
    assert is_told_again(store)
    club.now += timedelta(hours=30)
    one = club.at_desk(
        "ben", lambda desk: capture(desk, name, event="c1", quantity=1, random=bytes(10))
    ).redeemed
    with pytest.raises(BondfireError, match="may have 2 of 'tote'"):
        club.redeem("ben", "tote")
    club.at_desk("ben", lambda desk: release(desk, name, event="r1"))

    wallet = view(store, "ben").wallets["points"]
    assert [int(each) for each in (wallet.active, wallet.held, wallet.spent)] == [800, 0, 200]
    assert (one.taken, one.open, club.active("ben", "stars")) == (1, 1, 9)
    assert {(each.event, each.status) for each in club.seen("ben").rewards} == {
        (name, "taken"),
        (over, "ended"),
    }
    assert is_told_again(store)


def test_g1_what_was_taken_goes_back_to_the_lots_it_came_from(shared_database: str) -> None:
    club = club_of(shared_database, REWARDS)
    club.earn("ben", "ann", points=300)
    say: dict[str, Any] = {"type": "reward.redeemed", "reward": "five_off", "quantity": 1, "id": "same"}
    club.send({**say, "member": "ann"}, {**say, "member": "ben"})
    store = united(club)

    assert [one.event for one in club.seen("ben").rewards] == [
        "same",
        f"same of {show_id('mem', club.member('ann'))}",
    ]
    named = f"same of {show_id('mem', club.member('ann'))}"
    club.at_desk("ben", lambda desk: cancel(desk, named, event="x", reason="so", actor="ada"))

    assert active(store, "ben") == 500
    assert is_told_again(store)


def test_g1_whoever_waited_moves_up_and_a_vouchers_code_works(shared_database: str) -> None:
    club = club_of(shared_database, REWARDS)
    club.earn("ann", "ben", "cem", points=200)
    taken = club.redeem("cem", "seat").redeemed.event
    wish = wish_for("seat")
    club.at_desk("ann", lambda desk: redeem_or_wait(desk, wish, random=bytes_of(wish)))
    code = str(club.redeem("ann", "five_off").code)
    store = united(club)
    assert is_told_again(store)

    club.at_desk("cem", lambda desk: cancel(desk, taken, event="x", reason="so", actor="ada"))
    with connect(club.dsn) as conn, transaction(conn):
        assert move_up(conn, club.brand, club.timeline, now=club.now, random=bytes(10))
    with connect(club.dsn) as conn, transaction(conn):
        who, used = use_code(conn, club.brand, club.timeline, code, now=club.now)

    assert (who, used.status) == (club.member("ben"), "used")
    assert dict(club.statuses("ben")) == {"seat": "taken", "five_off": "used"}
    assert club.active("ben") == 400 - 100 - 30
    assert is_told_again(store)


def test_g1_a_coupon_is_the_survivors_and_is_withdrawn_with_the_order_that_brought_it(
    shared_database: str,
) -> None:
    shop = shop_of(shared_database, name="merging")
    store = shop.store
    for who, number, total in (("a", "1", 100), ("b", "1", 100), ("a", "2", 150), ("b", "3", 10)):
        store.send(order(number, T0, id=f"{who}-{number}", member=who, total=total))
    mine = Terms("tenth", "hers alone", T0)
    with connect(shop.dsn) as conn, transaction(conn):
        her = [member_id_of(shop.brand.name, "a")]
        (code,) = create_codes(
            conn, shop.brand, shop.timeline.newest.program, mine, holders=her, chance=bytes
        )
    stranger = shop.evaluate(basket("5", "100.00", code, member="b", at=T0 + DAY)).priced.offered[0]
    merge(store, at=T0 + DAY)

    assert stranger.refusal is not None
    assert (len(coupons(shop)), issued(shop)) == (3, 3)
    store.send(back(1, T0 + 2 * DAY, order="2", member="a", total="100"))
    store.send(back(2, T0 + 2 * DAY, order="1", member="b", total="100"))
    assert (issued(shop), is_told_again(store)) == (1, True)
    (left,) = coupons(shop)
    event, result = shop.confirm(basket("6", "100.00", code, left, member="b", at=T0 + 3 * DAY))
    assert (result.outcome, len(event.body["coupons"])) == ("accepted", 2)  # type: ignore[arg-type]
    assert is_told_again(store)


def coupons(shop: Shop) -> list[str]:
    """What `b` can use."""
    return [key for key, held in _state(shop).coupons.items() if not held.used_by]


def issued(shop: Shop) -> int:
    """How many of them `b` was given, all in all."""
    return _state(shop).coupon_counts["thanks"].issued


def _state(shop: Shop) -> MemberState:
    member_id = member_id_of(shop.brand.name, "b")
    with connect(shop.dsn) as conn:
        return see_member(conn, shop.brand, shop.timeline, member_id, now=T0 + 2 * DAY)


def test_g1_a_referral_that_waits_ripens_with_the_survivor_and_pays_once(shared_database: str) -> None:
    store = club(shared_database)
    store.send(joins("r", 0), joins("s", 0), joins("b", 0))
    store.send(joins("a", 0, by=show_id("mem", member_id_of(store.brand.name, "r"))), buys("a", 1))
    rounds(store, until=2)
    merge(store, at=T0 + 3 * DAY)
    merge(store, "r", "s", at=T0 + 3 * DAY)
    rounds(store, until=10)
    waits = seen(store, "b").invited_by
    assert waits is not None
    assert (waits.stage, waits.referrer_id) == ("waiting", member_id_of(store.brand.name, "s"))
    assert [one.member_id for one in seen(store, "s").invited] == [member_id_of(store.brand.name, "b")]
    assert is_told_again(store)

    rounds(store, until=16)
    rounds(store, until=40)

    assert points(store, "b", "s") == [200, 500]
    assert (seen(store, "a").invited_by, seen(store, "b").invited_by is None) == (None, False)
    between = (T0 - DAY, T0 + 50 * DAY)
    with connect(store.dsn) as conn:
        busy = busiest_referrers(conn, store.brand, between=between, least=1, limit=9)
    assert busy == [(member_id_of(store.brand.name, "s"), 1)]
    assert is_told_again(store)


@pytest.mark.parametrize(("by", "paid"), [("b", 0), ("r", 0)])
def test_g1_nobody_invites_themselves_and_an_order_that_comes_back_cancels(
    shared_database: str, by: str, paid: int
) -> None:
    store = club(shared_database, CLUB)
    store.send(joins("r", 0), joins("b", 0))
    store.send(joins("a", 0, by=show_id("mem", member_id_of(store.brand.name, by))), buys("a", 1))
    merge(store, at=T0 + 3 * DAY)
    store.send(gives_back("a", 1, 4, 50) if by == "r" else buys("b", 4))
    rounds(store, until=30)

    found = seen(store, "b").invited_by
    assert found is not None
    assert (found.stage, points(store, "b")) == ("cancelled", [paid])
    assert is_told_again(store)


def test_g1_an_award_that_waits_for_a_person_waits_on(shared_database: str) -> None:
    store = club(shared_database, REVIEWED)
    store.send(*(order(who, T0, member=who, total=150) for who in "bac"))
    merge(store, at=T0 + DAY)
    merge(store, "c", "b", at=T0 + DAY)
    store.bring_to(T0 + 90 * DAY)
    with connect(store.dsn) as conn:
        for _ in range(3):
            with transaction(conn):
                follow_awards(conn, store.brand, store.timeline)
        waiting = [(one.member_id, one.lot) for one in held_awards(conn, store.brand)]
    b = member_id_of(store.brand.name, "b")

    assert sorted(waiting) == [(b, 1), (b, 2), (b, 3)]
    assert [int(one) for one in (view(store, "b").wallets["points"].pending, active(store, "b"))] == [450, 0]
    with connect(store.dsn) as conn, transaction(conn):
        why: dict[str, Any] = {"reason": "fine", "actor": "ada", "at": T0 + 91 * DAY}
        decide_award(conn, store.brand, store.timeline, (b, 2), verdict="released", **why)
        decide_award(conn, store.brand, store.timeline, (b, 3), verdict="taken_back", **why)
    assert active(store, "b") == 150
    assert holds_together(store)


def test_g1_scores_add_up_a_shared_day_counts_once_and_who_left_stays_away(shared_database: str) -> None:
    store = club(shared_database, PLAYS)
    bought = [order(f"{who}{day}", T0 + day * DAY, member=who, total=50) for who, day in _DAYS]
    bought.append(order("c0", T0, member="c", total=70))
    store.send(*bought, event_of("leaderboard.left", NOW, member="a", leaderboard="quiet"))
    with connect(store.dsn) as conn, transaction(conn):
        make_pseudonyms(conn, store.brand, b"not to be guessed by anybody out")
    merge(store, at=T0 + 3 * DAY)

    assert scores(store) == {"spenders": [200, 70], "days": [3, 1], "quiet": [1]}
    store.send(back(1, T0 + 4 * DAY, order="a0", member="a", total="50"))
    store.send(order("b4", T0 + 4 * DAY, member="b", total=5))
    assert scores(store) == {"spenders": [155, 70], "days": [3, 1], "quiet": [1]}
    assert is_told_again(store)
    merge(store, "b", "c", at=FEBRUARY)
    assert is_told_again(store)
    assert closed(store) == 3 + 1, "three periods, and one prize"
    assert active(store, "c") == 155 + 70 + 500
    assert is_told_again(store)


_DAYS = (("a", 0), ("a", 1), ("b", 1), ("b", 2))


def scores(store: Store) -> dict[str, list[int]]:
    """What everybody has on each leaderboard, the best first."""
    return {
        name: [int(one.score or 0) for one in _page(store, name).top]
        for name in ("spenders", "days", "quiet")
    }


def _page(store: Store, name: str) -> BoardPage:
    with connect(store.dsn) as conn, transaction(conn, snapshot=True):
        return board_page(conn, store.brand, store.timeline, name, now=T0 + 3 * DAY)


def closed(store: Store) -> int:
    """How many periods were closed and prizes given."""
    given, done = 0, 1
    with connect(store.dsn) as conn:
        while done:
            with transaction(conn):
                done = close_boards(conn, store.brand, store.timeline, now=FEBRUARY)
            given += done
    return given


def test_g1_plays_add_up_for_their_limit_and_every_draw_can_be_proved(shared_database: str) -> None:
    store = club(shared_database, PLAYS)
    store.send(*(order(who, T0, member=who, total=100) for who in "ab"))
    with connect(store.dsn) as conn, transaction(conn):
        commit(conn, store.brand, store.timeline, "wheel", now=NOW, seed=SEED)
    first, *_ = (playing(store, who, number) for who, number in (("a", 1), ("a", 2), ("b", 3)))
    merge(store, at=NOW)

    again, fresh = playing(store, "b", 1), playing(store, "b", 4)
    with pytest.raises(BondfireError, match="4 times per month"):
        playing(store, "b", 5)

    assert (again.event.body, fresh.event.body["number"]) == (first.event.body, 2)
    with connect(store.dsn) as conn:
        proof = prove(conn, store.brand, store.timeline, "wheel", now=FEBRUARY, at=NOW)
    assert (proof.plays, proof.wrong, active(store, "b")) == (4, [], 200 - 4 * 10 + 4)
    assert is_told_again(store)


def playing(store: Store, who: str, number: int) -> Decided:
    """One play."""
    asked = PlayAsked("wheel", f"p-{number}", "n", commitment_of(SEED))
    member_id = member_id_of(store.brand.name, who)
    with connect(store.dsn) as conn, transaction(conn):
        return play(conn, store.brand, store.timeline, asked, member_id=member_id, now=NOW)


def test_g1_a_budget_pays_for_what_only_both_reach_as_far_as_it_goes(shared_database: str) -> None:
    store = club(shared_database, FUNDED)
    buyers = "cccc" + "aabb"
    store.send(*(order(f"{number}", T0, member=who, total=9) for number, who in enumerate(buyers)))
    merge(store, at=NOW)

    assert points(store, "c", "b") == [70, 30]
    assert is_told_again(store)


def test_g1_a_creators_codes_and_content_are_the_survivors(shared_database: str) -> None:
    store = club(shared_database, CREATORS)
    a, b = (member_id_of(store.brand.name, who) for who in "ab")
    with connect(store.dsn) as conn, transaction(conn):
        give_tracked_code(conn, store.brand, a, code="anna10", campaign="spring", at=T0)
    said = {"url": "https://video.example/1", "authenticity": "own_experience", "text": "I love it"}
    store.send(joins("b", 0), event_of("content.submitted", T0, member="a", id="v1", **said))
    store.send(order(1, T0, total=100, member="bob", referral="anna10"))
    follow(store, 1)
    merge(store, at=NOW)
    store.send(order(2, NOW, total=40, member="cid", referral="anna10"))
    store.send(order(3, NOW, total=70, member="b", referral="anna10"))
    store.send(order(4, NOW, total=30, member="d", referral="anna10"))
    follow(store, 2)
    merge(store, "d", "b", at=T0 + 2 * DAY)
    follow(store, 30)
    why: dict[str, Any] = {"verdict": "approved", "reason": "as agreed", "actor": "ada", "at": T0 + 31 * DAY}
    with connect(store.dsn) as conn, transaction(conn):
        decide_content(conn, store.brand, store.timeline, (b, "v1"), **why)

    assert active(store, "b") == 100 + 40 + 300
    assert (carry(store), is_told_again(store)) == (0, True)


def follow(store: Store, until: int) -> None:
    """What the worker does, so many days after the beginning."""
    with connect(store.dsn) as conn:
        more = 1
        while more:
            with transaction(conn):
                more = follow_creators(conn, store.brand, store.timeline, until=T0 + until * DAY)


def test_g1_every_key_that_uses_are_remembered_under_tells_its_window() -> None:
    program = load_program(LIMITS)
    rule, unit, game = program.rules[0], program.units["points"], program.games["wheel"]
    assert unit.spending is not None
    assert program.referrals is not None
    caps = [*rule.caps, *unit.spending.limits, *program.rewards["tote"].limits, *caps_of(game)]
    caps += [*referral_limits(program.referrals.limits), award_cap(program.review.awards[0])]

    assert [(cap.window, window_of(cap.key)) for cap in caps] == [
        *[("membership_year", "membership_year")] * 3,
        ("month", "month"),
        ("membership_year", "membership_year"),
        ("week", "week"),
    ]


LIMITS = """
program: plain
brand: kaminrot
timezone: Europe/Berlin
currency: EUR
units: {points: {spending: {limit: {times: 2, per: membership_year}}}}
earn:
  base:
    on: order.placed
    award: {points: floor(event.total)}
    cap: {points: 9, per: membership_year}
rewards: {tote: {price: {points: 2}, limit: {times: 2, per: membership_year}}}
referrals: {referrer: {points: 5}, limits: {membership_year: 2}}
review: {awards: {points: 100, per: week}}
games:
  wheel:
    limits: {plays: 4, per: month}
    prizes: {small: {odds: 1/2, award: {points: 1}}, thanks: {odds: 1/2, award: {points: 1}}}
"""
