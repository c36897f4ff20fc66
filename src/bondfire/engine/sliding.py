"""What keeps points alive: activity moves the end of the lots that the policy of their unit names (L11)."""

from collections.abc import Iterable
from datetime import datetime

from bondfire.engine.past import Granted
from bondfire.engine.turn import Turn
from bondfire.events import Event
from bondfire.ledger import let_slide, prolong
from bondfire.programs import Program


def slide_awards(turn: Turn, first: int) -> None:
    """Let those of the lots from this number on slide that rules made which the policy names."""
    ledger, units = turn.state.ledger, turn.program.units
    for number in range(first, ledger.next_lot):
        lot = ledger.lots[number]
        expiry = units[lot.unit].expiry
        if expiry is not None and lot.rule in expiry.sliding_rules and lot.expires_at is not None:
            _move(turn, lot.unit, lot.expires_at)
            let_slide(ledger, lot)


def prolong_by(turn: Turn, event: Event) -> None:
    """Move the end of what slides as far as something earned with this event would live."""
    at, program = turn.effective_at, turn.program
    for name in program.prolonged_by.get(event.type, ()):
        ends_at = program.units[name].expires_at(earned_at=at, available_at=at, zone=program.zone)
        if ends_at is not None:
            _move(turn, name, ends_at)


def tell_kept_alive(turn: Turn, pinned: Program, what: str, granted: Iterable[Granted]) -> None:
    """Say that what a purchase kept alive stays alive when it comes back: it was activity.

    Args:
        turn: the turn of the return.
        pinned: the version that decided the purchase.
        what: the type of its event.
        granted: its awards.
    """
    kept_alive = set(pinned.prolonged_by.get(what, ()))
    for one in granted:
        expiry = pinned.units[one.unit].expiry
        if expiry is not None and one.rule in expiry.sliding_rules:
            kept_alive.add(one.unit)
    for unit in sorted(kept_alive):
        turn.because("prolonging_stays", unit=unit)


def _move(turn: Turn, unit: str, ends_at: datetime) -> None:
    if prolong(turn.state.ledger, unit, ends_at):
        turn.book.note(("prolonged", unit, ends_at))
        turn.because("prolonged", unit=unit, values={"until": ends_at.isoformat()})
