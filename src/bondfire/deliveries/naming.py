"""Whose is it? Anonymous visitors become members, and orders say whose their refunds are."""

from collections.abc import Sequence
from dataclasses import replace

from bondfire.deliveries.desk import Desk
from bondfire.deliveries.model import Work
from bondfire.deliveries.orders import store as orders
from bondfire.errors import BadInput, Conflict, NotFound
from bondfire.events import EventError
from bondfire.journal import read_member
from bondfire.kit import member_id_of
from bondfire.members import Alias, check_reference, claim_alias, resolve_members


def tie_anonymous(desk: Desk, work: Sequence[Work]) -> None:
    """Give members the anonymous references under which they came before; what cannot be is their problem.

    In a transaction of its own, before the events are taken: aliases lie elsewhere than the members'
    buckets. The first to claim an anonymous reference keeps it, as happens in a browser that two share.
    """
    for each in work:
        if each.reading.was and each.problem is None:
            try:
                _tie(desk, each)
            except (BadInput, Conflict) as refusal:
                if each.reading.previous or refusal.code != "alias_taken":
                    each.problem = refusal
                else:
                    each.reading = replace(each.reading, note="The anonymous id is another member's.")


def _tie(desk: Desk, each: Work) -> None:
    reading = each.reading
    member = check_reference(reading.member)
    if reading.previous and _is_member(desk, reading.previous):
        raise Conflict(
            f"{reading.previous[:80]!r} is a member too, and an alias does not merge members.",
            next_step="Send alias only for anonymous ids.",
            code="merge_needed",
        )
    member_id = resolve_members(desk.conn, desk.brand, [member])[member]
    claim_alias(desk.conn, desk.brand, member_id, Alias("reference", reading.was), claimed_at=desk.now)
    each.amended = True


def _is_member(desk: Desk, reference: str) -> bool:
    member_id = member_id_of(desk.brand.name, check_reference(reference))
    try:
        read_member(desk.conn, desk.brand, desk.timeline, member_id, now=desk.brand.time(desk.now))
    except NotFound:
        return False
    return True


def owner_of(desk: Desk, each: Work) -> str:
    """Whose the events of a parcel are that name only an order; empty where they say it themselves.

    A refund whose order is not known yet has a problem and waits for it; a parcel that is of no account
    without its order has nothing to do any more.
    """
    reading, source = each.reading, each.parcel.source
    if not reading.order or not reading.events:
        return ""
    if reading.only_if_known:
        return orders.owner_of_order(desk.conn, desk.brand.id, source, reading.order) or ""
    owner = orders.wait_for_order(desk.conn, desk.brand.id, source, reading.order)
    if owner is None:
        each.waits_for = reading.order
        each.problem = EventError(
            f"is {reading.order!r}, an order that has not come yet, so nobody knows whose it is.",
            code="unknown_order",
            field="order",
            next_step="It is tried again when the order comes; delete it if the order is from before.",
        )
    return owner or ""


def claim_order(desk: Desk, each: Work) -> str:
    """Remember whose an order is that a parcel places; whoever it was said of first stays it."""
    source, order, member = each.parcel.source, each.order_placed, each.events[0].member
    return orders.claim_order(desk.conn, desk.brand.id, source, order, member=member)
