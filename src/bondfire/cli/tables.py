"""The tables that several commands show: what became of each unit, and who stands in which tier."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from bondfire.cli.output import table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from bondfire.journal import TierCount
    from bondfire.ledger import Wallet
    from bondfire.programs import Program

FIGURES: Final = (
    "issued",
    "pending",
    "active",
    "held",
    "spent",
    "expired",
    "clawed_back",
    "written_off",
    "debt",
    "in_transit",
    "liability",
)


_RARE: Final = frozenset({"held", "in_transit"})


def totals_table(totals: "Mapping[str, Wallet]", program: "Program") -> "RenderableType":
    """What was issued in each unit and what became of it; a unit that only qualifies is no liability.

    What is held or in transit is shown while something is.
    """
    rows = [
        [
            figure.replace("_", " "),
            *(
                _figure(total, figure, qualifying=program.units[unit].qualifying)
                for unit, total in totals.items()
            ),
        ]
        for figure in FIGURES
        if figure not in _RARE or any(getattr(total, figure) for total in totals.values())
    ]
    return table("What was issued and what became of it", ["", *totals], rows)


def _figure(total: "Wallet", figure: str, *, qualifying: bool) -> Decimal | None:
    if figure == "liability" and qualifying:
        return None
    amount: Decimal = getattr(total, figure)
    return amount


def tier_tables(counted: "Sequence[TierCount]", program: "Program") -> "list[RenderableType]":
    """How many members stand in each tier, one table for each tier set, its tiers from the lowest."""
    tables = []
    for name, tier_set in sorted(program.tier_sets.items()):
        members = {one.tier: one.members for one in counted if one.tier_set == name}
        ranks: list[str | None] = [tier.name for tier in tier_set.tiers]
        shown = [None, *ranks] if members.get(None) else ranks
        rows = [[tier or "(none)", members.get(tier, 0)] for tier in shown]
        tables.append(table(f"Members by tier of {name}", ["tier", "members"], rows))
    return tables
