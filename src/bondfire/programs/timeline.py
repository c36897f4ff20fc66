"""The versions of a programme in time, and the brand whose programme it is."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bondfire.kit import EPOCH
from bondfire.programs.model import Program

Clock = Literal["wall", "events"]


@dataclass(frozen=True, slots=True)
class Version:
    """One published state of a programme and from when it is valid."""

    number: int
    valid_from: datetime
    program: Program


@dataclass(frozen=True, slots=True)
class Timeline:
    """The versions of one brand's programme, ascending; the first is valid from the beginning of time."""

    versions: tuple[Version, ...]

    def at(self, moment: datetime) -> Version:
        """The version that decides what happens at `moment`."""
        newest = self.versions[-1]
        if newest.valid_from <= moment:
            return newest
        following = bisect_right(self.versions, moment, key=lambda version: version.valid_from)
        return self.versions[max(0, following - 1)]

    def number(self, number: int) -> Version:
        """The version with this number: decisions are undone by the version that made them."""
        return next(version for version in self.versions if version.number == number)

    @property
    def has_budgets(self) -> bool:
        """Whether what one member gets may depend on what others got."""
        return any(version.program.budgets or version.program.games for version in self.versions)

    @property
    def has_boards(self) -> bool:
        """Whether members are compared with each other."""
        return any(version.program.boards for version in self.versions)

    def up_to(self, number: int | None) -> "Timeline":
        """The versions up to this number: what was published then. None is all of them."""
        if number is None or number >= self.newest.number:
            return self
        return Timeline(tuple(version for version in self.versions if version.number <= number))

    @property
    def newest(self) -> Version:
        """The version published last."""
        return self.versions[-1]


def timeline_of(program: Program) -> Timeline:
    """The timeline of a programme that has one version, as for a simulation."""
    return Timeline((Version(1, EPOCH, program),))


@dataclass(frozen=True, slots=True)
class Brand:
    """Whose programme it is, and what time it is there.

    Attributes:
        clock: `wall`: now is now; `events`: a history or a sandbox, its time is what its events say.
        clock_at: the time of a brand that lives by its events; None before the first.
    """

    id: int
    name: str
    clock: Clock
    clock_at: datetime | None = None

    @property
    def brand_id(self) -> int:
        """The number in the tables, by the name that the columns have."""
        return self.id

    def time(self, wall_clock: datetime) -> datetime:
        """What time it is for this brand."""
        return wall_clock if self.clock == "wall" else self.clock_at or EPOCH


@dataclass(frozen=True, slots=True)
class Published:
    """What is recorded about one published version.

    Attributes:
        digest: SHA-256 of the canonical document, hex; layout and comments do not change it.
        runs_challenges: False for what was published when challenges were kept and not decided.
    """

    number: int
    valid_from: datetime
    published_at: datetime
    published_by: str
    digest: str
    document: str
    runs_challenges: bool = True
