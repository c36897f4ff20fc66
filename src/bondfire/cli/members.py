"""`bondfire members`: what a person may ask of us: to be one account, to be forgotten."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from bondfire.cli.house import open_database
from bondfire.cli.options import AsJson, BrandName
from bondfire.cli.output import print_json

if TYPE_CHECKING:
    from bondfire.groups import Merged

members = App(
    name="members",
    help="Merge two accounts of one person, or erase a person.",
    help_epilogue="Example: bondfire members merge c-17 c-18 --brand corner-cafe",
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


Account = Annotated[
    str, Parameter(help="Reference, alias or id of the account that becomes part of the other.")
]
Into = Annotated[str, Parameter(help="Reference, alias or id of the account that stays.")]
WhyOne = Annotated[
    Literal["duplicate", "asked", "replaced"],
    Parameter(help="Two accounts by mistake, the person asked for it, or a card was replaced."),
]
DryRun = Annotated[bool, Parameter(help="Say what would be, and change nothing.", negative="")]


@members.command
def merge(
    account: Account,
    into: Into,
    /,
    *,
    brand: BrandName,
    reason: WhyOne = "duplicate",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Merge an account into another one of the same person, for ever.

    Lots keep when they were earned and when they end, and whatever comes later for the first goes to the
    second: events, returns, aliases, the id. A second time changes nothing.

    Example: bondfire members merge c-17 c-18 --brand corner-cafe --dry-run
    """
    from bondfire.db import connect, retrying, transaction
    from bondfire.groups import Merged, merge_members, preview_merge
    from bondfire.journal import Because
    from bondfire.programs import brand_named, load_timeline

    with open_database() as dsn, connect(dsn) as conn:

        def act() -> Merged:
            with transaction(conn):
                owner = brand_named(conn, brand)
                timeline, at = load_timeline(conn, owner.id), owner.time(datetime.now(UTC))
                do = preview_merge if dry_run else merge_members
                return do(
                    conn, owner, timeline, (account, into), at=at, why=Because(reason, "bondfire members")
                )

        merged = retrying(act)
    if as_json:
        print_json(_merged_dict(merged) | {"dry_run": dry_run})
    else:
        print(_merged_line(merged, dry_run=dry_run))


def _merged_dict(merged: "Merged") -> dict[str, Any]:
    from bondfire.kit import show_id

    return {
        "member_id": show_id("mem", merged.survivor),
        "former_id": show_id("mem", merged.former),
        "is_new": merged.is_new,
        "came_over": dict(merged.came_over),
        "owed": dict(merged.owed),
        "tier_changes": list(merged.tier_changes),
        "withdrawn_consents": [{"kind": one.kind, "source": one.source} for one in merged.withdrawn],
    }


def _merged_line(merged: "Merged", *, dry_run: bool) -> str:
    from bondfire.kit import format_amount, show_id

    pair = f"{show_id('mem', merged.former)} {{}} part of {show_id('mem', merged.survivor)}"
    if not merged.is_new:
        return f"{pair.format('is')} already; nothing changed."
    told = [f"{format_amount(amount)} {unit}" for unit, amount in merged.came_over.items()]
    told += [f"a debt of {format_amount(amount)} {unit}" for unit, amount in merged.owed.items()]
    told += [f"{one.tier_set} {one.after}" for one in merged.tier_changes]
    told += [f"no consent to {one.kind}" for one in merged.withdrawn]
    state = "would be" if dry_run else "is now"
    return f"{pair.format(state)}. With it: {', '.join(told) or 'nothing to spend'}."
