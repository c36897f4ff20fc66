"""The fields of orders, as they are placed and as they come back."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bondfire.events.fields import MOST_LINES, Field
from bondfire.events.referring import CODE_OF_ORDER

ORDER: Final = Field("string", "The order's number in the shop.")
LINE_KINDS: Final = ("product", "shipping", "deposit", "tax", "gift_card")


_LINE: Final[Mapping[str, Field]] = {
    "sku": Field("string", "The article's number."),
    "quantity": Field("decimal", "How many; negative for an article taken back.", decimals=3, negative=True),
    "amount": Field(
        "decimal",
        "What the line costs after all discounts; may be negative.",
        "required",
        decimals=None,
        negative=True,
    ),
    "categories": Field("strings", "The article's categories.", "derived", default=()),
    "kind": Field("enum", "What the line is.", "derived", values=LINE_KINDS, default="product"),
    "description": Field("string", "The article's name.", length=1000, empty=True),
    "brand": Field("string", "The article's brand.", empty=True),
    "discount": Field(
        "decimal", "What was taken off the line; for information, the amount is after it.", decimals=None
    ),
}


_RETURNED_LINE: Final[Mapping[str, Field]] = {
    **_LINE,
    "quantity": Field("decimal", "How many came back.", decimals=3),
    "amount": Field(
        "decimal",
        "What is paid back for the line: above zero, or below for a discount that is taken back with it.",
        "required",
        decimals=None,
        negative=True,
    ),
}


_CURRENCY: Final = Field("string", "ISO 4217 code; says how many decimals the amounts may have.", length=3)


CATEGORIES: Final = Field(
    "strings", "Categories of the whole order; those of its lines when not sent.", "derived", size=MOST_LINES
)


_COUPON: Final[Mapping[str, Field]] = {
    "id": Field("string", "The coupon's id.", "required"),
    "coupon": Field("string", "Its name in the programme.", "required"),
    "discount": Field("decimal", "What it took off.", "required", decimals=None),
    "code": Field("string", "The id of the code that it came by; not there for a coupon that was issued."),
}


ORDER_PLACED: Final[Mapping[str, Field]] = {
    "order": replace(
        ORDER, doc="The order's number in the shop; the event's id when not sent.", presence="derived"
    ),
    "currency": replace(_CURRENCY, presence="required"),
    "total": Field(
        "decimal", "What the order costs after discounts, all lines together.", "required", decimals=None
    ),
    "lines": Field(
        "records", "The articles; their amounts add up to the total.", fields=_LINE, size=MOST_LINES
    ),
    "categories": CATEGORIES,
    "paid_with_points": Field("decimal", "The part of the total that was paid with points.", decimals=None),
    "discount": Field(
        "decimal", "What was taken off; for information, the total is after it.", decimals=None
    ),
    "channel": Field("string", "Where it was bought, such as web, app or store.", empty=True),
    "store": Field("string", "The store's number.", empty=True),
    "coupon": Field("string", "The coupon's code, of coupons that bondfire does not know.", empty=True),
    "coupons": Field(
        "records", "The coupons that it used (POST /v1/baskets/confirm).", fields=_COUPON, size=20, own=True
    ),
    "basket": Field("string", "A digest of the basket that was confirmed.", own=True),
    "referral": CODE_OF_ORDER,
}


ORDER_RETURNED: Final[Mapping[str, Field]] = {
    "order": replace(ORDER, doc="The order that comes back; shops that do not know it leave it out."),
    "currency": _CURRENCY,
    "total": Field(
        "decimal",
        "What is paid back. The sum of the lines when not sent; with neither, all that is left of the order.",
        decimals=None,
    ),
    "lines": Field("records", "The articles that come back.", fields=_RETURNED_LINE, size=MOST_LINES),
    "categories": CATEGORIES,
    "reason": Field("string", "Why.", length=1000, empty=True),
    "channel": Field("string", "Where it was returned.", empty=True),
    "store": Field("string", "The store's number.", empty=True),
}
