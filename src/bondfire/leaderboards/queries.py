"""A leaderboard as one member sees it, or as everybody does."""

from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from bondfire.db import Connection
from bondfire.engine import UnknownLeaderboard
from bondfire.kit import nearest
from bondfire.leaderboards import store
from bondfire.leaderboards.errors import UnknownPeriod
from bondfire.leaderboards.model import BoardPage, Line, Place, State, pseudonym
from bondfire.leaderboards.store import Run
from bondfire.programs import Board, Brand, Stretch, Timeline

EACH_WAY: Final = 2
"""So many neighbours are shown above and below who asks."""


def has_pseudonyms(conn: Connection, brand: Brand) -> bool:
    """Whether a leaderboard can be shown: what pseudonyms are made with is kept (`make_pseudonyms`)."""
    return bool(store.secret_of(conn, brand.id))


def board_page(
    conn: Connection,
    brand: Brand,
    timeline: Timeline,
    name: str,
    *,
    now: datetime,
    at: datetime | None = None,
    segment: str = "",
    member_id: UUID | None = None,
) -> BoardPage:
    """A leaderboard in the period that holds a moment.

    Args:
        conn: reads one snapshot.
        brand: whose leaderboard.
        timeline: the versions of its programme.
        name: which one.
        now: what time it is for the brand.
        at: a moment of the period; now by default.
        segment: among whom; of a member their own.
        member_id: who asks.

    Raises:
        UnknownLeaderboard: the programme has none of this name.
        UnknownPeriod: it does not run then.
    """
    board, stretch = _find(timeline, name, at or now)
    run = Run(brand.id, name, stretch.start)
    secret = store.secret_of(conn, brand.id)
    assert secret, "`make_pseudonyms` comes first; without it a name could be turned back"  # noqa: S101

    def line(place: Place) -> Line:
        is_me = place.member_id == member_id
        score = place.score if is_me or board.shows_scores else None
        return Line(place.rank, pseudonym(secret, name, stretch.start, place.member_id), score, is_me)

    asked = _Asked(run, board, segment, member_id)
    is_closed = store.is_closed(conn, run)
    state: State = "closed" if is_closed else "over" if now >= stretch.end else "running"
    found = _closed(conn, asked) if is_closed else _running(conn, asked)
    return BoardPage(
        name,
        stretch.start,
        stretch.end,
        state,
        found.segment,
        [line(place) for place in found.top],
        [line(place) for place in found.near],
        line(found.me) if found.me is not None else None,
        is_shown=found.me is not None or _takes_part(conn, asked),
    )


def _find(timeline: Timeline, name: str, moment: datetime) -> tuple[Board, Stretch]:
    program = timeline.at(moment).program
    board = program.boards.get(name)
    if board is None:
        close = nearest(name, program.boards)
        known = ", ".join(sorted(program.boards)) or "none"
        raise UnknownLeaderboard(
            f"The programme has no leaderboard {name[:80]!r}.",
            next_step=f"Did you mean {close!r}?" if close else f"It has: {known}.",
        )
    stretch = board.stretch_at(moment, program.zone)
    if stretch is None:
        raise UnknownPeriod(
            f"The leaderboard {name} does not run at this time.",
            next_step="Ask for a moment between the beginning and the end of its challenge.",
        )
    return board, stretch


class _Asked(NamedTuple):
    """What is asked for: a leaderboard in a period, a segment, and who asks."""

    run: Run
    board: Board
    segment: str
    member_id: UUID | None


class _Found(NamedTuple):
    """Among whom, the first ones, who is near, and who asks."""

    segment: str
    top: list[Place]
    near: list[Place]
    me: Place | None


def _closed(conn: Connection, asked: _Asked) -> _Found:
    found = store.result_of(conn, asked.run, asked.member_id) if asked.member_id is not None else None
    me, segment = found or (None, asked.segment)
    places = store.result(conn, asked.run, segment, asked.board.size)
    return _Found(segment, places, [me] if me is not None and me not in places else [], me)


def _running(conn: Connection, asked: _Asked) -> _Found:
    run, member_id = asked.run, asked.member_id
    seat = store.seat_of(conn, run, member_id) if member_id is not None else None
    segment = asked.segment if seat is None else seat.segment
    places = store.top(conn, run, segment, asked.board.size)
    if seat is None or member_id is None or not seat.is_shown or seat.score <= 0:
        return _Found(segment, places, [], None)
    me = Place(member_id, store.rank_of(conn, run, segment, seat.score), seat.score)
    return _Found(segment, places, [] if me in places else _around(conn, run, segment, me), me)


def _around(conn: Connection, run: Run, segment: str, me: Place) -> list[Place]:
    above, below = store.neighbours(conn, run, segment, me, each_way=EACH_WAY)
    ranked = [
        [Place(who, store.rank_of(conn, run, segment, score), score) for who, score in some]
        for some in (above, below)
    ]
    return [*ranked[0], me, *ranked[1]]


def _takes_part(conn: Connection, asked: _Asked) -> bool:
    """Of who has no rank: what they chose, as far as this period knows, else what holds for all."""
    if asked.member_id is None:
        return False
    seat = store.seat_of(conn, asked.run, asked.member_id)
    return seat.is_shown if seat is not None else not asked.board.opt_in
