"""Leaderboards as a member meets them: joining, leaving, what they scored in which segment, and prizes."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import msgspec

from bondfire.engine.counting import counted_amount, counted_occasion
from bondfire.engine.earning import AwardFailed
from bondfire.engine.errors import UnknownLeaderboard
from bondfire.engine.model import MemberState
from bondfire.engine.past import Score, Seat
from bondfire.engine.scoring import score, score_visit
from bondfire.engine.standing import credit, tier_at
from bondfire.engine.turn import Turn, event_text
from bondfire.engine.units import check_known
from bondfire.events import Event
from bondfire.kit import nearest
from bondfire.ledger import ZERO, Grant, earn
from bondfire.programs import Board, Prize
from bondfire.rules import EvaluationError

_A_MOMENT: Final = timedelta(microseconds=1)


class Won(msgspec.Struct, frozen=True, gc=False):
    """A rank of a period that is over: a fact of the member's chain."""

    leaderboard: str
    rank: int
    badge: str
    at: datetime


def score_event(turn: Turn, event: Event) -> None:
    """Let an event count for the leaderboards that count events of its type."""
    scoring = turn.program.scoring.get(event.type)
    if scoring is None:
        return
    occasion = counted_occasion(turn.program, scoring.rules, event)
    for board in scoring.boards:
        if board.by == "visits":
            score_visit(turn, board, turn.effective_at, 1)
            continue
        try:
            score(turn, board, counted_amount(board, occasion), turn.effective_at)
        except (EvaluationError, AwardFailed) as error:
            turn.because("score_failed", rule=board.rule, note=str(error))


def scores_of(turn: Turn) -> list[Score]:
    """What the member scored, in the segment that they are in now."""
    boards = turn.program.boards
    return [
        Score(name, start, amount, _segment(turn, boards[name]), is_shown(turn.state, boards[name]))
        for (name, start), amount in turn.scored.items()
    ]


def is_shown(state: MemberState, board: Board) -> bool:
    """Whether a member takes part in a leaderboard: by choice, else as the programme says."""
    seat = state.seats.get(board.name)
    chosen = seat.is_shown if seat is not None else None
    is_somebody = state.erased_at is None and state.merged_into is None
    return is_somebody and (not board.opt_in if chosen is None else chosen)


def _segment(turn: Turn, board: Board) -> str:
    """With whom the member is compared, "" for those of whom it is not known."""
    if board.segment is None:
        return ""
    kind, name = board.segment
    if kind == "tier_set":
        standing = turn.state.standings.get(name)
        return (tier_at(standing, turn.effective_at) or "") if standing is not None else ""
    value = turn.state.attributes.get(name, "")
    return ("true" if value else "false") if isinstance(value, bool) else str(value)[:200]


def board_joined(turn: Turn, event: Event) -> None:
    """Be shown on a leaderboard from now on.

    Raises:
        UnknownLeaderboard: the programme has none of this name.
    """
    _choose(turn, event, shown=True)


def board_left(turn: Turn, event: Event) -> None:
    """Be shown on a leaderboard no more, and get no prizes of it, until joining again.

    Raises:
        UnknownLeaderboard: the programme has none of this name.
    """
    _choose(turn, event, shown=False)


def _choose(turn: Turn, event: Event, *, shown: bool) -> None:
    board = _board_named(turn, event_text(event, "leaderboard"))
    turn.state.seats.setdefault(board.name, Seat()).is_shown = shown
    touch(turn, board)
    turn.because("board_joined" if shown else "board_left", rule=board.rule, note=board.name)


def touch(turn: Turn, board: Board) -> None:
    """Let the running period of a leaderboard know of the member as they are now."""
    stretch = board.stretch_at(turn.now, turn.program.zone)
    if stretch is not None:
        turn.scored.setdefault((board.name, stretch.start), ZERO)


def leave_all(turn: Turn) -> None:
    """Be seen nowhere any more."""
    for board in turn.program.boards.values():
        touch(turn, board)


def _board_named(turn: Turn, name: str) -> Board:
    boards = turn.program.boards
    if name not in boards:
        close = nearest(name, boards)
        known = f"It has: {', '.join(sorted(boards))}." if boards else "It has none."
        raise UnknownLeaderboard(
            f"The programme has no leaderboard {name!r}.",
            next_step=f"Did you mean {close!r}?" if close else known,
        )
    return boards[name]


def board_won(turn: Turn, event: Event) -> None:
    """Give what a rank of a period that is over gets, as the programme promised while the period ran.

    Such an award counts for tiers as every award does, and for no leaderboard.
    """
    check_known(turn)
    name, rank = event_text(event, "leaderboard"), event.body["rank"]
    board = turn.timeline.at(event.occurred_at - _A_MOMENT).program.boards.get(name)
    prize = board.prize_of(int(str(rank))) if board is not None else None
    if board is None or prize is None:
        turn.because("no_prize", note=name)
        return
    place = Decimal(int(str(rank)))
    turn.because("board_won", rule=board.rule, amount=place, note=name)
    grants = list(_grants(turn, board, prize))
    lot = earn(turn.book, turn.cause(event.id), grants, now=turn.now) if grants else 0
    for number, (rule, unit, amount, _) in enumerate(grants, start=lot):
        turn.because("awarded", rule=rule, unit=unit, amount=amount, base=amount, lot=number)
        credit(turn, unit, amount, turn.effective_at)
    badge = prize.badge if prize.badge and prize.badge not in turn.state.badges else ""
    if badge:
        turn.state.badges[badge] = turn.effective_at
        turn.because("badge_earned", rule=board.rule, note=badge)
    turn.book.note(Won(name, int(place), badge, turn.effective_at))
    turn.scored.clear()


def _grants(turn: Turn, board: Board, prize: Prize) -> Iterator[Grant]:
    units, at = turn.program.units, turn.effective_at
    for unit, amount in prize.awards:
        if unit in units:
            yield board.rule, unit, amount, units[unit].terms(at, turn.day, turn.program.zone)


def board_key(board: str, start: datetime, segment: str) -> str:
    """The id of the event that gives a prize: with the member it counts once, whoever closes the period."""
    return f"{board}/{start.isoformat()}/{segment}"
