"""Games of chance: the commitment before, a play, and the seed afterwards."""

import secrets
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from bondfire.api.bodies import StrictJsonRoute
from bondfire.api.changes import IdempotencyKey, change
from bondfire.api.guard import MayReadMembers, MayWriteEvents
from bondfire.api.house import Caller
from bondfire.api.problems import problems
from bondfire.api.shapes import Amount, Entry, entry_of
from bondfire.db import Connection
from bondfire.games import GameView, PlayAsked, commit, is_committed, play, view_game
from bondfire.kit import format_amount, parse_time, show_id
from bondfire.members import find_member

router = APIRouter(prefix="/v1/games", tags=["members"], route_class=StrictJsonRoute)

At = Annotated[
    str | None,
    Query(
        description="A moment of the period, RFC 3339 with an offset; now by default.",
        examples=["2026-03-29T01:59:59+01:00"],
        max_length=40,
    ),
]


class Prize(BaseModel):
    """A prize and its odds."""

    odds: str = Field(description="An exact fraction; all of them add up to 1.", examples=["1/1000"])
    left: Amount | None = Field(description="How many are left; null: there is always one.")


class GameShown(BaseModel):
    """A game of chance in one period."""

    game: str = Field(examples=["wheel"])
    kind: str = Field(description="wheel or scratch_card.")
    start: datetime
    end: datetime = Field(description="The seed is shown from this instant on.")
    price: dict[str, Amount] = Field(description="What a play costs, by unit; empty: nothing.")
    prizes: dict[str, Prize]
    commitment: str = Field(description="SHA-256 of the seed; empty when the period had none.")
    seed: str | None = Field(description="In hex, once the period is over.")


class PlayFields(BaseModel, extra="forbid"):
    """A play."""

    id: str = Field(description="The sender's id of the play.", min_length=1, max_length=100)
    member: str = Field(description="The member's reference.", min_length=1, max_length=200)
    nonce: str = Field(description="What the member adds: 1 to 64 letters, digits, - and _.", max_length=64)
    commitment: str = Field(description="The commitment as it was shown.", max_length=64)


class PlayShown(BaseModel):
    """What became of a play. The same play again gets the same answer."""

    game: str
    play: str
    member_id: str
    number: int = Field(description="The member's plays in the period, from 1; part of the draw.")
    nonce: str
    commitment: str
    drawn: str = Field(description="The prize that was drawn.")
    given: str | None = Field(description="The prize that was given; another one when none was left.")
    entries: list[Entry]


@router.get("/{game}", responses=problems(404))
def get_game(caller: MayReadMembers, game: str, *, at: At = None) -> GameShown:
    """Read a game: odds, price, and the commitment to the seed of its period; the seed when that is over."""
    moment = None if at is None else parse_time(at, "at")
    if moment is None:
        _make_ready(caller, game)

    def act(conn: Connection) -> GameView:
        return view_game(conn, caller.brand, caller.timeline(conn), game, now=caller.now, at=moment)

    return _shown(caller.read(act))


@router.post("/{game}/plays", responses=problems(404, 409), response_model=PlayShown)
def post_play(
    caller: MayWriteEvents, game: str, asked: PlayFields, idempotency_key: IdempotencyKey = None
) -> Response:
    """Play once: the price is paid, something is drawn, and what was drawn is given, in one transaction."""

    def act(conn: Connection) -> PlayShown:
        member_id = find_member(conn, caller.brand, asked.member)
        wanted = PlayAsked(game, asked.id, asked.nonce, asked.commitment)
        told = play(conn, caller.brand, caller.timeline(conn), wanted, member_id=member_id, now=caller.now)
        body, decision = told.event.body, told.decision
        return PlayShown(
            game=game,
            play=asked.id,
            member_id=show_id("mem", member_id),
            number=int(str(body["number"])),
            nonce=str(body["nonce"]),
            commitment=str(body["commitment"]),
            drawn=str(body["drawn"]),
            given=next((one.note for one in decision.told if one.code == "prize_given"), None),
            entries=[Entry(**entry_of(entry)) for entry in decision.entries],
        )

    return change(caller, act, idempotency_key)


def _make_ready(caller: Caller, game: str) -> None:
    """Whoever looks first makes the house commit to a seed for the running period."""

    def committed(conn: Connection) -> bool:
        return is_committed(conn, caller.brand, caller.timeline(conn), game, now=caller.now)

    if not caller.read(committed):
        seed = secrets.token_bytes(32)
        caller.transact(
            lambda conn: commit(conn, caller.brand, caller.timeline(conn), game, now=caller.now, seed=seed)
        )


def _shown(view: GameView) -> GameShown:
    return GameShown(
        game=view.game,
        kind=view.kind,
        start=view.start,
        end=view.end,
        price={} if view.price is None else {view.price[0]: format_amount(view.price[1])},
        prizes={
            name: Prize(odds=odds, left=format_amount(view.left[name]) if name in view.left else None)
            for name, odds in view.odds.items()
        },
        commitment=view.commitment,
        seed=view.seed or None,
    )
