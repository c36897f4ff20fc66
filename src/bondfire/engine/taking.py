"""Take back an award and say where it came from."""

from collections.abc import Sequence
from decimal import Decimal

from bondfire.engine.turn import Turn
from bondfire.ledger import UNDECIDED, ZERO, Cause, Lot, TakenBack, take_back
from bondfire.programs import Program


def take_back_lot(
    turn: Turn,
    pinned: Program,
    cause: Cause,
    lot: Lot,
    *,
    amount: Decimal,
    order: str,
    lines: Sequence[Decimal] = (),
    lapsed_before: Decimal = ZERO,
) -> TakenBack:
    """Take back an award or a part of it, by the policy of the programme that gave it.

    Args:
        turn: the turn.
        pinned: the programme that gave it.
        cause: why; names the rule and the entry that earned it.
        lot: the lot it made.
        amount: how much must go.
        order: the order it was for, "" for none.
        lines: how the amount splits over the lines of the order.
        lapsed_before: how much of what had expired of the lot was counted by earlier returns.
    """
    policy = "allow_negative" if pinned.units[lot.unit].qualifying else pinned.returns.clawback
    taken = take_back(turn.book, cause, lot=lot, amount=amount, lapsed_before=lapsed_before, policy=policy)
    about: dict[str, object] = {"rule": cause.rule, "unit": lot.unit, "order": order, "lot": lot.number}
    turn.because("taken_back", amount=amount, lines=list(lines), **about)
    if lot.available_at == UNDECIDED and taken.from_lot and not lot.left:
        turn.because("award_gone", **about)
    for code, part in (
        ("lapsed", taken.lapsed),
        ("taken_from_others", taken.from_others),
        ("owed", taken.owed),
        ("written_off", taken.written_off),
        ("forgone", taken.forgone),
    ):
        if part:
            turn.because(code, amount=part, **about)
    return taken
