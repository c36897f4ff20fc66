"""Baskets at the till: what one costs and earns, and the order that it becomes."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from fastapi import APIRouter
from pydantic import BaseModel, Field

from bondfire.api.answers import EventAnswer, answer_of
from bondfire.api.bodies import DEEPEST, RawBody, is_too_deep, takes
from bondfire.api.changes import UnusedIdempotencyKey
from bondfire.api.examples import ORDER
from bondfire.api.guard import MayWriteEvents
from bondfire.api.house import Caller
from bondfire.api.problems import problems
from bondfire.api.shapes import Amount, Reason, TierChange, reason_of, tier_change_of, wallet_of
from bondfire.coupons import NOBODY, Basket, Evaluation, Priced, confirm_basket, evaluate_basket
from bondfire.db import Connection
from bondfire.engine import explained
from bondfire.errors import BadInput
from bondfire.events import Catalogue, Event, EventError, parse_live_event, read_json
from bondfire.journal import Result
from bondfire.kit import format_amount, parse_amount, show_id
from bondfire.ledger import Lot
from bondfire.programs import MOST_COUPONS, advance_clock

router = APIRouter(prefix="/v1/baskets", tags=["baskets"])

_LONGEST_CODE: Final = 200
_SENT: Final = {name: value for name, value in ORDER.items() if name not in {"id", "type", "source"}}
_FIELDS: Final[dict[str, Any]] = {
    "type": "object",
    "description": "The fields of order.placed (docs/reference/events.md), its amounts before these coupons.",
    "required": ["currency", "total"],
    "properties": {
        "member": {"type": "string", "description": "A customer, card or account number."},
        "order": {"type": "string", "description": "The order's number in the shop."},
        "source": {"type": "string", "default": "api"},
        "occurred_at": {"type": "string", "format": "date-time", "description": "Now, when not sent."},
        "currency": {"type": "string"},
        "total": {"type": "string"},
        "lines": {"type": "array", "items": {"type": "object"}},
        "coupons": {
            "type": "array",
            "items": {"type": "string", "maxLength": _LONGEST_CODE},
            "maxItems": MOST_COUPONS,
            "description": "Codes as typed, and ids of coupons that the member has.",
        },
        "pays": {"type": "string", "description": "To confirm: what it must cost, or nothing is done."},
    },
}
_BASKET: Final = takes(
    "A basket.",
    {
        "application/json": {
            "schema": _FIELDS,
            "examples": {"basket": {"value": {**_SENT, "coupons": ["X7K3QP-9DMW2T-HB4R8C"]}}},
        }
    },
)


class BasketLine(BaseModel):
    """One line; a basket without lines has one of its whole total."""

    sku: str | None
    amount: Amount = Field(description="Before discounts.")
    discount: Amount
    pays: Amount = Field(description="After them.")


class BasketCoupon(BaseModel):
    """What became of a coupon."""

    sent: str
    coupon: str | None = Field(description="Its name in the programme.", examples=["five_off"])
    id: str | None = Field(
        description="Under which the member has it.", examples=["cpn_7f4k2v6q3znh5x2c4y6a7b3d2e"]
    )
    applies: bool
    discount: Amount
    lines: list[Amount] = Field(description="How the discount splits over the lines; it adds up.")
    code: str | None = Field(description="Why it does not apply.", examples=["below_minimum"])
    message: str | None
    next_step: str | None


class BasketPoints(BaseModel):
    """What the basket would earn by one rule."""

    unit: str = Field(examples=["points"])
    rule: str = Field(examples=["base"])
    amount: Amount
    available_at: datetime = Field(description="When it can be spent.")
    expires_at: datetime | None = Field(description="It is gone at this very instant; null: never.")


class EvaluatedBasket(BaseModel):
    """What a basket costs and earns as of now; nothing was written."""

    member: str | None
    member_id: str | None = Field(description="Null: seen as somebody who joins with this basket.")
    currency: str
    total: Amount = Field(description="Before discounts.")
    discount: Amount
    pays: Amount = Field(description="After them.")
    lines: list[BasketLine]
    coupons: list[BasketCoupon] = Field(description="In the order in which they were sent.")
    points: list[BasketPoints]
    tier_changes: list[TierChange]
    reasons: list[Reason]
    code: str | None = Field(description="Why the order would be refused; null: it would not.")
    message: str | None
    next_step: str | None


class ConfirmedBasket(BaseModel):
    """The order that a basket became."""

    order: str
    currency: str
    discount: Amount
    pays: Amount
    lines: list[BasketLine]
    coupons: list[dict[str, str]] = Field(description="Id, name, discount of each that was used.")
    decision: EventAnswer


@router.post("/evaluate", responses=problems(409), openapi_extra=_BASKET)
def evaluate(caller: MayWriteEvents, body: RawBody, _key: UnusedIdempotencyKey = None) -> EvaluatedBasket:
    """Say what a basket costs and earns with these coupons: nothing is written, no coupon is used.

    A coupon that does not apply says why, and the others go on. Without a member the basket is seen as one of
    somebody who joins with it.
    """

    def act(conn: Connection) -> EvaluatedBasket:
        timeline = caller.timeline(conn)
        sent = _read(caller, body, timeline.newest.program.catalogue, {"order": "basket", "member": NOBODY})
        found = evaluate_basket(conn, caller.brand, timeline, sent.basket)
        return _evaluated(sent.basket.order, found)

    return caller.read(act)


@router.post("/confirm", responses=problems(404, 409), openapi_extra=_BASKET)
def confirm(caller: MayWriteEvents, body: RawBody, _key: UnusedIdempotencyKey = None) -> ConfirmedBasket:
    """Make an order of a basket: it is priced again, its coupons are used, and the order is decided.

    In one act; all coupons must apply. Counts once for each order of a member: the same basket again gets
    the first answer, another one is a conflict. In place of `order.placed`, not beside it.
    """

    def act(conn: Connection) -> ConfirmedBasket:
        timeline = caller.timeline(conn)
        sent = _read(caller, body, timeline.newest.program.catalogue, {})
        order, result = confirm_basket(conn, caller.brand, timeline, sent.basket, pays=sent.pays)
        if caller.brand.clock == "events":
            advance_clock(conn, caller.brand.id, order.occurred_at)
        return _confirmed(order, result)

    answer = caller.transact(act)
    caller.count({("order.placed", "duplicate" if answer.decision.duplicate else "accepted"): 1})
    return answer


class _Read(NamedTuple):
    basket: Basket
    pays: Decimal | None


def _read(caller: Caller, body: bytes, catalogue: Catalogue, defaults: dict[str, object]) -> _Read:
    if is_too_deep(body):
        raise BadInput(
            f"The JSON is nested deeper than {DEEPEST} levels.", next_step="Send it flatter.", code="too_deep"
        )
    raw = read_json(body)
    if not isinstance(raw, dict):
        raise EventError("is not an object with fields.", code="wrong_kind", next_step="Send a JSON object.")
    raw = {"occurred_at": caller.now, **defaults, **raw}
    coupons, pays = _texts(raw.pop("coupons", None) or []), raw.pop("pays", None)
    if "order" not in raw:
        raise EventError(
            "is missing.",
            code="missing_field",
            field="order",
            next_step="Send the order's number; it counts once.",
        )
    raw |= {"type": "order.placed", "id": raw["order"]}
    order = parse_live_event(raw, catalogue, recorded_at=caller.recorded_at)
    return _Read(Basket(order, coupons), pays and parse_amount(pays, decimals=4, name="pays"))


def _texts(sent: object) -> list[str]:
    if isinstance(sent, list) and all(isinstance(one, str) and len(one) <= _LONGEST_CODE for one in sent):
        return sent
    raise EventError(
        "is not a list of codes.", code="wrong_kind", field="coupons", next_step='Send ["AB12-CD34"].'
    )


def _evaluated(order: Event, found: Evaluation) -> EvaluatedBasket:
    priced, decision = found.priced, found.decision
    return EvaluatedBasket.model_validate(
        {
            "member": order.member if found.member_id else None,
            "member_id": show_id("mem", found.member_id) if found.member_id else None,
            "currency": order.body["currency"],
            "total": format_amount(sum(priced.before, Decimal(0))),
            "discount": format_amount(priced.discount),
            "pays": format_amount(sum(priced.after, Decimal(0))),
            "lines": _lines(order, priced.before, priced.after),
            "coupons": _coupons(priced),
            "points": [_points(lot) for lot in found.lots],
            "tier_changes": [tier_change_of(change) for change in decision.tier_changes],
            "reasons": [reason_of(reason) for reason in explained(decision)],
            "code": decision.code or None,
            "message": decision.message or None,
            "next_step": decision.next_step or None,
        }
    )


def _lines(order: Event, before: Sequence[Decimal], after: Sequence[Decimal]) -> list[dict[str, Any]]:
    body: Any = order.body
    lines: list[dict[str, Any]] = body.get("lines") or [{}]
    return [
        {
            "sku": line.get("sku"),
            "amount": format_amount(was),
            "discount": format_amount(was - now),
            "pays": format_amount(now),
        }
        for line, was, now in zip(lines, before, after, strict=True)
    ]


def _coupons(priced: Priced) -> list[dict[str, Any]]:
    return [
        {
            "sent": one.claim.sent,
            "coupon": one.claim.coupon or None,
            "id": one.claim.id or None,
            "applies": one.refusal is None,
            "discount": format_amount(one.discount),
            "lines": [format_amount(one.lines.get(place, Decimal(0))) for place in range(len(priced.before))],
            "code": one.refusal.code if one.refusal else None,
            "message": one.refusal.message if one.refusal else None,
            "next_step": one.refusal.next_step if one.refusal else None,
        }
        for one in priced.offered
    ]


def _points(lot: Lot) -> dict[str, Any]:
    return {
        "unit": lot.unit,
        "rule": lot.rule,
        "amount": format_amount(lot.amount),
        "available_at": lot.available_at,
        "expires_at": lot.expires_at,
    }


def _confirmed(order: Event, result: Result) -> ConfirmedBasket:
    body: Any = order.body
    assert result.decision is not None, "a refusal was raised"  # noqa: S101
    wallets = {unit: wallet_of(wallet) for unit, wallet in (result.wallets or {}).items()} or None
    lines = body.get("lines") or [{"amount": body["total"], "discount": body.get("discount", Decimal(0))}]
    after = [line["amount"] for line in lines]
    before = [line["amount"] + line.get("discount", Decimal(0)) for line in lines]
    return ConfirmedBasket.model_validate(
        {
            "order": body["order"],
            "currency": body["currency"],
            "discount": format_amount(sum(before) - sum(after)),
            "pays": format_amount(body["total"]),
            "lines": _lines(order, before, after),
            "coupons": [
                {"id": one["id"], "coupon": one["coupon"], "discount": format_amount(one["discount"])}
                for one in body.get("coupons", ())
            ],
            "decision": answer_of(result, result.decision, wallets),
        }
    )
