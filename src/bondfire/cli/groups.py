"""`bondfire groups`: households and companies whose members spend together."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar
from uuid import UUID

from cyclopts import App, Parameter

from bondfire.cli.house import open_database
from bondfire.cli.options import AsJson, BrandName
from bondfire.cli.output import print_json

if TYPE_CHECKING:
    from bondfire.db import Connection
    from bondfire.groups import Group, Spending
    from bondfire.programs import Brand, Timeline

T = TypeVar("T")

groups = App(
    name="groups",
    help="Households and companies whose members spend together.",
    help_epilogue="Example: bondfire groups found household c-17 --brand corner-cafe",
    help_format="plaintext",
)

Id = Annotated[str, Parameter(help="The group: grp_...")]
Who = Annotated[str, Parameter(help="Reference, alias or id of a member.")]
Kind = Annotated[Literal["household", "company"], Parameter(help="What the programme has a section for.")]
Role = Annotated[
    Literal["owner", "member", "spender"],
    Parameter(
        help="An owner looks after the group and spends, a spender spends, a member's points only pay."
    ),
]


@groups.command
def found(kind: Kind, owner: Who, /, *, brand: BrandName, as_json: AsJson = False) -> None:
    """Found a household or a company; its owner is its first member.

    Example: bondfire groups found household c-17 --brand corner-cafe
    """
    from bondfire.groups import found_group

    _show(
        _do(brand, lambda house: found_group(*house.books, kind=kind, owner=owner, at=house.at)),
        as_json=as_json,
    )


@groups.command
def show(group: Id, /, *, brand: BrandName, as_json: AsJson = False) -> None:
    """Show who is in a group or invited.

    Example: bondfire groups show grp_... --brand corner-cafe
    """
    from bondfire.groups import read_group

    _show(_do(brand, lambda house: read_group(house.conn, house.brand, _id(group))), as_json=as_json)


@groups.command(name="invite")
def invite_member(
    group: Id, who: Who, /, *, brand: BrandName, role: Role = "spender", as_json: AsJson = False
) -> None:
    """Invite a member, or change the role of one; whoever is invited is in it once they accept.

    Example: bondfire groups invite grp_... c-18 --brand corner-cafe --role member
    """
    from bondfire.groups import invite

    _show(
        _do(brand, lambda house: invite(*house.books, _id(group), member=who, role=role, at=house.at)),
        as_json=as_json,
    )


@groups.command(name="accept")
def accept_invitation(group: Id, who: Who, /, *, brand: BrandName, as_json: AsJson = False) -> None:
    """Say yes to an invitation, for the member who does.

    Example: bondfire groups accept grp_... c-18 --brand corner-cafe
    """
    from bondfire.groups import accept

    _show(
        _do(brand, lambda house: accept(house.conn, house.brand, _id(group), member=who, at=house.at)),
        as_json=as_json,
    )


@groups.command(name="leave")
def leave_group(group: Id, who: Who, /, *, brand: BrandName, as_json: AsJson = False) -> None:
    """Let a member leave; what they have not spent stays theirs.

    Example: bondfire groups leave grp_... c-18 --brand corner-cafe
    """
    from bondfire.groups import leave

    left = _do(brand, lambda house: leave(house.conn, house.brand, _id(group), member=who, at=house.at))
    _show(left, as_json=as_json, gone=group)


@groups.command(name="dissolve")
def dissolve_group(group: Id, /, *, brand: BrandName, as_json: AsJson = False) -> None:
    """Dissolve a group; everybody keeps what is theirs.

    Example: bondfire groups dissolve grp_... --brand corner-cafe
    """
    from bondfire.groups import dissolve

    _do(brand, lambda house: dissolve(house.conn, house.brand, _id(group), at=house.at))
    _show(None, as_json=as_json, gone=group)


@groups.command
def spend(
    group: Id,
    who: Who,
    amount: Annotated[Decimal, Parameter(help="How much.")],
    unit: Annotated[str, Parameter(help="Of which unit.")],
    /,
    *,
    brand: BrandName,
    name: Annotated[str, Parameter(name="--id", help="Your id of it; the same again changes nothing.")],
    order: Annotated[str, Parameter(help="The order that is paid.")] = "",
    as_json: AsJson = False,
) -> None:
    """Spend from the members of a group, first what ends first.

    Example: bondfire groups spend grp_... c-18 60 points --id till-1 --order 1044 --brand corner-cafe
    """
    from bondfire.groups import Wish, spend_together

    wish = Wish("bondfire groups", name, who, unit, amount, order)
    spent = _do(
        brand, lambda house: spend_together(*house.books, group_id=_id(group), wish=wish, at=house.at)
    )
    _show_spending(spent, as_json=as_json)


class _House:
    """What an act needs: a transaction, the brand, its programme and its time."""

    def __init__(self, conn: "Connection", name: str) -> None:
        from bondfire.programs import brand_named, load_timeline

        self.conn = conn
        self.brand = brand_named(conn, name)
        self.timeline = load_timeline(conn, self.brand.id)
        self.at = self.brand.time(datetime.now(UTC))

    @property
    def books(self) -> "tuple[Connection, Brand, Timeline]":
        """Transaction, brand and programme."""
        return self.conn, self.brand, self.timeline


def _do(brand: str, act: Callable[[_House], T]) -> T:
    """Do something in one transaction, and again after errors that may pass."""
    from bondfire.db import connect, retrying, transaction

    with open_database() as dsn, connect(dsn) as conn:

        def once() -> T:
            with transaction(conn):
                return act(_House(conn, brand))

        return retrying(once)


def _id(group: str) -> UUID:
    from bondfire.kit import parse_id

    return parse_id("grp", group)


def _show(group: "Group | None", *, as_json: bool, gone: str = "") -> None:
    from bondfire.kit import show_id

    if group is None:
        told: dict[str, Any] = {"group_id": gone, "is_dissolved": True}
        print_json(told) if as_json else print(f"{gone} is dissolved; everybody keeps what is theirs.")
        return
    members = [
        {
            "member_id": show_id("mem", one.member_id),
            "role": one.role,
            "invited_at": one.invited_at,
            "joined_at": one.joined_at,
        }
        for one in group.belongings
    ]
    name = show_id("grp", group.group_id)
    if as_json:
        print_json({"group_id": name, "kind": group.kind, "pooled": group.is_pooled, "members": members})
        return
    print(f"{name}, a {group.kind} that spends {'together' if group.is_pooled else 'each their own'}:")
    for one in members:
        print(f"  {one['member_id']} {one['role']}{'' if one['joined_at'] else ', invited'}")


def _show_spending(spent: "Spending", *, as_json: bool) -> None:
    from bondfire.kit import format_amount, show_id

    parts = {show_id("mem", payer): amount for payer, amount in spent.payers.items()}
    if as_json:
        print_json({"id": spent.event_id, "unit": spent.unit, "amount": spent.amount, "payers": parts})
        return
    said = ", ".join(f"{payer} {format_amount(amount)}" for payer, amount in parts.items())
    print(f"{format_amount(spent.amount)} {spent.unit} paid: {said}.")
