"""The section `coupons`: discounts that members claim, by a code or because an event brought one."""

from decimal import Decimal
from typing import Final, get_args

from bondfire.events import CURRENCIES
from bondfire.kit import AmountError, parse_amount
from bondfire.programs.discounts import Coupon, Discount, DiscountKind, GivenBack, Issue
from bondfire.programs.earn import EVENT_TYPE, UNDOING, refuse_undoing
from bondfire.programs.expressions import compile_at
from bondfire.programs.findings import Fields, Place
from bondfire.programs.leaves import (
    amount,
    choice,
    expression,
    flag,
    moment,
    name,
    period,
    positive,
    times,
    whole,
)
from bondfire.programs.scope import Scope, known_event_type, read_schedule
from bondfire.programs.shapes import SLUG, Key, MapOf, Record
from bondfire.rules import BOOL, Expression

_ORDER: Final = "order.placed"
_ARTICLE: Final = r"\S(.{0,198}\S)?"
_FREE_ITEM: Final = Record(
    "An article that costs nothing, the cheapest that fits; sku or category says which.",
    {
        "sku": Key(name("The article's number.", "article", _ARTICLE)),
        "category": Key(name("A category of the article.", "category", _ARTICLE)),
        "quantity": Key(whole("How many of them; 1 by default.", 1, 1_000)),
    },
)
_CHEAPEST_FREE: Final = Record(
    "Of so many articles the cheapest cost nothing, as in 3 for 2.",
    {
        "of": Key(whole("Of how many, such as 3.", 2, 1_000), required=True),
        "free": Key(whole("How many of them are free; 1 by default.", 1, 999)),
    },
)
_DISCOUNT: Final = Record(
    "What it takes off; exactly one of amount, percent, free_item and cheapest_free.",
    {
        "amount": Key(positive("So much money, in the programme's currency.")),
        "percent": Key(positive("Such a share, up to 100.", most=100)),
        "free_item": Key(_FREE_ITEM),
        "cheapest_free": Key(_CHEAPEST_FREE),
        "most": Key(positive("How much money at most, in the programme's currency.")),
        "lines": Key(
            expression(
                "Condition over line: which lines it is taken off; every product without it. Gift cards, "
                "deposits and taxes never get a discount.",
                "condition",
            )
        ),
    },
)
_USES: Final = Record(
    "How often it can be used. A code has its own limit beside.",
    {
        "total": Key(whole("By everybody together.", 1, 1_000_000_000)),
        "per_member": Key(whole("By one member.", 1, 1_000_000)),
    },
)
_ISSUE: Final = Record(
    "When a member gets one. A return of what brought it takes it away again, if it was not used.",
    {
        "on": Key(EVENT_TYPE, required=True),
        "when": Key(expression("Condition over event and member; without it, always.", "condition")),
        "repeat": Key(times("true: again and again; a number: so often in all. Once by default.")),
        "valid": Key(period("How long they have it; without it, until the coupon ends.")),
    },
)
COUPONS: Final = MapOf(
    "Discounts that are claimed, by name. The order written never matters.",
    Record(
        "One coupon.",
        {
            "discount": Key(_DISCOUNT, required=True),
            "when": Key(
                expression(
                    "Condition over event, the basket as an order, and member; without it, always.",
                    "condition",
                )
            ),
            "minimum": Key(
                amount("What the basket must cost before discounts, in the programme's currency.")
            ),
            "group": Key(name("Of an exclusive group only the first coupon gives anything.", "group", SLUG)),
            "stackable": Key(flag("false: gives only when no other coupon does.")),
            "priority": Key(whole("Higher goes first, 0 by default; ties by name.", -1000, 1000)),
            "uses": Key(_USES),
            "issue": Key(_ISSUE),
            "given_back": Key(
                choice(
                    "A member gets back what an order had used: cancelled (default) if that was cancelled, "
                    "returned also if all of it was returned, never.",
                    *get_args(GivenBack),
                )
            ),
            "starts": Key(moment("First day or local time it can be used, in the programme's time zone.")),
            "ends": Key(moment("Last day (included), or the local time it stops.")),
        },
    ),
    noun="coupon",
)


def read_coupons(fields: Fields | None, scope: Scope, currency: str) -> dict[str, Coupon]:
    """The coupons that could be read, by name."""
    if fields is None:
        return {}
    read = [_coupon(each, fields.get(each), scope, CURRENCIES.get(currency, 4)) for each in fields.places]
    return {one.name: one for one in sorted((one for one in read if one), key=lambda one: one.name)}


