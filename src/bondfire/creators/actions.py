"""What can be done about creators: give one a code for a campaign, approve or reject what they submitted."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from bondfire.creators import store
from bondfire.creators.model import Content, TrackedCode, check_campaign, normal_code
from bondfire.db import Connection
from bondfire.engine import shown_member
from bondfire.errors import Conflict, NotFound
from bondfire.events import own_event
from bondfire.journal import process_own
from bondfire.programs import Brand, Timeline

ContentVerdict = Literal["approved", "rejected"]


def give_tracked_code(
    conn: Connection, brand: Brand, member_id: UUID, *, code: str, campaign: str, at: datetime
) -> TrackedCode:
    """Give a creator a code for a campaign; the very same again changes nothing.

    Raises:
        BadInput: a code or campaign that cannot be.
        Conflict: `code_taken`: the code is another creator's or campaign's.
    """
    wanted = TrackedCode(normal_code(code), member_id, check_campaign(campaign), at)
    store.add_code(conn, brand.id, wanted)
    known = store.code_named(conn, brand.id, wanted.code)
    if known is None or (known.member_id, known.campaign) != (member_id, campaign):
        raise Conflict(
            f"The code {wanted.code} is taken.", next_step="Choose another code.", code="code_taken"
        )
    return known


def merge_creators(conn: Connection, brand: Brand, pair: tuple[UUID, UUID]) -> None:
    """Let what the first of two merged accounts submitted be of the second."""
    store.move_content(conn, brand.id, *pair)


def decide_content(
    conn: Connection,
    brand: Brand,
    timeline: Timeline,
    content: tuple[UUID, str],
    *,
    verdict: ContentVerdict,
    reason: str,
    actor: str,
    at: datetime,
) -> Content:
    """Approve or reject what a creator submitted, for ever; rules and tier sets may look at what follows.

    Args:
        conn: in a transaction; never committed here.
        brand: whose member.
        timeline: the versions of its programme.
        content: the creator, and the id under which they submitted it.
        verdict: what was decided.
        reason: why.
        actor: who decided it.
        at: the brand's time.

    Raises:
        NotFound: `unknown_content`: nothing was submitted under that id, as far as the journal was read.
        Conflict: `nothing_to_decide`: it was decided before.
    """
    member_id, name = content
    known = store.lock_content(conn, brand.id, member_id, name)
    if known is None:
        raise NotFound(
            f"This creator has submitted nothing under {name[:80]!r}.",
            next_step="Check the id of the content.submitted event; the worker has to have read it.",
            code="unknown_content",
        )
    if known.state != "submitted":
        raise Conflict(
            f"{name[:80]!r} was {known.state} before.",
            next_step="A decision stays.",
            code="nothing_to_decide",
        )
    raw = {
        "id": f"content-{name}",
        "type": f"content.{verdict}",
        "member": shown_member(member_id),
        "occurred_at": at,
        "content": name,
        "authenticity": known.authenticity,
        "reason": reason,
        "actor": actor,
    }
    raw |= {"campaign": known.campaign} if known.campaign else {}
    process_own(conn, brand, timeline, [(member_id, own_event(raw, recorded_at=at))])
    store.change_content(conn, brand.id, member_id, content=name, state=verdict)
    return known
