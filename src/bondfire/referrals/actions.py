"""What can be done about referrals: give a member a code, approve one that is held, reject it."""

from collections.abc import Callable
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from bondfire.db import Connection
from bondfire.engine import shown_member
from bondfire.errors import Conflict
from bondfire.events import own_event
from bondfire.journal import Result, process_own
from bondfire.members import CODE_BYTES, claim_alias, new_code, read_aliases, shown_code
from bondfire.programs import Brand, Timeline
from bondfire.referrals import store

Verdict = Literal["approved", "rejected"]
VERDICTS: Final[tuple[Verdict, ...]] = ("approved", "rejected")


def give_code(
    conn: Connection, brand: Brand, member_id: UUID, *, chance: Callable[[int], bytes], at: datetime
) -> str:
    """The referral code of a member, made when it is first asked for; as it is shown.

    It says nothing of the member, and is gone when they are erased.

    Args:
        conn: in a transaction; never committed here.
        brand: whose member.
        member_id: who.
        chance: so many bytes of a cryptographic source.
        at: now.
    """
    known = [alias for alias in read_aliases(conn, brand, member_id) if alias.kind == "referral"]
    if not known:
        known = [claim_alias(conn, brand, member_id, new_code(chance(CODE_BYTES)), claimed_at=at)]
    return shown_code(known[0])


def merge_referrers(conn: Connection, brand: Brand, pair: tuple[UUID, UUID]) -> None:
    """Let whom the first of two merged accounts invited have been invited by the second."""
    store.move_invited(conn, brand.id, *pair)


def decide_referral(
    conn: Connection,
    brand: Brand,
    timeline: Timeline,
    member_id: UUID,
    *,
    verdict: Verdict,
    reason: str,
    actor: str,
    at: datetime,
) -> Result:
    """Decide about a referral that is held, in the caller's transaction.

    Approved it is paid, at once or when its order was kept long enough; rejected it never is. It is no longer
    listed as held from then on, before the journal is read.

    Args:
        conn: in a transaction; never committed here.
        brand: whose member.
        timeline: the versions of its programme.
        member_id: who was invited.
        verdict: what was decided.
        reason: why.
        actor: who decided it.
        at: the brand's time.

    Raises:
        Conflict: `nothing_to_decide`: no referral of theirs is held.
    """
    raw = {
        "id": f"referral-{verdict}-{at.isoformat()}",
        "type": f"referral.{verdict}",
        "member": shown_member(member_id),
        "occurred_at": at,
        "reason": reason,
        "actor": actor,
    }
    (result,) = process_own(conn, brand, timeline, [(member_id, own_event(raw, recorded_at=at))])
    if result.code:
        raise Conflict(result.message, next_step=result.next_step, code=result.code)
    store.change_referral(conn, brand.id, member_id, is_held=False)
    return result
