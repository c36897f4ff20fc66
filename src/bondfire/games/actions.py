"""Commit to a seed, and play: price, draw and prize in one transaction."""

import re
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from bondfire.db import Connection
from bondfire.engine import IdentityConflict, decide, game_named, next_play, shown_member
from bondfire.errors import BondfireError, Conflict, NotFound
from bondfire.events import Event, own_event
from bondfire.games import store
from bondfire.games.errors import NotCommitted, WrongCommitment, WrongNonce
from bondfire.games.model import commitment_of, side_drawn
from bondfire.journal import Decided, arrival_of, decided_before, hold_member, member_for, process_arrivals
from bondfire.programs import Brand, Game, Timeline

_NONCE: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_NOT_FOUND: Final = frozenset({"unknown_member", "unknown_game"})


class PlayAsked(NamedTuple):
    """What a player asks for.

    Attributes:
        id: the sender's id of the play; sent again, the first answer is given.
        nonce: what the member adds to the draw, so that the house alone cannot have chosen it.
        commitment: the hash of the seed, as it was shown.
    """

    game: str
    id: str
    nonce: str
    commitment: str


def commit(
    conn: Connection, brand: Brand, timeline: Timeline, game: str, *, now: datetime, seed: bytes
) -> None:
    """Keep a seed for the running period of a game; the first one stays, and nothing shows it before the end.

    Args:
        conn: in a transaction; never committed here.
        brand: whose game.
        timeline: the versions of its programme.
        game: its name.
        now: what time it is for the brand.
        seed: 32 random bytes, from whoever may ask for chance.
    """
    program = timeline.at(now).program
    stretch = game_named(program, game).stretch_at(now, program.zone)
    store.keep_seed(conn, brand.id, game, stretch.start, seed=seed)


def play(
    conn: Connection, brand: Brand, timeline: Timeline, asked: PlayAsked, *, member_id: UUID, now: datetime
) -> Decided:
    """Play once, in the caller's transaction: pay, draw, and give what was drawn.

    First it is tried whether the member may play at all: what is refused was never drawn, so nobody can look
    at draws until one pleases them.

    Raises:
        UnknownGame, NotPlayable, NotEnough: the programme refuses the play; nothing is kept of it.
        NotCommitted, WrongCommitment, WrongNonce: it cannot be proved like this.
        IdentityConflict: another play had this id.
    """
    program = timeline.at(now).program
    game = game_named(program, asked.game)
    if not _NONCE.fullmatch(asked.nonce):
        raise WrongNonce("The nonce is no such word.", next_step="Send 1 to 64 letters, digits, - and _.")
    hold_member(conn, brand, member_id)
    event_id = f"game/{asked.game}/{asked.id}"
    before = decided_before(conn, brand, timeline, member_id=member_id, source="bondfire", event_id=event_id)
    if before is not None:
        return _same(before, asked)
    start = game.stretch_at(now, program.zone).start
    seed = _seed_for(conn, brand, asked, start)

    def played(number: int, drawn: str) -> Event:
        raw = {
            "id": event_id,
            "type": "game.played",
            "member": shown_member(member_id),
            "occurred_at": now.isoformat(),
            "game": asked.game,
            "period": start.isoformat(),
            "commitment": asked.commitment,
            "nonce": asked.nonce,
            "number": number,
            "drawn": drawn,
        }
        return own_event(raw, recorded_at=now)

    state = member_for(conn, brand, timeline, played(1, min(game.prizes)), member_id=member_id)
    number = max(1, next_play(state, asked.game, start))
    trial, _ = decide(timeline, state, played(number, min(game.prizes)))
    if trial.outcome == "refused":
        raise _refusal(trial.code, trial.message, trial.next_step)
    event = played(number, prize_drawn(seed, game, shown_member(member_id), number=number, nonce=asked.nonce))
    (result,) = process_arrivals(conn, brand, timeline, [arrival_of(brand.name, event, member_id)])
    assert result.decision is not None, "it never came before"  # noqa: S101
    return Decided(member_id, event, result.decision)


def prize_drawn(seed: bytes, game: Game, member: str, *, number: int, nonce: str) -> str:
    """The prize that a play draws."""
    return game.prize_on(side_drawn(seed, game.name, member, number=number, nonce=nonce, sides=game.sides))


def _seed_for(conn: Connection, brand: Brand, asked: PlayAsked, start: datetime) -> bytes:
    seed = store.seed_of(conn, brand.id, asked.game, start)
    if seed is None:
        raise NotCommitted(
            f"Nobody has asked for the commitment of {asked.game} in this period.",
            next_step=f"Read it first: GET /v1/games/{asked.game}.",
        )
    if commitment_of(seed) != asked.commitment:
        raise WrongCommitment(
            "This is not the commitment of the running period.",
            next_step=f"Read it again: GET /v1/games/{asked.game}; a new period has a new one.",
        )
    return seed


def _same(before: Decided, asked: PlayAsked) -> Decided:
    body = before.event.body
    if (body["nonce"], body["commitment"]) != (asked.nonce, asked.commitment):
        raise IdentityConflict(
            f"The play {asked.id} came before with another nonce or commitment; the first stands.",
            next_step="Play again under a new id.",
        )
    return before


def _refusal(code: str, message: str, next_step: str) -> BondfireError:
    kind = NotFound if code in _NOT_FOUND else Conflict
    return kind(message, next_step=next_step, code=code)
