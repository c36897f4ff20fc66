"""Baskets: what one would cost and earn, without side effects; and the order that it becomes, in one act."""

from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from bondfire.coupons.claiming import claim_all, claims_of, refused
from bondfire.coupons.codes import plain_code
from bondfire.coupons.errors import BasketChanged, TotalChanged
from bondfire.coupons.model import Basket, Priced
from bondfire.coupons.pricing import order_body, price
from bondfire.db import Connection
from bondfire.engine import Decision, MemberState, advance, shopper_of
from bondfire.errors import Conflict
from bondfire.events import Event, canonical_body, filled_event
from bondfire.journal import Result, budgets_seen, earlier, lock_member, member_before, process_events
from bondfire.kit import digest_of, format_amount, member_id_of
from bondfire.ledger import Kind, Lot
from bondfire.programs import Brand, Timeline

NOBODY = "?"
"""The reference of a basket whose member is not known."""


class Evaluation(NamedTuple):
    """A basket as it would be.

    Attributes:
        member_id: None for somebody unknown, who is seen as one who joins with it.
        priced: what it costs.
        decision: what would follow from the order that it becomes. lots: what it would earn, with when that
            can be spent and when it ends.
    """

    member_id: UUID | None
    priced: Priced
    decision: Decision
    lots: list[Lot]


def evaluate_basket(conn: Connection, brand: Brand, timeline: Timeline, basket: Basket) -> Evaluation:
    """What a basket would cost and earn with these coupons; nothing is locked or written.

    Args:
        conn: a connection.
        brand: whose shop.
        timeline: the versions of its programme.
        basket: its member may be `NOBODY`.
    """
    if basket.order.member == NOBODY:
        member_id, state = None, MemberState(member_id_of(brand.name, NOBODY))
    else:
        member_id, state = member_before(conn, brand, timeline, basket.order)
    order, priced = _priced(conn, brand, timeline, basket, state=state, member_id=member_id)
    decision = advance(timeline, state, order, budgets_seen(conn, brand, timeline, order))
    lots = [
        state.ledger.as_now(state.ledger.lots[entry.lot])
        for entry in decision.entries
        if entry.kind is Kind.EARN and entry.event == order.id
    ]
    return Evaluation(member_id, priced, decision, lots)


def confirm_basket(
    conn: Connection,
    brand: Brand,
    timeline: Timeline,
    basket: Basket,
    *,
    pays: Decimal | None = None,
) -> tuple[Event, Result]:
    """Make an order of a basket: price it again, claim its coupons, decide it, in the caller's transaction.

    The member's bucket is locked first, then the coupons' rows. An order counts once: the same basket again
    is answered as before, and claims nothing. After an error the transaction must be rolled back.

    Args:
        conn: in a transaction; never committed here.
        brand: whose shop.
        timeline: the versions of its programme.
        basket: each of its coupons must apply.
        pays: what the shop expects that it costs; None asks for nothing.

    Returns:
        The order as it was taken, and the answer to it.

    Raises:
        CouponRefused: a coupon does not apply, or somebody was faster; the code says why.
        TotalChanged: it costs something else than expected.
        BasketChanged: the order was confirmed before with another basket.
        Conflict: the programme refuses the order.
    """
    digest, order = _digest(basket), basket.order
    member_id = lock_member(conn, brand, order.member)
    before = earlier(conn, brand, timeline, order)
    if before is not None:
        return _as_before(basket, digest, before)
    _, state = member_before(conn, brand, timeline, order)
    order, priced = _priced(conn, brand, timeline, basket, state=state, member_id=member_id, digest=digest)
    _check(priced, pays)
    claim_all(
        conn,
        brand,
        timeline.at(order.occurred_at).program,
        [one.claim for one in priced.offered],
        member_id=member_id,
        now=max(order.occurred_at, order.recorded_at),
    )
    (result,) = process_events(conn, brand, timeline, [order], with_wallets=True)
    if result.code:
        raise Conflict(result.message, next_step=result.next_step, code=result.code)
    return order, result


def _check(priced: Priced, pays: Decimal | None) -> None:
    for one in priced.offered:
        if one.refusal is not None:
            raise refused(one.claim, one.refusal)
    total = sum(priced.after, Decimal(0))
    if pays is not None and pays != total:
        raise TotalChanged(
            f"The basket costs {format_amount(total)}, not {format_amount(pays)}.",
            next_step="Evaluate it again and show the customer what changed.",
        )


def _priced(
    conn: Connection,
    brand: Brand,
    timeline: Timeline,
    basket: Basket,
    *,
    state: MemberState,
    member_id: UUID | None,
    digest: str | None = None,
) -> tuple[Event, Priced]:
    """The order that the basket becomes, and what it costs."""
    shopper = shopper_of(timeline, state, basket.order)
    claims = claims_of(conn, brand, shopper, basket, member_id=member_id)
    priced = price(shopper, basket.order, claims)
    body = order_body(basket.order, priced) | ({"basket": digest} if digest else {})
    catalogue = timeline.newest.program.catalogue
    return filled_event(body, catalogue, recorded_at=basket.order.recorded_at), priced


def _digest(basket: Basket) -> str:
    sent = sorted(text if text.startswith("cpn_") else plain_code(text) for text in basket.coupons)
    return digest_of(canonical_body(basket.order), *sent).hex()


def _as_before(basket: Basket, digest: str, before: Result) -> tuple[Event, Result]:
    order = before.decision.event if before.decision else None
    if order is None or order.body.get("basket") != digest:
        raise BasketChanged(
            f"The order {basket.order.body['order']} came before with another basket; the first stands.",
            next_step="Send a changed order as a return and a new order.",
        )
    return order, before
