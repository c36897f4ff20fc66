"""What goes beyond the limits of a programme: an award is held until a person has decided, not lost.

A held award is a pending lot that no time releases. It counts for what follows from the event like any other,
and a return takes it back first; only a person makes it spendable, or takes it away.
"""

from datetime import datetime
from decimal import Decimal
from heapq import heappush
from typing import Final

from bondfire.engine.caps import award_cap, count_cap, left_of_cap, use_cap
from bondfire.engine.errors import NeedsApproval, NothingToDecide, TooManyRedemptions
from bondfire.engine.standing import credit
from bondfire.engine.turn import Turn, decided_by
from bondfire.engine.units import check_known
from bondfire.events import Event
from bondfire.kit import format_amount
from bondfire.ledger import UNDECIDED, ZERO, Cause, Grant, Lot, earn, release, take_back
from bondfire.programs import AwardLimit, CountLimit

ONE: Final = Decimal(1)


def earn_within(turn: Turn, cause: Cause, grants: list[Grant]) -> int:
    """`earn`, but grants that go beyond a limit of the programme wait for a person; the first lot's number.

    What is held counts for the limits too: whoever goes on earning is held on.

    Raises:
        Overflow: as of `earn`; then nothing is counted.
    """
    why: dict[int, str] = {}
    uses: list[tuple[str, datetime, Decimal]] = []
    for limit in turn.program.review.awards:
        left, moment = left_of_cap(turn, award_cap(limit))
        for place, (rule, unit, amount, _) in enumerate(grants):
            if unit != limit.unit or limit.rule not in {"", rule}:
                continue
            left -= amount
            uses.append((limit.key, moment, amount))
            if left < 0:
                grants[place] = rule, unit, amount, (UNDECIDED, None)
                why.setdefault(place, _said(limit))
    first = earn(turn.book, cause, grants, now=turn.now)
    for key, moment, amount in uses:
        use_cap(turn.state, key, moment, amount)
    for place in sorted(why):
        lot = turn.state.ledger.lots[first + place]
        about = {"rule": lot.rule, "unit": lot.unit, "amount": lot.amount, "lot": lot.number}
        turn.because("award_held", note=why[place], **about)
    return first


def _said(limit: AwardLimit) -> str:
    by = f" by the rule {limit.rule}" if limit.rule else ""
    return f"more than {format_amount(limit.most)} {limit.unit}{by} per {limit.window}"


def check_redemptions(turn: Turn) -> None:
    """Refuse one payment too many.

    Raises:
        TooManyRedemptions: as many came in a time as the programme lets pass.
    """
    limit = turn.program.review.redemptions
    if limit is not None and left_of_cap(turn, count_cap(limit))[0] < ONE:
        raise TooManyRedemptions(
            f"A member may redeem {limit.most} times per {limit.window}, and this one has.",
            next_step="Try again later; the points stay where they are.",
        )


def count_redemption(turn: Turn) -> None:
    """Remember that the member paid or held something."""
    _count(turn, turn.program.review.redemptions)


def check_adjustments(turn: Turn) -> None:
    """Refuse one correction too many by one person.

    Raises:
        NeedsApproval: as many came in a time as one person may make of one member.
    """
    limit = turn.program.review.adjustments
    if limit is not None and left_of_cap(turn, count_cap(limit))[0] < ONE:
        raise NeedsApproval(
            f"This member was corrected {limit.most} times per {limit.window} already.",
            next_step="Let a second person approve it and send it with approver.",
        )


def count_adjustment(turn: Turn) -> None:
    """Remember that the member was corrected."""
    _count(turn, turn.program.review.adjustments)


def _count(turn: Turn, limit: CountLimit | None) -> None:
    if limit is not None:
        use_cap(turn.state, limit.key, left_of_cap(turn, count_cap(limit))[1], ONE)


def award_released(turn: Turn, event: Event) -> None:
    """Let a held award go its way: pending as long as its unit says, then to be spent.

    Raises:
        NothingToDecide: the lot is not held.
    """
    lot, now = _undecided(turn, event), turn.now
    available_at, expires_at = _terms(turn, lot)
    lot.available_at, lot.expires_at = available_at, expires_at
    turn.state.ledger.changed_lots.add(lot.number)
    about = {"rule": lot.rule, "unit": lot.unit, "amount": lot.left, "lot": lot.number}
    if available_at > now:
        heappush(turn.state.ledger.due, (available_at, False, lot.number))
    else:
        release(turn.book, turn.cause(event.id, rule=lot.rule), lot)
    turn.because("award_released", note=decided_by(event), **about)


def _terms(turn: Turn, lot: Lot) -> tuple[datetime, datetime | None]:
    """When a lot that is let go now can be spent, and when it ends: not before the grace days are over."""
    unit, zone = turn.program.units.get(lot.unit), turn.program.zone
    if unit is None:
        return turn.now, None
    waits_until = unit.pending.after(lot.earned_at, zone) if unit.pending else lot.earned_at
    available_at = max(turn.now, waits_until)
    expires_at = unit.expires_at(earned_at=lot.earned_at, available_at=available_at, zone=zone)
    grace_until = turn.program.grace_after_return.after(available_at, zone)
    return available_at, expires_at and max(expires_at, grace_until)


def award_taken_back(turn: Turn, event: Event) -> None:
    """Take a held award away; a later return of what it was for finds it gone.

    Raises:
        NothingToDecide: the lot is not held.
    """
    lot = _undecided(turn, event)
    amount = lot.left
    cause = turn.cause(event.id, rule=lot.rule, reverses=lot.entry)
    take_back(turn.book, cause, lot=lot, amount=amount, lapsed_before=ZERO, policy="pending_only")
    lot.expired += amount
    credit(turn, lot.unit, -amount, lot.earned_at, may_lower=True)
    about = {"rule": lot.rule, "unit": lot.unit, "amount": amount, "lot": lot.number}
    turn.because("award_taken_back", note=decided_by(event), **about)


def _undecided(turn: Turn, event: Event) -> Lot:
    check_known(turn)
    number = event.body["lot"]
    lot = turn.state.ledger.lots.get(number) if isinstance(number, int) else None
    if lot is None or lot.available_at != UNDECIDED or not lot.left:
        raise NothingToDecide(
            f"Lot {number} of this member is not held for review.",
            next_step="Look the list up again: it was decided, or what it was for came back.",
        )
    return lot
