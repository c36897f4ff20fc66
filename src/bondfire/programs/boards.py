"""What a leaderboard is, as types: what counts, over which time, among whom, and what the first ones get."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from bondfire.kit import Period, day_of, window_on
from bondfire.programs.ladder import TierBy
from bondfire.rules import Expression

CalendarPeriod = Literal["week", "month", "quarter", "year"]
BoardPeriod = Literal["week", "month", "quarter", "year", "challenge"]
BOARD_PREFIX: Final = "leaderboard/"
_LENGTHS: Final[dict[CalendarPeriod, Period]] = {
    "week": Period(days=7),
    "month": Period(months=1),
    "quarter": Period(months=3),
    "year": Period(months=12),
}


class Stretch(NamedTuple):
    """A period of a leaderboard, half-open: it ends at its boundary (C2)."""

    start: datetime
    end: datetime


def calendar_stretch(
    period: CalendarPeriod, moment: datetime, zone: ZoneInfo, *, week_starts: int = 0
) -> Stretch:
    """The week, month, quarter or year that holds a moment."""
    start = window_on(period, day_of(moment, zone), zone, since=moment, week_starts=week_starts)
    return Stretch(start, _LENGTHS[period].after(start, zone))


@dataclass(frozen=True, slots=True)
class Prize:
    """What everybody gets who ends at one of these ranks.

    Attributes:
        first, last: the ranks, both included.
        awards: units and amounts.
        badge: kept for ever by whoever got it once; None for none.
    """

    first: int
    last: int
    awards: tuple[tuple[str, Decimal], ...] = ()
    badge: str | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """A leaderboard.

    Attributes:
        by, unit, on, value: what counts, as of a tier set.
        period: how long it runs before it begins anew; of a `challenge` `runs` says from when to when.
        week_starts: 0 Monday to 6 Sunday.
        segment: who is compared with whom: `attribute` or `tier_set` and its name; None is all members.
        size: how many are shown.
        prizes: ascending by rank.
        opt_in: only who joined it is shown; otherwise everybody is who has not left.
        shows_scores: whether members see the exact scores of others.
    """

    name: str
    by: TierBy
    unit: str
    on: str
    value: Expression | None
    period: BoardPeriod
    runs: Stretch | None = None
    week_starts: int = 0
    segment: tuple[Literal["attribute", "tier_set"], str] | None = None
    size: int = 100
    prizes: tuple[Prize, ...] = ()
    opt_in: bool = False
    shows_scores: bool = False

    @property
    def rule(self) -> str:
        """What stands in the entries of its prizes; no rule of the programme can have that name."""
        return f"{BOARD_PREFIX}{self.name}"

    @property
    def last_prize(self) -> int:
        """The last rank that gets something."""
        return max((prize.last for prize in self.prizes), default=0)

    def stretch_at(self, moment: datetime, zone: ZoneInfo) -> Stretch | None:
        """The period that holds a moment; None where a challenge does not run."""
        if self.period == "challenge":
            runs = self.runs
            return runs if runs is not None and runs.start <= moment < runs.end else None
        return calendar_stretch(self.period, moment, zone, week_starts=self.week_starts)

    def prize_of(self, rank: int) -> Prize | None:
        """What a rank gets; None for nothing."""
        return next((prize for prize in self.prizes if prize.first <= rank <= prize.last), None)


def boards_by(boards: Iterable[Board], key: Callable[[Board], str]) -> dict[str, tuple[Board, ...]]:
    """Leaderboards by what they count; those that count something else are left out."""
    groups: dict[str, tuple[Board, ...]] = {}
    for board in boards:
        if key(board):
            groups[key(board)] = (*groups.get(key(board), ()), board)
    return groups
