"""Which coupons of a basket apply, in which order, what each takes off, and why another does not. Pure."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from bondfire.coupons.discounts import ZERO, Item, Money, taken_off
from bondfire.coupons.model import Claim, Offered, Priced, Refusal
from bondfire.engine import Shopper, is_foreign, rate_of
from bondfire.events import CURRENCIES, Event
from bondfire.kit import format_amount
from bondfire.programs import Coupon, Program
from bondfire.rules import EvaluationError

_NEVER: Final = frozenset({"gift_card", "deposit", "tax"})
"""Kinds of lines that no coupon makes cheaper: stored value, what is paid back, what is owed to the state."""


def price(shopper: Shopper, basket: Event, claims: Sequence[Claim]) -> Priced:
    """Take the coupons off a basket, one after the other.

    By priority, ties by name and id, so the order in which they are sent never matters. Each takes off what
    the ones before left; conditions and minimum see the basket before all discounts.

    Args:
        shopper: the member in front of the basket.
        basket: the order that it would be, before discounts.
        claims: what was sent, with what it is.
    """
    lines = _lines_of(basket)
    run = _Run(shopper, basket, [line["amount"] for line in lines], lines)
    offered: dict[int, Offered] = {}
    coupons = shopper.program.coupons
    known = [place for place, claim in enumerate(claims) if claim.refusal is None]
    for place in sorted(known, key=lambda place: (*coupons[claims[place].coupon].rank, claims[place].id)):
        offered[place] = run.offer(claims[place], coupons[claims[place].coupon])
    return Priced(
        [offered.get(place) or Offered(claim, {}, claim.refusal) for place, claim in enumerate(claims)],
        [line["amount"] for line in lines],
        run.left,
    )


def _lines_of(basket: Event) -> list[dict[str, Any]]:
    body: Any = basket.body
    sent: list[dict[str, Any]] = body.get("lines") or [{"amount": body["total"], "kind": "product"}]
    return sent


class _Run:
    """The basket while coupons are taken off it."""

    def __init__(
        self, shopper: Shopper, basket: Event, left: list[Decimal], lines: list[dict[str, Any]]
    ) -> None:
        self.left = left
        self._shopper = shopper
        self._basket = basket
        self._lines = lines
        self._given: list[Coupon] = []
        self._money = _money_of(shopper.program, basket)

    def offer(self, claim: Claim, coupon: Coupon) -> Offered:
        """Take a coupon off, or say why not."""
        refusal = self._hindered(coupon) or self._judged(coupon)
        if refusal is not None:
            return Offered(claim, {}, refusal)
        try:
            items = self._items(coupon)
        except EvaluationError as error:
            return Offered(claim, {}, _failed(coupon, error))
        parts = taken_off(coupon.discount, items, self._money)
        if not parts:
            nothing = Refusal(
                code="nothing_to_discount",
                message=f"Nothing in the basket is what {coupon.name} takes something off.",
                next_step="Add an article that it is for.",
            )
            return Offered(claim, {}, nothing)
        self._given.append(coupon)
        for place, part in parts.items():
            self.left[place] -= part
        return Offered(claim, parts, None)

    def _hindered(self, coupon: Coupon) -> Refusal | None:
        """Whether a coupon that came first keeps it from giving (U8)."""
        for other in self._given:
            if other.name == coupon.name:
                return Refusal(
                    code="given_already",
                    message=f"{coupon.name} is taken off once in a basket.",
                    next_step="Keep it for another.",
                )
            if coupon.group is not None and coupon.group == other.group:
                return Refusal(
                    code="group_taken",
                    message=f"{other.name} came first in the group {coupon.group}.",
                    next_step="Choose one of the two.",
                )
            if not (coupon.stackable and other.stackable):
                alone = other if not other.stackable else coupon
                return Refusal(
                    code="not_stackable",
                    message=f"{alone.name} cannot be combined with other coupons.",
                    next_step="Choose one of the two.",
                )
        return None

    def _judged(self, coupon: Coupon) -> Refusal | None:
        """Whether its own terms hold."""
        shopper, used = self._shopper, self._shopper.used.get(coupon.name, 0)
        if not coupon.runs_at(self._basket.occurred_at):
            return Refusal(
                code="not_running",
                message=f"{coupon.name} cannot be used now.",
                next_step="See when it starts and ends.",
            )
        if coupon.per_member is not None and used >= coupon.per_member:
            return Refusal(
                code="member_limit",
                message=f"{coupon.name} was used {used} times by this member.",
                next_step="Leave it out.",
            )
        total = shopper.seen["event"]["total"]
        if total < coupon.minimum:
            missing = format_amount(coupon.minimum - total)
            return Refusal(
                code="below_minimum",
                message=f"{coupon.name} needs a basket of {format_amount(coupon.minimum)} "
                f"{shopper.program.currency}; {missing} is missing.",
                next_step="Add articles; shipping, taxes, deposits and gift cards do not count.",
            )
        try:
            holds = coupon.when is None or coupon.when.evaluate(shopper.seen) is True
        except EvaluationError as error:
            return _failed(coupon, error)
        if holds:
            return None
        return Refusal(
            code="condition_false",
            message=f"{coupon.name} is not for this basket and member.",
            next_step="Leave it out.",
        )

    def _items(self, coupon: Coupon) -> list[Item]:
        chosen = coupon.discount.lines
        items = []
        for place, (line, seen) in enumerate(zip(self._lines, self._shopper.lines, strict=True)):
            if self.left[place] <= 0 or line["kind"] in _NEVER:
                continue
            within = {**self._shopper.seen, "line": seen}
            if (line["kind"] == "product") if chosen is None else (chosen.evaluate(within) is True):
                items.append(
                    Item(
                        place,
                        self.left[place],
                        _whole(line.get("quantity", Decimal(1))),
                        line.get("sku", ""),
                        line.get("categories", ()),
                    )
                )
        return items


def _whole(quantity: Decimal) -> int:
    """How many articles a line holds; what is sold by weight holds none that could be free."""
    return int(quantity) if quantity > 0 and quantity == quantity.to_integral_value() else 0


def _failed(coupon: Coupon, error: EvaluationError) -> Refusal:
    return Refusal(
        code="condition_failed",
        message=f"What {coupon.name} asks has no answer: {error.message}.",
        next_step="Leave it out.",
    )


def _money_of(program: Program, basket: Event) -> Money:
    """The basket's currency, and what one of the programme's is in it."""
    decimals = CURRENCIES[str(basket.body["currency"])]
    if not is_foreign(program, basket):
        return Money(decimals)
    return Money(decimals, (Decimal(1), rate_of(program, basket)[1]))


def order_body(basket: Event, priced: Priced) -> dict[str, Any]:
    """The fields of the order that a basket becomes, each amount after discounts."""
    body: dict[str, Any] = {**basket.body, "total": sum(priced.after, ZERO)}
    used = [
        {
            "id": one.claim.id,
            "coupon": one.claim.coupon,
            "discount": one.discount,
            "code": one.claim.code or None,
        }
        for one in priced.offered
        if one.refusal is None
    ]
    if not used:
        return body
    body["coupons"] = sorted(used, key=lambda one: str(one["id"]))
    body["discount"] = (body.get("discount") or ZERO) + priced.discount
    if body.get("lines"):
        body["lines"] = [
            _discounted(line, before - after, after)
            for line, before, after in zip(body["lines"], priced.before, priced.after, strict=True)
        ]
    return body


def _discounted(line: dict[str, Any], discount: Decimal, after: Decimal) -> dict[str, Any]:
    if not discount:
        return line
    return {**line, "amount": after, "discount": (line.get("discount") or ZERO) + discount}
