"""`bondfire games`: the commitment before, the proof afterwards."""

import secrets
from datetime import UTC, datetime
from typing import Annotated

from cyclopts import App, Parameter

from bondfire.cli.house import open_database
from bondfire.cli.options import AsJson, BrandName
from bondfire.cli.output import count, print_json

games = App(
    name="games",
    help="Show games of chance, and prove their draws.",
    help_epilogue="Example: bondfire games verify wheel --brand corner-cafe --at 2026-03-10T00:00:00Z",
    help_format="plaintext",
)

Which = Annotated[str, Parameter(help="The name of the game.")]
At = Annotated[str, Parameter(help="A moment of the period, RFC 3339; now by default.")]
AtThen = Annotated[str, Parameter(help="A moment of the period that is to be proved, RFC 3339.")]


@games.command
def show(which: Which, /, *, brand: BrandName, at: At = "", as_json: AsJson = False) -> None:
    """Show a game: odds, the commitment to the seed of its period, and the seed once that is over.

    Who looks first makes the house commit to a seed for the running period.

    Example: bondfire games show wheel --brand corner-cafe
    """
    from bondfire.db import connect, retrying, transaction
    from bondfire.games import GameView, commit, view_game
    from bondfire.kit import parse_time
    from bondfire.programs import brand_named, load_timeline

    moment = parse_time(at, "at") if at else None
    with open_database() as dsn, connect(dsn) as conn:

        def look() -> GameView:
            with transaction(conn):
                owner = brand_named(conn, brand)
                timeline, now = load_timeline(conn, owner.id), owner.time(datetime.now(UTC))
                if moment is None:
                    commit(conn, owner, timeline, which, now=now, seed=secrets.token_bytes(32))
                return view_game(conn, owner, timeline, which, now=now, at=moment)

        view = retrying(look)
    said = {"game": view.game, "start": view.start.isoformat(), "end": view.end.isoformat()}
    said |= {"commitment": view.commitment, "seed": view.seed}
    if as_json:
        print_json({**said, "odds": view.odds})
        return
    for name, value in said.items():
        print(f"{name:<11} {value or 'not shown yet'}")
    for prize, odds in view.odds.items():
        print(f"  {prize:<20} {odds}")


@games.command
def verify(which: Which, /, *, brand: BrandName, at: AtThen, as_json: AsJson = False) -> int:
    """Draw everything of a period that is over again with its seed, and compare; 1 when something is wrong.

    The formula stands in docs/reference/games.md, so anybody can do the same.

    Example: bondfire games verify wheel --brand corner-cafe --at 2026-03-10T00:00:00Z
    """
    from bondfire.db import connect, transaction
    from bondfire.games import prove
    from bondfire.kit import parse_time
    from bondfire.programs import brand_named, load_timeline

    moment = parse_time(at, "at")
    with open_database() as dsn, connect(dsn) as conn, transaction(conn, snapshot=True):
        owner = brand_named(conn, brand)
        timeline, now = load_timeline(conn, owner.id), owner.time(datetime.now(UTC))
        proof = prove(conn, owner, timeline, which, now=now, at=moment)
    if as_json:
        wrong = [f"{one.event} of {one.member}: {one.stored}, follows: {one.follows}" for one in proof.wrong]
        said = {"commitment": proof.commitment, "seed": proof.seed, "plays": proof.plays}
        print_json({**said, "wrong": wrong})
    else:
        print(f"commitment {proof.commitment}\nseed       {proof.seed}")
        for one in proof.wrong:
            print(f"wrong: {one.event} of {one.member} is {one.stored}, but follows as {one.follows}")
        print(f"{count(proof.plays, 'play')} drawn again, {len(proof.wrong)} wrong.")
    return 1 if proof.wrong else 0
