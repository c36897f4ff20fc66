"""A game as anybody may see it, and the proof of all its draws."""

from datetime import datetime

from bondfire.db import Connection
from bondfire.engine import budgets_in_stock, game_named, shown_member
from bondfire.games import store
from bondfire.games.actions import prize_drawn
from bondfire.games.errors import NotCommitted
from bondfire.games.model import GameView, Proof, WrongDraw, commitment_of
from bondfire.journal import Decided, decided_of_type, used_of_budgets
from bondfire.programs import Brand, Timeline


def is_committed(conn: Connection, brand: Brand, timeline: Timeline, game: str, *, now: datetime) -> bool:
    """Whether the running period of a game has its seed."""
    program = timeline.at(now).program
    start = game_named(program, game).stretch_at(now, program.zone).start
    return store.seed_of(conn, brand.id, game, start) is not None


def view_game(
    conn: Connection,
    brand: Brand,
    timeline: Timeline,
    name: str,
    *,
    now: datetime,
    at: datetime | None = None,
) -> GameView:
    """A game in the period that holds a moment; its seed is shown once that is over.

    Raises:
        UnknownGame: the programme has none of this name.
    """
    program = timeline.at(at or now).program
    game = game_named(program, name)
    stretch = game.stretch_at(at or now, program.zone)
    seed = store.seed_of(conn, brand.id, name, stretch.start)
    stocks = budgets_in_stock(game)
    used = used_of_budgets(conn, brand, [key for key, _ in stocks.values()]) if stocks else {}
    return GameView(
        name,
        game.kind,
        stretch.start,
        stretch.end,
        game.price,
        {prize: str(chance.odds) for prize, chance in sorted(game.prizes.items())},
        {prize: limit - used.get(key, limit * 0) for prize, (key, limit) in stocks.items()},
        commitment_of(seed) if seed else "",
        seed.hex() if seed and now >= stretch.end else "",
    )


def prove(
    conn: Connection, brand: Brand, timeline: Timeline, name: str, *, now: datetime, at: datetime
) -> Proof:
    """Draw everything of a period that is over again, with its seed, and compare.

    Raises:
        UnknownGame: the programme has none of this name.
        NotCommitted: the period is not over, or had no seed.
    """
    view = view_game(conn, brand, timeline, name, now=now, at=at)
    if not view.seed:
        raise NotCommitted(
            f"The seed of {name} in this period is not shown: it is not over, or nobody played.",
            next_step=f"It ends at {view.end.isoformat()}.",
        )
    seed, plays, wrong = bytes.fromhex(view.seed), 0, []
    numbers: dict[str, int] = {}
    for one in decided_of_type(conn, brand, timeline, "game.played"):
        body = one.event.body
        if body["game"] != name or body["period"] != view.start:
            continue
        plays += 1
        member, number = shown_member(one.member_id), int(str(body["number"]))
        stored = f"{body['drawn']} by {body['commitment']}"
        follows = f"{_drawn_again(seed, name, one)} by {view.commitment}"
        if stored != follows:
            wrong.append(WrongDraw(one.event.id, member, number, stored, follows))
        expected = numbers[member] = numbers.get(member, 0) + 1
        if number != expected:
            wrong.append(WrongDraw(one.event.id, member, number, f"play {number}", f"play {expected}"))
    return Proof(view.commitment, view.seed, plays, wrong)


def _drawn_again(seed: bytes, name: str, one: Decided) -> str:
    """What follows from the seed, by the odds of the version that decided."""
    game, body = one.decision.decided_by.program.games[name], one.event.body
    number, nonce = int(str(body["number"])), str(body["nonce"])
    return prize_drawn(seed, game, shown_member(one.member_id), number=number, nonce=nonce)
