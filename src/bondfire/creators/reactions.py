"""What we do when an order came by a tracked code, and when it can no longer come back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from bondfire.creators import store
from bondfire.creators.model import Attribution, Content, normal_code
from bondfire.db import Connection
from bondfire.engine import shown_member
from bondfire.errors import BadInput
from bondfire.events import own_event
from bondfire.journal import Announcement, news_after, order_left, process_own
from bondfire.kit import digest_of, format_amount
from bondfire.ledger import ZERO
from bondfire.members import survivor_of, survivors_of
from bondfire.programs import Brand, Timeline


def follow_creators(
    conn: Connection, brand: Brand, timeline: Timeline, *, until: datetime, limit: int = 500
) -> int:
    """Read what the journal says of codes and content, then credit orders that were kept, in one go.

    A creator hears of an order when it can no longer come back, of what is left of it then: the event
    `creator.credited`, which earn rules and tier sets may look at. Its identity is that of the order, so that
    is credited once. Call it again until it gives 0.

    Args:
        conn: in a transaction; never committed here.
        brand: whose members.
        timeline: the versions of its programme.
        until: the brand's time.
        limit: how many rows, or orders, at most.
    """
    if not any(version.program.creators for version in timeline.versions):
        return 0
    found, read = news_after(conn, brand, store.positions(conn, brand.id), limit=limit)
    for told in found:
        _take_in(conn, brand, timeline, told)
    if read:
        store.move_positions(conn, brand.id, read)
        return len(read)
    return _credit(conn, brand, timeline, until=until, limit=limit)


def _take_in(conn: Connection, brand: Brand, timeline: Timeline, told: Announcement) -> None:
    if told.kind not in {"OrderAttributed", "ContentSubmitted"}:
        return
    body: dict[str, Any] = msgspec.json.decode(told.body)
    terms = timeline.at(told.occurred_at).program.creators
    if terms is None:
        return
    if told.kind == "ContentSubmitted":
        words = (body.get("campaign", ""), body["authenticity"], told.occurred_at, "submitted")
        creator_id = survivor_of(conn, brand, told.member_id) or told.member_id
        store.add_content(conn, brand.id, Content(creator_id, body["event"], body["url"], *words))
        return
    try:
        code = store.code_named(conn, brand.id, normal_code(body["code"]))
    except BadInput:
        return
    if code is None:
        return
    now = _now(conn, brand, [code.member_id, told.member_id])
    if now[code.member_id] == now[told.member_id]:
        return
    zone = timeline.at(told.occurred_at).program.zone
    due_at, total = terms.after.after(told.occurred_at, zone), Decimal(body["total"])
    whose = (now[code.member_id], code.code, code.campaign)
    store.add_attribution(conn, brand.id, Attribution(told.member_id, body["order"], *whose, total, due_at))


def _credit(conn: Connection, brand: Brand, timeline: Timeline, *, until: datetime, limit: int) -> int:
    due = store.due_attributions(conn, brand.id, until=until, most=limit)
    now = _now(conn, brand, [who for one in due for who in (one.creator_id, one.buyer_id)]) if due else {}
    events = []
    for kept in due:
        one, buyer_id = replace(kept, creator_id=now[kept.creator_id]), now[kept.buyer_id]
        left = order_left(conn, brand, buyer_id, one.order)
        total = one.total if left is None else left
        if buyer_id == one.creator_id:
            total = ZERO
        store.close_attribution(conn, brand.id, one, total=total)
        if total > 0:
            events.append((one.creator_id, _credited(one, total, timeline)))
    if events:
        process_own(conn, brand, timeline, events)
    return len(due)


def _now(conn: Connection, brand: Brand, members: Sequence[UUID]) -> dict[UUID, UUID]:
    """Of which account each of these is part now."""
    survivors = survivors_of(conn, brand, members)
    return {one: survivors.get(one, one) for one in members}


def _credited(one: Attribution, total: Decimal, timeline: Timeline) -> Any:
    raw = {
        "id": f"credit-{digest_of('credit', one.buyer_id.hex, one.order).hex()}",
        "type": "creator.credited",
        "member": shown_member(one.creator_id),
        "buyer": shown_member(one.buyer_id),
        "order": one.order,
        "code": one.code,
        "campaign": one.campaign,
        "total": format_amount(total),
        "currency": timeline.at(one.due_at).program.currency,
        "occurred_at": one.due_at,
    }
    return own_event(raw, recorded_at=one.due_at)
