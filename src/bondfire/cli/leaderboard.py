"""`bondfire leaderboard`: who is ahead."""

import secrets
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from cyclopts import Parameter

from bondfire.cli.house import open_database
from bondfire.cli.options import AsJson, BrandName
from bondfire.cli.output import print_json
from bondfire.kit import format_amount

Which = Annotated[str, Parameter(help="The name of the leaderboard.")]
At = Annotated[str, Parameter(help="A moment of the period, RFC 3339; now by default.")]
Segment = Annotated[str, Parameter(help="Among whom, where members are compared by segment.")]


def leaderboard(
    which: Which, /, *, brand: BrandName, at: At = "", segment: Segment = "", as_json: AsJson = False
) -> None:
    """Show a leaderboard under the pseudonyms that members see.

    A period that is over is closed by `bondfire worker`, which also gives its prizes; from then on its result
    stands, whatever comes late.

    Example: bondfire leaderboard spenders --brand corner-cafe
    """
    from bondfire.db import connect, retrying, transaction
    from bondfire.kit import parse_time
    from bondfire.leaderboards import BoardPage, board_page, make_pseudonyms
    from bondfire.programs import brand_named, load_timeline

    moment = parse_time(at, "at") if at else None
    with open_database() as dsn, connect(dsn) as conn:

        def look() -> BoardPage:
            with transaction(conn):
                owner = brand_named(conn, brand)
                make_pseudonyms(conn, owner, secrets.token_bytes(32))
                timeline, now = load_timeline(conn, owner.id), owner.time(datetime.now(UTC))
                return board_page(conn, owner, timeline, which, now=now, at=moment, segment=segment)

        page = retrying(look)
    if as_json:
        lines = [{"rank": one.rank, "name": one.name, "score": _text(one.score) or None} for one in page.top]
        said = {"leaderboard": page.board, "start": page.start.isoformat(), "end": page.end.isoformat()}
        print_json({**said, "state": page.state, "segment": page.segment, "top": lines})
        return
    print(f"{page.board}, {page.start.isoformat()} to {page.end.isoformat()}, {page.state}")
    for one in page.top:
        print(f"{one.rank:>5}  {one.name}  {_text(one.score)}".rstrip())


def _text(score: Decimal | None) -> str:
    return "" if score is None else format_amount(score)
