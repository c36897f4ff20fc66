"""The tables that several commands show: what became of each unit, and who stands in which tier."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from bondfire.cli.output import table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from bondfire.engine import Totals

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


def _words(figure: str) -> str:
    return figure.replace("_", " ")
