"""The tables that several commands show: what became of each unit, and who stands in which tier."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from bondfire.cli.output import table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from bondfire.engine import TierCount, Totals

FIGURES: Final = (
    "issued",
    "pending",
    "active",
    "spent",
    "expired",
    "clawed_back",
    "written_off",
    "debt",
    "liability",
)


def totals_table(totals: "Mapping[str, Totals]") -> "RenderableType":
    """What was issued in each unit and what became of it."""
    rows = [[unit, *(getattr(total, figure) for figure in FIGURES)] for unit, total in totals.items()]
    return table("What was issued and what became of it", ["unit", *map(_words, FIGURES)], rows)


def tiers_table(tier_set: str, members: Mapping[str | None, int]) -> "RenderableType":
    """How many members stand in each tier of a set."""
    rows = [[tier or "(none)", number] for tier, number in members.items()]
    return table(f"Members by tier of {tier_set}", ["tier", "members"], rows)


def tier_tables(counted: "Sequence[TierCount]", ranks: Mapping[str, Sequence[str]]) -> "list[RenderableType]":
    """One table for each tier set, its tiers from the lowest; `ranks` names them in that order."""
    tables = []
    for name, tiers in sorted(ranks.items()):
        members = {one.tier: one.members for one in counted if one.tier_set == name}
        shown = [None, *tiers] if members.get(None) else tiers
        tables.append(tiers_table(name, {tier: members.get(tier, 0) for tier in shown}))
    return tables


def _words(figure: str) -> str:
    return figure.replace("_", " ")
