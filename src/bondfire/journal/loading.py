"""Load the members that a batch decides about, with everything of their past that its events can touch."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import chain
from uuid import UUID

from bondfire.engine import Purchase, Redemption, Touches
from bondfire.journal.log.store import Connection
from bondfire.journal.lots import store as lots
from bondfire.journal.purchases import store as purchases
from bondfire.journal.record import MemberRecord, new_record
from bondfire.journal.records import store as states
from bondfire.ledger import reopen

Asked = Mapping[UUID, list[Touches]]
"""What the events of a batch can touch, by member."""


def load_records(
    conn: Connection, brand_id: int, asked: Asked, held: Mapping[UUID, MemberRecord]
) -> dict[UUID, MemberRecord]:
    """Every member asked for: those at hand, those stored, and those nobody has seen yet.

    The number of statements does not depend on the number of members.

    Args:
        conn: holds the locks of the members' buckets, unless nothing is going to be written.
        brand_id: whose members.
        asked: what the events can touch.
        held: members at hand from the batch before, with their open lots.
    """
    missing = [member_id for member_id in asked if member_id not in held]
    loaded = states.load_states(conn, brand_id, missing) if missing else {}
    if loaded:
        for member_id, lot in lots.open_lots(conn, brand_id, list(loaded)):
            loaded[member_id].state.ledger.lots[lot.number] = lot
        for record in loaded.values():
            reopen(record.state.ledger)
    records = {
        member_id: held.get(member_id) or loaded.get(member_id) or new_record(member_id)
        for member_id in asked
    }
    _load_past(conn, brand_id, records, asked)
    return records


def _load_past(conn: Connection, brand_id: int, records: Mapping[UUID, MemberRecord], asked: Asked) -> None:
    """Purchases and redemptions that events can touch, and the lots that those name."""
    touched = [
        (member_id, one)
        for member_id, touches in asked.items()
        if records[member_id].is_stored
        for one in touches
    ]
    for member_id, purchase in _purchases(conn, brand_id, touched):
        record = records[member_id]
        record.state.purchases[purchase.order] = purchase
        record.stored_purchases.add(purchase.order)
    for member_id, redemption in _redemptions(conn, brand_id, touched):
        records[member_id].state.redemptions[redemption.key] = redemption
    named = [
        (member_id, number)
        for member_id in dict.fromkeys(member_id for member_id, _ in touched)
        for number in sorted(_closed_lots(records[member_id]))
    ]
    if named:
        for member_id, lot in lots.lots_named(conn, brand_id, named):
            records[member_id].state.ledger.lots[lot.number] = lot
            records[member_id].closed_lots.append(lot.number)


def _purchases(
    conn: Connection, brand_id: int, touched: list[tuple[UUID, Touches]]
) -> Iterable[tuple[UUID, Purchase]]:
    orders = list(dict.fromkeys((member_id, one.order) for member_id, one in touched if one.order))
    since = [(member_id, one.purchases_since) for member_id, one in touched]
    earliest: dict[UUID, datetime] = {}
    for member_id, moment in since:
        if moment is not None:
            earliest[member_id] = min(moment, earliest.get(member_id, moment))
    return chain(
        purchases.purchases_of(conn, brand_id, orders) if orders else (),
        purchases.purchases_since(conn, brand_id, list(earliest.items())) if earliest else (),
    )


def _redemptions(
    conn: Connection, brand_id: int, touched: list[tuple[UUID, Touches]]
) -> Iterable[tuple[UUID, Redemption]]:
    named = [(member_id, one.redemption) for member_id, one in touched if one.redemption]
    still_open = [
        (member_id, one.redemptions_of, one.redemptions_in)
        for member_id, one in touched
        if one.redemptions_of or one.redemptions_in
    ]
    return chain(
        purchases.redemptions_of(conn, brand_id, named) if named else (),
        purchases.open_redemptions(conn, brand_id, still_open) if still_open else (),
    )


def _closed_lots(record: MemberRecord) -> set[int]:
    """Lots that purchases and redemptions name and that are not among the open ones."""
    state = record.state
    named = {granted.lot for one in state.purchases.values() for granted in one.granted}
    named |= {part.lot for one in state.redemptions.values() for part in one.parts}
    return named - state.ledger.lots.keys()
