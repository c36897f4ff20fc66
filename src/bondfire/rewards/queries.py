"""What can be asked about rewards: a member's catalogue and redemptions, early access, what is left."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from bondfire.db import Connection
from bondfire.engine import MemberState, Redeemed, why_not
from bondfire.errors import BondfireError
from bondfire.journal import see_member
from bondfire.programs import Brand, Reward, Timeline
from bondfire.rewards import store
from bondfire.rewards.model import in_order


class Left(NamedTuple):
    """How many of a reward there are.

    Attributes:
        left: how many can be had now; None for any number. taken: claimed so far. waiting: how many wait.
    """

    left: int | None
    taken: int
    waiting: int


class Offer(NamedTuple):
    """A reward as a member sees it.

    Attributes:
        refusal: why they cannot have it now; None: they can.
    """

    reward: Reward
    left: Left
    refusal: BondfireError | None


class Owned(NamedTuple):
    """A redemption of a member.

    Attributes:
        reward: what it is of, by the version that it was made by.
        partner_code: the partner's code that it gave, once it was taken; None: none.
    """

    redeemed: Redeemed
    reward: Reward
    partner_code: str | None


class Access(NamedTuple):
    """Whether a member may buy an article now.

    Attributes:
        reward: the reward whose window says so; None: no window is about the article.
        opens_at, closes_at: that window; from `closes_at` on everybody may.
    """

    may_buy: bool
    because: str
    reward: str | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None


def what_is_left(conn: Connection, brand: Brand, timeline: Timeline, *, now: datetime) -> dict[str, Left]:
    """How many of each reward of the present programme there are."""
    stocks, codes = store.stocks(conn, brand.id), store.partner_codes_left(conn, brand.id)
    left: dict[str, Left] = {}
    for name, reward in sorted(timeline.at(now).program.rewards.items()):
        taken, waiting = stocks.get(name, store.Stock(0, 0))
        if reward.partner:
            left[name] = Left(codes.get(name, 0), taken, waiting)
        elif reward.stock is None:
            left[name] = Left(None, taken, waiting)
        else:
            left[name] = Left(0 if waiting else max(0, reward.stock - taken), taken, waiting)
    return left


def catalogue_for(
    conn: Connection, brand: Brand, timeline: Timeline, member_id: UUID, *, now: datetime
) -> list[Offer]:
    """Every reward that runs now, in the member's order, and why they cannot have it if so.

    Raises:
        UnknownMember: nobody has joined under this id.
    """
    state = see_member(conn, brand, timeline, member_id, now=now)
    program, left = timeline.at(now).program, what_is_left(conn, brand, timeline, now=now)
    running = [one for one in program.rewards.values() if one.runs_at(now)]
    return [
        Offer(one, left[one.name], why_not(timeline, state, one, now=now))
        for one in in_order(program, running, state.attributes)
    ]


def redemptions_of(
    conn: Connection, brand: Brand, timeline: Timeline, member_id: UUID, *, now: datetime
) -> list[Owned]:
    """A member's redemptions, the latest first: all that is open, and the latest of the rest.

    Raises:
        UnknownMember: nobody has joined under this id.
    """
    state = see_member(conn, brand, timeline, member_id, now=now)
    codes = store.partner_codes(conn, brand.id, [one.event for one in state.rewards if one.code])
    return [
        Owned(one, timeline.number(one.version).program.rewards[one.reward], codes.get(one.event))
        for one in sorted(state.rewards, key=lambda one: (one.at, one.event), reverse=True)
    ]


def may_buy(
    conn: Connection, brand: Brand, timeline: Timeline, member_id: UUID, *, sku: str, now: datetime
) -> Access:
    """Whether a member may buy an article now, or has to wait until everybody may.

    Raises:
        UnknownMember: nobody has joined under this id.
    """
    state = see_member(conn, brand, timeline, member_id, now=now)
    windows = [
        (reward.window.closes_at, name, reward.window)
        for name, reward in sorted(timeline.at(now).program.rewards.items())
        if reward.window is not None and sku in reward.window.skus and now < reward.window.closes_at
    ]
    if not windows:
        return Access(may_buy=True, because="everybody_may")
    open_to_them = [one for one in windows if one[2].holds(now) and _has(state, one[1])]
    _, name, window = min(open_to_them or windows, key=lambda one: one[:2])
    because = "early_access" if open_to_them else "not_open" if now < window.opens_at else "needs_reward"
    return Access(bool(open_to_them), because, name, window.opens_at, window.closes_at)


def _has(state: MemberState, reward: str) -> bool:
    return any(one.reward == reward and one.status == "taken" for one in state.rewards)
