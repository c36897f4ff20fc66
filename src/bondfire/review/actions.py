"""What a person decides about an award that is held."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from bondfire.db import Connection
from bondfire.engine import shown_member
from bondfire.errors import Conflict
from bondfire.events import own_event
from bondfire.journal import Result, process_own
from bondfire.programs import Brand, Timeline
from bondfire.review import store

AwardVerdict = Literal["released", "taken_back"]


def decide_award(
    conn: Connection,
    brand: Brand,
    timeline: Timeline,
    award: tuple[UUID, int],
    *,
    verdict: AwardVerdict,
    reason: str,
    actor: str,
    at: datetime,
) -> Result:
    """Decide about an award that is held, in the caller's transaction: an entry, never a rewrite.

    Args:
        conn: in a transaction; never committed here.
        brand: whose member.
        timeline: the versions of its programme.
        award: the member and the number of the lot.
        verdict: released it is the member's, pending for as long as its unit says; or it is taken back.
        reason: why.
        actor: who decided it.
        at: the brand's time.

    Raises:
        Conflict: `nothing_to_decide`: that lot is not held.
    """
    member_id, lot = award
    raw = {
        "id": f"award-{lot}-{verdict}-{at.isoformat()}",
        "type": f"award.{verdict}",
        "member": shown_member(member_id),
        "occurred_at": at,
        "lot": lot,
        "reason": reason,
        "actor": actor,
    }
    (result,) = process_own(conn, brand, timeline, [(member_id, own_event(raw, recorded_at=at))])
    if result.code:
        raise Conflict(result.message, next_step=result.next_step, code=result.code)
    store.remove_award(conn, brand.id, member_id, lot)
    return result
