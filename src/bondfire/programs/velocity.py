"""How much may happen to one member in a time before a person looks at it, as types."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

VelocityWindow = Literal["hour", "day", "rolling_24h", "week", "month"]


@dataclass(frozen=True, slots=True)
class AwardLimit:
    """So much of a unit a member earns in a window by a rule, or by all of them; what is over is held."""

    unit: str
    most: Decimal
    window: VelocityWindow
    rule: str = ""

    @property
    def key(self) -> str:
        """What its use is remembered under."""
        return f"review/{self.rule}/{self.unit}/{self.window}"


@dataclass(frozen=True, slots=True)
class CountLimit:
    """So often something happens to a member in a window."""

    what: str
    most: int
    window: VelocityWindow

    @property
    def key(self) -> str:
        """What its use is remembered under."""
        return f"review/{self.what}//{self.window}"


@dataclass(frozen=True, slots=True)
class Review:
    """What a person looks at first.

    Attributes:
        awards: what is earned beyond them is held.
        redemptions: payments and holds beyond it are refused.
        adjustments: corrections beyond it need a second person.
    """

    awards: tuple[AwardLimit, ...] = ()
    redemptions: CountLimit | None = None
    adjustments: CountLimit | None = None
