"""What counts for leaderboards: in the period in which it happened, and only while that runs."""

from datetime import datetime
from decimal import Decimal

from bondfire.engine.past import Seat
from bondfire.engine.turn import Turn
from bondfire.kit import day_of
from bondfire.ledger import ZERO
from bondfire.programs import Board


def score(turn: Turn, board: Board, amount: Decimal, at: datetime) -> None:
    """Let so much count for a leaderboard, or below zero less; a period that is over stays as it is (C2)."""
    zone = turn.program.zone
    stretch = board.stretch_at(at, zone)
    if stretch is None or not amount:
        return
    if turn.now >= stretch.end:
        turn.because("board_over", rule=board.rule, note=board.name)
        return
    key = board.name, stretch.start
    turn.scored[key] = turn.scored.get(key, ZERO) + amount


def score_unit(turn: Turn, unit: str, amount: Decimal, at: datetime) -> None:
    """Let what was earned of a unit (or, below zero, taken back) count for the leaderboards of it."""
    for board in turn.program.boards_of.get(unit, ()):
        score(turn, board, amount, at)


def score_visit(turn: Turn, board: Board, at: datetime, number_of_events: int) -> None:
    """Let an event make its day a visit, or, below zero, take it back: a day counts once."""
    stretch = board.stretch_at(turn.now, turn.program.zone)
    if stretch is None or not stretch.start <= at < stretch.end:
        score(turn, board, Decimal(number_of_events), at)
        return
    seat = turn.state.seats.setdefault(board.name, Seat())
    days = {day: number for day, number in seat.days.items() if day >= stretch.start}
    day = day_of(at, turn.program.zone).start
    before = days.get(day, 0)
    after = max(0, before + number_of_events)
    seat.days = {**days, day: after} if after else {each: n for each, n in days.items() if each != day}
    if (after > 0) != (before > 0):
        score(turn, board, Decimal(1 if after else -1), at)
