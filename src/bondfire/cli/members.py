"""`bondfire members`: what a person may ask of us."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from cyclopts import App, Parameter

from bondfire.cli.house import open_database
from bondfire.cli.options import AsJson, BrandName
from bondfire.cli.output import print_json

members = App(
    name="members",
    help="Erase a person; their books stay.",
    help_epilogue="Example: bondfire members erase c-17 --brand corner-cafe",
    help_format="plaintext",
)

Who = Annotated[str, Parameter(help="The reference that their events come under; an alias or id will do.")]
Because = Annotated[
    Literal["asked", "retention", "authority"],
    Parameter(help="They asked, it was kept long enough, or an authority said so."),
]


@members.command
def erase(who: Who, /, *, brand: BrandName, reason: Because = "asked", as_json: AsJson = False) -> None:
    """Erase a person for ever.

    Profile, aliases, consents, their words, rejects that name them and answers that repeat them go, in one
    transaction. Entries, balances and proofs stay under the member's id, and later events are refused.

    Example: bondfire members erase c-17 --brand corner-cafe
    """
    from bondfire.db import connect, retrying, transaction
    from bondfire.kit import show_id
    from bondfire.privacy import Erased, erase_member
    from bondfire.programs import brand_named, load_timeline

    with open_database() as dsn, connect(dsn) as conn:

        def act() -> Erased:
            with transaction(conn):
                owner = brand_named(conn, brand)
                timeline, at = load_timeline(conn, owner.id), owner.time(datetime.now(UTC))
                return erase_member(
                    conn, owner, timeline, who, at=at, reason=reason, actor="bondfire members"
                )

        erased = retrying(act)
    member_id = show_id("mem", erased.member_id)
    if as_json:
        print_json({"member_id": member_id, "removed": erased.removed})
        return
    removed = ", ".join(f"{number} {name}" for name, number in erased.removed.items() if number)
    print(f"{member_id} is an id with books now. Removed: {removed or 'nothing more'}.")
