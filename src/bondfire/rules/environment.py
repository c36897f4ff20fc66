"""What an expression may speak of: its variables and their types, and the limits it must keep."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

from bondfire.rules.types import Type

MOST_ELEMENTS: Final = 1000
MOST_CHARACTERS: Final = 1000
MOST_COST: Final = 1_500_000
"""Between two cases: a look through 1,000 categories of each of 1,000 lines (1.01 million) must pass, and 18
macros inside each other over two elements (1.84 million) must not."""
UTC: Final = ZoneInfo("UTC")


@dataclass(frozen=True)
class Environment:
    """Variables and limits; immutable, so one serves any number of expressions.

    Attributes:
        variables: type of each variable.
        zone: the programme's time zone, for whoever explains; CEL's own getters default to UTC.
        elements: declared worst case of a list or map that does not say `most` itself.
        characters: declared worst case of a string.
        most_cost: an expression that can cost more is refused.
        container: namespace in which names are looked up first.
        specification: behave exactly as the CEL specification says, without our own early refusals
            of a division by a constant zero.
    """

    variables: Mapping[str, Type]
    zone: ZoneInfo = field(default=UTC, kw_only=True)
    elements: int = field(default=MOST_ELEMENTS, kw_only=True)
    characters: int = field(default=MOST_CHARACTERS, kw_only=True)
    most_cost: int = field(default=MOST_COST, kw_only=True)
    container: str = field(default="", kw_only=True)
    specification: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        object.__setattr__(self, "variables", dict(self.variables))
