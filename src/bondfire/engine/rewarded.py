"""What becomes of a reward that was taken: it is used, missed, or goes back."""

from datetime import timedelta
from decimal import Decimal
from typing import Final

from bondfire.engine.caps import cap_moment, use_cap
from bondfire.engine.errors import NoRedemption
from bondfire.engine.redeemed import Redeemed
from bondfire.engine.redemptions import undo
from bondfire.engine.rewarding import find_redemption, reward_of
from bondfire.engine.standing import end_grant
from bondfire.engine.turn import Turn, decided_by
from bondfire.events import Event
from bondfire.kit import day_of

DOORS_OPEN: Final = timedelta(hours=24)
"""So long before an event begins its tickets can be checked in."""


def reward_used(turn: Turn, event: Event) -> None:
    """A ticket is checked in or a voucher used, once.

    Raises:
        NoRedemption: it was used before, or is not there to be used; `too_early`: of an event, a day before.
    """
    taken = _taken(turn, event)
    at = reward_of(turn, taken).takes_place_at
    if at is not None and turn.effective_at < at - DOORS_OPEN:
        raise NoRedemption(
            f"The event begins {at.astimezone(turn.program.zone):%Y-%m-%d %H:%M}.",
            next_step="Check in on the day.",
            code="too_early",
        )
    taken.status = "used"
    _tell(turn, "reward_used", taken)


def reward_missed(turn: Turn, event: Event) -> None:
    """A seat stayed empty; by the policy of the programme its price is kept, or given back.

    Raises:
        NoRedemption: they came, or it is no seat of an event; `too_early`: it has not begun.
    """
    taken = _taken(turn, event)
    reward = reward_of(turn, taken)
    if reward.kind != "event":
        raise NoRedemption(
            f"{taken.reward!r} is no event that somebody could miss.", next_step="Cancel it instead."
        )
    if reward.takes_place_at is not None and turn.effective_at < reward.takes_place_at:
        raise NoRedemption("The event has not begun.", next_step="Wait for it to begin.", code="too_early")
    taken.status = "missed"
    if reward.no_show == "give_back":
        _give_back(turn, taken, event)
    _tell(turn, "reward_missed", taken, decided_by(event))


def reward_cancelled(turn: Turn, event: Event) -> None:
    """Undo a redemption: its price goes back to the lots it came from, its limits too, what it gave ends.

    Raises:
        NoRedemption: it was used, missed or cancelled before.
    """
    taken = _taken(turn, event)
    taken.status = "cancelled"
    _give_back(turn, taken, event)
    _give_back_limits(turn, taken)
    _end_upgrade(turn, taken)
    taken.ends_at = None
    _tell(turn, "reward_cancelled", taken, decided_by(event))


def _taken(turn: Turn, event: Event) -> Redeemed:
    found = find_redemption(turn, event)
    if found.status != "taken":
        raise NoRedemption(
            f"The redemption {found.event!r} is {found.status}.",
            next_step="Only what was taken, and not used, missed or cancelled since, can be.",
        )
    return found


def _give_back(turn: Turn, taken: Redeemed, event: Event) -> None:
    for key in (key for payment in taken.payments for key in payment.spent):
        redemption = turn.state.redemptions[key]
        if redemption.left:
            undo(turn, redemption, redemption.left, event=event.id)


def _give_back_limits(turn: Turn, taken: Redeemed) -> None:
    for cap, payment in ((cap, one) for cap in reward_of(turn, taken).limits for one in taken.payments):
        day = day_of(payment.at, turn.program.zone)
        moment = cap_moment(cap, turn.program, day, payment.at, joined_at=turn.state.joined_at)
        use_cap(turn.state, cap.key, moment, -Decimal(payment.quantity))


def _end_upgrade(turn: Turn, taken: Redeemed) -> None:
    upgrade = reward_of(turn, taken).upgrade
    if upgrade is None or upgrade.tier_set not in turn.program.tier_sets:
        return
    tier_set = turn.program.tier_sets[upgrade.tier_set]
    for granted in turn.state.standings[tier_set.name].grants:
        if (granted.tier, granted.until) == (upgrade.tier, taken.ends_at):
            end_grant(turn, tier_set, granted, "withdrawn")


def _tell(turn: Turn, code: str, taken: Redeemed, note: str = "") -> None:
    about = {"rule": f"reward/{taken.reward}", "order": taken.order, "values": {"redemption": taken.event}}
    turn.because(code, amount=Decimal(taken.taken), note=note, **about)
