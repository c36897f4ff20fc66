"""What a game of chance is, as types: its prizes with declared odds, its price, and who may play when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import Final, Literal
from zoneinfo import ZoneInfo

from bondfire.programs.boards import CalendarPeriod, Stretch, calendar_stretch
from bondfire.programs.funds import Budget

GAME_PREFIX: Final = "game/"
PlayWindow = Literal["day", "week", "month", "lifetime"]
GameKind = Literal["wheel", "scratch_card"]


@dataclass(frozen=True, slots=True)
class Chance:
    """One prize of a game.

    Attributes:
        odds: the share of draws that give it.
        awards: units and amounts. badge: None for none.
        stock: how many there are in all; None for any number.
        fallback: the prize that is given when none is left.
    """

    name: str
    odds: Fraction
    awards: tuple[tuple[str, Decimal], ...] = ()
    badge: str | None = None
    stock: Decimal | None = None
    fallback: str = ""


@dataclass(frozen=True, slots=True)
class Game:
    """A game of chance.

    Attributes:
        prizes: by name.
        price: unit and amount of one play; None: it is free.
        period: for how long one seed draws.
        limits: how often one member may play in which windows.
        attribute, countries: the member's country, and where it may be played; () is everywhere.
        starts_at, ends_at: half-open interval, UTC.
    """

    name: str
    kind: GameKind
    prizes: Mapping[str, Chance]
    price: tuple[str, Decimal] | None = None
    period: CalendarPeriod = "month"
    limits: tuple[tuple[PlayWindow, int], ...] = ()
    attribute: str = ""
    countries: frozenset[str] = frozenset()
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    @property
    def rule(self) -> str:
        """What stands in the entries of its prizes; no rule of the programme can have that name."""
        return f"{GAME_PREFIX}{self.name}"

    @property
    def sides(self) -> int:
        """In how many equal parts the wheel is divided: the least that all odds are whole numbers of."""
        return lcm(*(chance.odds.denominator for chance in self.prizes.values()))

    def prize_on(self, side: int) -> str:
        """The prize of one of the parts, counted from 0; they lie in the order of the names."""
        for name in sorted(self.prizes):
            share = self.prizes[name].odds * self.sides
            if side < share:
                return name
            side -= int(share)
        raise ValueError("there are not so many parts")

    def stock_of(self, prize: str) -> Budget | None:
        """The stock of a prize, as a budget that all members share; None where there is always one."""
        stock = self.prizes[prize].stock
        return None if stock is None else Budget(f"{self.rule}/{prize}", "prizes", stock, "lifetime")

    def runs_at(self, moment: datetime) -> bool:
        """Whether its schedule holds `moment`."""
        return (self.starts_at is None or self.starts_at <= moment) and (
            self.ends_at is None or moment < self.ends_at
        )

    def stretch_at(self, moment: datetime, zone: ZoneInfo) -> Stretch:
        """The period that holds a moment."""
        return calendar_stretch(self.period, moment, zone)
