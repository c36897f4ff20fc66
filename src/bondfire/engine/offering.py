"""May this member have this reward now? Every condition of an offer, in one place (U15)."""

from datetime import datetime
from decimal import Decimal

from bondfire.engine.caps import left_of_cap
from bondfire.engine.errors import NotOffered, UnknownReward
from bondfire.engine.model import MemberState
from bondfire.engine.occasion import Seen, member_view
from bondfire.engine.redeemed import MOST_OPEN, open_of, price_of
from bondfire.engine.standing import open_standings, tier_at
from bondfire.engine.turn import Turn, begin
from bondfire.engine.units import check_known
from bondfire.errors import BondfireError
from bondfire.kit import format_amount, nearest
from bondfire.ledger import NotEnough
from bondfire.programs import Reward, Timeline
from bondfire.rules import EvaluationError


def reward_named(turn: Turn, name: str) -> Reward:
    """The reward of the programme.

    Raises:
        UnknownMember: nobody is known under the reference.
        UnknownReward: the programme has no such reward.
    """
    check_known(turn)
    reward = turn.program.rewards.get(name)
    if reward is None:
        close = nearest(name, turn.program.rewards)
        raise UnknownReward(
            f"The programme has no reward {name!r}.",
            next_step=f"Did you mean {close!r}?"
            if close
            else f"It has: {', '.join(sorted(turn.program.rewards)) or 'none'}.",
        )
    return reward


def check_offer(turn: Turn, reward: Reward, quantity: int) -> None:
    """Refuse what this member may not have now, or not so many of; whether it can be paid is not asked.

    Raises:
        NotOffered: with a code that says which condition does not hold.
    """
    if not reward.runs_at(turn.effective_at):
        raise _not_running(turn, reward)
    check_tier(turn, reward.tier_set, reward.tier, f"The reward {reward.name!r} is")
    if reward.when is not None and not _holds(turn, reward):
        raise NotOffered(
            f"The reward {reward.name!r} is not for this member: its condition does not hold.",
            next_step="Read the member's rewards to see what is for them.",
            code="not_eligible",
        )
    _check_limits(turn, reward, quantity)


def _not_running(turn: Turn, reward: Reward) -> NotOffered:
    starts_at, zone = reward.starts_at, turn.program.zone
    if starts_at is not None and turn.effective_at < starts_at:
        said, step = f"can be had from {starts_at.astimezone(zone):%Y-%m-%d %H:%M}", "Come back then."
    else:
        assert reward.ends_at is not None  # noqa: S101 - else it would run
        said = f"could be had until {reward.ends_at.astimezone(zone):%Y-%m-%d %H:%M}"
        step = "Choose another reward."
    return NotOffered(f"The reward {reward.name!r} {said}.", next_step=step)


def check_tier(turn: Turn, tier_set: str, tier: str, what: str) -> None:
    """Refuse who is below a tier; "" is for everybody.

    Raises:
        NotOffered: `tier_too_low`.
    """
    if not tier:
        return
    ladder, standing = turn.program.tier_sets[tier_set], turn.state.standings[tier_set]
    has = tier_at(standing, turn.effective_at)
    if ladder.rank(has) < ladder.rank(tier):
        raise NotOffered(
            f"{what} for {tier} and above, and the member is {has or 'below the first tier'}.",
            next_step="Offer it again when they have reached the tier.",
            code="tier_too_low",
        )


def _holds(turn: Turn, reward: Reward) -> bool:
    """Whether the condition holds; one that has no value, because something is not known, does not (U10)."""
    assert reward.when is not None  # noqa: S101 - asked before
    seen = member_view(turn.program, turn.program.conditions[reward.name], turn.state, turn.effective_at)
    return is_true(reward, seen)


def is_true(reward: Reward, seen: Seen) -> bool:
    """Whether the condition of a reward holds for a member who is seen like this."""
    try:
        return reward.when is None or reward.when.evaluate({"event": {}, "member": seen}) is True
    except EvaluationError:
        return False


def _check_limits(turn: Turn, reward: Reward, quantity: int) -> None:
    """What is held or waited for counts in every window: it may be taken in any."""
    waiting = open_of(turn.state.rewards, reward.name)
    for cap in reward.limits:
        left = left_of_cap(turn, cap)[0] - waiting
        if quantity > left:
            window = cap.window.replace("_", " ")
            raise NotOffered(
                f"A member may have {format_amount(cap.limit)} of {reward.name!r} per {window}, and "
                f"{format_amount(max(Decimal(0), left))} of them are left.",
                next_step="Take fewer, or choose another reward.",
                code="limit_reached",
            )
    if sum(one.is_open for one in turn.state.rewards) >= MOST_OPEN:
        raise NotOffered(
            f"The member holds or waits for {MOST_OPEN} rewards already.",
            next_step="Capture or release one of them first.",
            code="too_many_holds",
        )


def check_affordable(turn: Turn, reward: Reward, quantity: int) -> None:
    """Refuse what cannot be paid, before anything of it is.

    Raises:
        NotEnough: a wallet holds less.
    """
    for unit, amount in price_of(reward.price, quantity):
        wallet = turn.state.ledger.wallets.get(unit)
        active = wallet.active if wallet else Decimal(0)
        if amount > active:
            raise NotEnough(
                f"{format_amount(amount)} {unit} are the price, but {format_amount(active)} can be spent.",
                next_step="Choose a smaller reward, or wait until pending points are released.",
            )


def why_not(timeline: Timeline, state: MemberState, reward: Reward, *, now: datetime) -> BondfireError | None:
    """Why a member may not have a reward of the present programme now; None: they may."""
    turn = begin(timeline, state, now=now, effective_at=now)
    open_standings(turn)
    try:
        check_offer(turn, reward, 1)
        check_affordable(turn, reward, 1)
    except BondfireError as refusal:
        return refusal
    return None
