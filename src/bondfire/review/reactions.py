"""What we do when the journal says that an award is held, or is no longer."""

from decimal import Decimal
from typing import Any

import msgspec

from bondfire.db import Connection
from bondfire.journal import Announcement, news_after
from bondfire.programs import Brand, Timeline
from bondfire.review import store
from bondfire.review.model import HeldAward


def follow_awards(conn: Connection, brand: Brand, timeline: Timeline, *, limit: int = 500) -> int:
    """Read at most `limit` rows of the journal, in the caller's transaction, and list what is held.

    The list is for people; what is held and what follows stands in the journal. Call it until it gives 0.

    Args:
        conn: in a transaction; never committed here.
        brand: whose members.
        timeline: the versions of its programme.
        limit: how many rows at most.

    Returns:
        In how many buckets there was news.
    """
    if not any(version.program.review.awards for version in timeline.versions):
        return 0
    found, read = news_after(conn, brand, store.positions(conn, brand.id), limit=limit)
    for told in found:
        if told.kind in {"AwardHeld", "AwardDecided"}:
            _take_in(conn, brand, told)
    if read:
        store.move_positions(conn, brand.id, read)
    return len(read)


def _take_in(conn: Connection, brand: Brand, told: Announcement) -> None:
    body: dict[str, Any] = msgspec.json.decode(told.body)
    if told.kind == "AwardDecided":
        store.remove_award(conn, brand.id, told.member_id, body["lot"])
        return
    amount, why = Decimal(body["amount"]), body["note"]
    award = HeldAward(told.member_id, body["lot"], body["unit"], body["rule"], amount, why, told.occurred_at)
    store.add_award(conn, brand.id, award)