def _coupon(name: str, fields: Fields | None, scope: Scope, decimals: int) -> Coupon | None:
    if fields is None:
        return None
    _check_money(fields, "minimum", decimals)
    starts_at, ends_at = read_schedule(fields, scope.zone)
    discount = _discount(fields.get("discount"), scope, decimals)
    when = _condition(fields, "when", scope)
    uses: Fields | None = fields.get("uses")
    issued: Fields | None = fields.get("issue")
    issue = _issue(issued, scope) if issued else None
    if discount is None:
        return None
    return Coupon(
        name=name,
        discount=discount,
        when=when,
        minimum=fields.get("minimum", Decimal(0)),
        group=fields.get("group"),
        stackable=fields.get("stackable", True),
        priority=fields.get("priority", 0),
        total=uses.get("total") if uses else None,
        per_member=uses.get("per_member") if uses else None,
        valid=issued.get("valid") if issued else None,
        issue=issue,
        given_back=fields.get("given_back", "cancelled"),
        starts_at=starts_at,
        ends_at=ends_at,
    )


def _discount(fields: Fields | None, scope: Scope, decimals: int) -> Discount | None:
    if fields is None:
        return None
    kinds = [kind for kind in get_args(DiscountKind) if kind in fields.places]
    if len(kinds) != 1:
        said = "both " + " and ".join(kinds[:2]) if kinds else "nothing to take off"
        fields.place.head.refuse(
            "bad_value",
            f"{fields.place.where} has {said}.",
            f"Give one of {', '.join(get_args(DiscountKind))}.",
        )
        return None
    kind: DiscountKind = kinds[0]
    _check_money(fields, "amount", decimals)
    _check_money(fields, "most", decimals)
    lines = _condition(fields, "lines", scope, line=True)
    if kind not in fields.values:
        return None
    about = {"most": fields.get("most"), "lines": lines}
    if kind in {"amount", "percent"}:
        return Discount(kind, amount=fields.values[kind], **about)
    inner: Fields = fields.values[kind]
    return _free_item(inner, **about) if kind == "free_item" else _cheapest_free(inner, **about)


def _free_item(fields: Fields, *, most: Decimal | None, lines: Expression | None) -> Discount | None:
    named = [key for key in ("sku", "category") if key in fields.values]
    if len(named) != 1:
        fields.place.head.refuse(
            "bad_value", f"{fields.place.where} must name one article.", "Give sku or category."
        )
        return None
    return Discount(
        "free_item",
        most=most,
        sku=fields.get("sku", ""),
        category=fields.get("category", ""),
        free=fields.get("quantity", 1),
        lines=lines,
    )


def _cheapest_free(fields: Fields, *, most: Decimal | None, lines: Expression | None) -> Discount | None:
    free, of = fields.get("free", 1), fields.get("of")
    if of is not None and free >= of:
        place = fields.places["free" if "free" in fields.places else "of"]
        place.refuse(
            "bad_value",
            f"{fields.place.where}: {free} of {of} would be free, which is everything.",
            "Let fewer be free than there are.",
        )
        return None
    return None if of is None else Discount("cheapest_free", most=most, free=free, of=of, lines=lines)


def _condition(fields: Fields, key: str, scope: Scope, *, line: bool = False) -> Expression | None:
    if key not in fields.values:
        return None
    return compile_at(fields.places[key], scope, _ORDER, expects=BOOL, line=line)


def _check_money(fields: Fields, key: str, decimals: int) -> None:
    if key in fields.values:
        place: Place = fields.places[key]
        try:
            parse_amount(fields.values[key], decimals=decimals, name=place.where)
        except AmountError as refusal:
            place.refuse("bad_value", refusal.message, "The programme's currency is not so fine.")


def _issue(fields: Fields, scope: Scope) -> Issue | None:
    on = known_event_type(fields, scope.catalogue)
    if on is None:
        return None
    if on in UNDOING:
        refuse_undoing(fields.places["on"], on)
    when = None
    if "when" in fields.values:
        when = compile_at(fields.places["when"], scope, on, expects=BOOL)
    if scope.catalogue.types[on].cost == "free" and fields.get("repeat", 1) is None:
        place = fields.places["repeat"]
        place.refuse(
            "unbounded_cost",
            f"{place.where}: {on} costs nothing, so members could get one as often as they like.",
            "Give a number.",
        )
    return Issue(on, when, fields.get("repeat", 1))
