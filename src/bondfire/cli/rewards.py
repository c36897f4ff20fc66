"""`bondfire rewards`: what staff do with rewards: look, import codes, check in, cancel, mark empty seats."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar
from uuid import uuid4

from cyclopts import App, Parameter

from bondfire.cli.house import open_database
from bondfire.cli.options import AsJson, BrandName
from bondfire.cli.output import count, print_json, show, table

if TYPE_CHECKING:
    from bondfire.db import Connection
    from bondfire.programs import Brand, Timeline

T = TypeVar("T")
Act = Callable[["Connection", "Brand", "Timeline", datetime], T]

ACTOR = "bondfire rewards"

rewards = App(
    name="rewards",
    help="Look after rewards: codes, tickets, seats, what is left.",
    help_epilogue="Example: bondfire rewards list --brand corner-cafe",
    help_format="plaintext",
)

Who = Annotated[str, Parameter(help="The member: a reference, an alias or an id.")]
Why = Annotated[str, Parameter(help="Why; it stands in the journal.")]
RewardName = Annotated[str, Parameter(help="A reward of the programme.")]


def _once(brand: str, act: "Act[T]") -> T:
    """Do something with a brand in one transaction, again after an error that may pass."""
    from bondfire.db import connect, retrying, transaction
    from bondfire.programs import brand_named, load_timeline

    with open_database() as dsn, connect(dsn) as conn:

        def once() -> T:
            with transaction(conn):
                owner = brand_named(conn, brand)
                return act(conn, owner, load_timeline(conn, owner.id), owner.time(datetime.now(UTC)))

        return retrying(once)


@rewards.command(name="list")
def list_(*, brand: BrandName, as_json: AsJson = False) -> None:
    """List the rewards of the programme: what each costs, and how many are left, taken and waited for.

    Example: bondfire rewards list --brand corner-cafe
    """
    from bondfire.rewards import what_is_left

    left, known = _once(
        brand,
        lambda conn, owner, timeline, now: (
            what_is_left(conn, owner, timeline, now=now),
            timeline.at(now).program.rewards,
        ),
    )
    if as_json:
        print_json(
            {"rewards": {name: {"kind": known[name].kind, **one._asdict()} for name, one in left.items()}}
        )
        return
    rows = [
        [name, known[name].kind, "any" if one.left is None else one.left, one.taken, one.waiting]
        for name, one in left.items()
    ]
    show(table("Rewards", ["reward", "kind", "left", "taken", "waiting"], rows, left=2))


@rewards.command(name="import-codes")
def import_codes(
    reward: RewardName,
    file: Annotated[Path, Parameter(help="A text file with one code in each line.")],
    /,
    *,
    brand: BrandName,
    as_json: AsJson = False,
) -> None:
    """Import codes of a partner, of which each is given out once; those that are there change nothing.

    Example: bondfire rewards import-codes cinema codes.txt --brand corner-cafe
    """
    from bondfire.rewards import MOST_CODES
    from bondfire.rewards import import_codes as bring

    def act(
        conn: "Connection", owner: "Brand", timeline: "Timeline", _now: datetime, *, some: list[str]
    ) -> int:
        return bring(conn, owner, timeline, reward, codes=some)

    codes = [line.strip() for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    new = 0
    for first in range(0, max(1, len(codes)), MOST_CODES):
        new += _once(brand, partial(act, some=codes[first : first + MOST_CODES]))
    if as_json:
        print_json({"new": new, "known": len(codes) - new})
    else:
        print(f"{count(new, 'code')} new, {len(codes) - new} were there.")


@rewards.command(name="check-in")
def check_in(
    code: Annotated[str, Parameter(help="The code of a ticket or voucher, as scanned or typed.")],
    /,
    *,
    brand: BrandName,
    as_json: AsJson = False,
) -> None:
    """Check a ticket in, or use a voucher, once.

    Example: bondfire rewards check-in 4F7K-2V6Q-3ZNH-5X2C --brand corner-cafe
    """
    from bondfire.kit import show_id
    from bondfire.rewards import use_code

    who, used = _once(
        brand, lambda conn, owner, timeline, now: use_code(conn, owner, timeline, code, now=now)
    )
    if as_json:
        said = {"member_id": show_id("mem", who), "redemption": used.event}
        print_json({**said, "reward": used.reward, "quantity": used.taken})
    else:
        print(f"{used.reward} for {used.taken}: welcome.")


@rewards.command
def cancel(
    who: Who,
    redemption: Annotated[str, Parameter(help="The id of the redemption.")],
    /,
    *,
    brand: BrandName,
    reason: Why,
    as_json: AsJson = False,
) -> None:
    """Undo a redemption that was not used: its price goes back, others can have it.

    Example: bondfire rewards cancel c-17 red_7f4k2v6q --brand corner-cafe --reason "the oven broke"
    """
    from bondfire.kit import show_id
    from bondfire.members import find_member
    from bondfire.rewards import cancel as undo
    from bondfire.rewards import open_desk

    event = show_id("can", uuid4())

    def act(conn: "Connection", owner: "Brand", timeline: "Timeline", now: datetime) -> str:
        desk = open_desk(conn, owner, timeline, find_member(conn, owner, who), now=now)
        return undo(desk, redemption, event=event, reason=reason, actor=ACTOR).redeemed.reward

    reward = _once(brand, act)
    if as_json:
        print_json({"redemption": redemption, "reward": reward, "status": "cancelled"})
    else:
        print(f"{reward} went back.")


@rewards.command(name="no-shows")
def no_shows(
    reward: RewardName, /, *, brand: BrandName, reason: Why = "did not come", as_json: AsJson = False
) -> None:
    """Mark the seats of an event that stayed empty, when it has begun.

    Example: bondfire rewards no-shows atelier --brand corner-cafe
    """
    from bondfire.rewards import mark_missed

    def act(conn: "Connection", owner: "Brand", timeline: "Timeline", now: datetime) -> bool:
        return mark_missed(conn, owner, timeline, reward, now=now, reason=reason, actor=ACTOR)

    marked = 0
    while _once(brand, act):
        marked += 1
    if as_json:
        print_json({"marked": marked})
    else:
        print(f"{count(marked, 'seat')} stayed empty.")
