"""How far a member is with each challenge, and what comes next, to be shown."""

from datetime import datetime
from decimal import Decimal

import msgspec

from bondfire.engine.model import MemberState
from bondfire.engine.progress import Progress, Walk
from bondfire.programs import Challenge, Program


class Prospect(msgspec.Struct, frozen=True):
    """How far a member is with a challenge.

    Attributes:
        kind: count, sum, distinct, sequence or streak.
        reached: how much of the target counts now; `times`: how often it was done.
        steps: what is given on the way and at the target: how much is needed, and whether it was given (in
            this run, if it can be done again).
        values: what of a set was collected, or which values were counted.
        takes_part: False for who would have to join and has not.
        is_running: whether its schedule holds this moment.
        lapses_at: when nothing of it counts any more unless more happens; None for never.
        jokers_left: of a streak.
    """

    kind: str
    reached: Decimal
    target: Decimal
    times: int
    steps: list[tuple[Decimal, bool]]
    values: list[str]
    takes_part: bool
    is_running: bool
    starts_at: datetime | None
    ends_at: datetime | None
    lapses_at: datetime | None
    jokers_left: int | None


def prospects(program: Program, state: MemberState, *, now: datetime) -> dict[str, Prospect]:
    """Every challenge of a programme as it stands for a member."""
    return {
        name: _prospect(program, challenge, state.challenges.get(name) or Progress(), now)
        for name, challenge in program.challenges.items()
    }


def _prospect(program: Program, challenge: Challenge, progress: Progress, now: datetime) -> Prospect:
    walk = Walk(challenge, progress, program.zone)
    given = len(challenge.steps) if walk.is_over else progress.given - walk.runs * len(challenge.steps)
    return Prospect(
        kind=challenge.kind,
        reached=walk.level(now),
        target=challenge.target,
        times=walk.runs,
        steps=[(step.at, place < given) for place, step in enumerate(challenge.steps)],
        values=walk.values(now),
        takes_part=not challenge.opt_in or progress.joined_at is not None,
        is_running=challenge.runs_at(now),
        starts_at=challenge.starts_at,
        ends_at=challenge.ends_at,
        lapses_at=walk.lapses_at(now),
        jokers_left=walk.jokers_left(now) if challenge.kind == "streak" else None,
    )
