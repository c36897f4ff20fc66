"""Who would fall and rise if a new version of the programme judged everybody now (T6)."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import msgspec

from bondfire.engine import Climb, MemberState, Standing, falls_not_before, judged_now
from bondfire.journal.log.store import Connection
from bondfire.journal.reports import store
from bondfire.programs import Brand, Program


class TierMove(msgspec.Struct, frozen=True):
    """Somebody whom two versions judge differently.

    Attributes:
        tier: the one they have.
        before, after: the one that the version published last, and the planned one, would leave them.
        falls_not_before: of a fall: the earliest time at which it can take place; None for a rise, which
            comes with the next event that counts, or at the end of the period.
    """

    member_id: UUID
    tier_set: str
    tier: str | None
    before: str | None
    after: str | None
    falls_not_before: datetime | None


def plan_tiers(
    conn: Connection, brand: Brand, before: Program, after: Program, *, now: datetime
) -> Iterator[TierMove]:
    """Everybody whom the planned version judges differently, in the order of their rows.

    Args:
        conn: a connection that reads.
        brand: whose members.
        before: the version published last.
        after: the planned one.
        now: the present of the brand.
    """
    for member_id, joined_at, standings in store.standings(conn, brand.id):
        state = MemberState(member_id, joined_at=joined_at, standings=standings)
        for name, standing in standings.items():
            if name in before.tier_sets and name in after.tier_sets:
                known = Climb(before, before.tier_sets[name], state, standing, now)
                move = _move(known, Climb(after, after.tier_sets[name], state, standing, now))
                if move is not None:
                    yield move


def _move(known: Climb, planned: Climb) -> TierMove | None:
    standing: Standing = known.standing
    before, after = judged_now(known), judged_now(planned)
    if before == after:
        return None
    rank = planned.tier_set.rank
    falls_at = falls_not_before(planned) if rank(after) < rank(before) else None
    return TierMove(planned.state.id, planned.tier_set.name, standing.tier, before, after, falls_at)
