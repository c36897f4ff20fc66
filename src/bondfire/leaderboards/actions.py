"""Close periods that are over, and give their prizes: each once, also after an outage of weeks."""

from datetime import datetime, timedelta
from typing import Final

from bondfire.db import Connection
from bondfire.engine import board_key, shown_member
from bondfire.events import own_event
from bondfire.journal import Arrival, arrival_of, process_arrivals
from bondfire.leaderboards import store
from bondfire.leaderboards.store import Run, ToGive
from bondfire.members import survivors_of
from bondfire.programs import Board, Brand, Stretch, Timeline

SETTLES: Final = timedelta(minutes=1)
"""What was recorded in the last moment of a period may still be on its way to the tables."""
_A_MOMENT: Final = timedelta(microseconds=1)


def close_boards(
    conn: Connection, brand: Brand, timeline: Timeline, *, now: datetime, limit: int = 500
) -> int:
    """Give at most `limit` prizes that are due, or else close one period, in the caller's transaction.

    A prize is an event of the house whose identity follows from leaderboard, period and member, as of the end
    of the period: done twice, by whoever, however late, it counts once. Call it again until it gives 0.

    Args:
        conn: in a transaction; never committed here.
        brand: whose leaderboards.
        timeline: the versions of its programme.
        now: what time it is for the brand.
        limit: how many prizes at most.

    Returns:
        How much was done.
    """
    waiting = store.to_give(conn, brand.id, limit)
    if waiting:
        arrivals = [_arrival(brand, one, now) for one in _as_now(conn, brand, waiting)]
        process_arrivals(conn, brand, timeline, arrivals)
        store.mark_given(conn, brand.id, waiting)
        return len(waiting)
    over = now - SETTLES if brand.clock == "wall" else now
    names = {name for version in timeline.versions for name in version.program.boards}
    return next((1 for name in sorted(names) if _close_next(conn, brand, timeline, name, over=over)), 0)


def _as_now(conn: Connection, brand: Brand, waiting: list[ToGive]) -> list[ToGive]:
    """Who ranked under an account that is part of another now gets the prize there; of two, the first."""
    survivors = survivors_of(conn, brand, [one.member_id for one in waiting])
    return [one._replace(member_id=survivors.get(one.member_id, one.member_id)) for one in waiting]


def _arrival(brand: Brand, one: ToGive, now: datetime) -> Arrival:
    raw = {
        "id": board_key(one.board, one.moment, one.segment),
        "type": "leaderboard.won",
        "member": shown_member(one.member_id),
        "occurred_at": one.ended_at.isoformat(),
        "leaderboard": one.board,
        "period": one.moment.isoformat(),
        "rank": one.rank,
        "segment": one.segment,
    }
    return arrival_of(brand.name, own_event(raw, recorded_at=max(now, one.ended_at)), one.member_id)


def _close_next(conn: Connection, brand: Brand, timeline: Timeline, name: str, *, over: datetime) -> bool:
    moment = store.next_open(conn, brand.id, name)
    found = board_in(timeline, name, moment) if moment is not None else None
    if moment is None or found is None or found[1].end > over:
        return False
    board, stretch = found
    most = max(board.size, board.last_prize)
    return store.close(
        conn,
        Run(brand.id, name, moment),
        ended_at=stretch.end,
        last_prize=board.last_prize,
        most=most,
    )


def board_in(timeline: Timeline, name: str, moment: datetime) -> tuple[Board, Stretch] | None:
    """A leaderboard as it was at the end of the period that begins at a moment, and that period."""
    for version in reversed(timeline.versions):
        board = version.program.boards.get(name)
        stretch = board.stretch_at(moment, version.program.zone) if board is not None else None
        if board is not None and stretch is not None and stretch.start == moment:
            last = timeline.at(stretch.end - _A_MOMENT).program.boards.get(name)
            return last or board, stretch
    return None


def make_pseudonyms(conn: Connection, brand: Brand, secret: bytes) -> None:
    """Keep the secret that a brand's pseudonyms are made with for ever; the first one stays.

    Args:
        conn: in a transaction; never committed here.
        brand: whose pseudonyms.
        secret: 32 random bytes, from whoever may ask for chance.
    """
    store.keep_secret(conn, brand.id, secret)
