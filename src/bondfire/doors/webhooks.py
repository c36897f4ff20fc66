"""A delivery of a shop as a parcel: what it is about is said in a header, or in the body itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from bondfire.doors.fields import record, text
from bondfire.doors.model import Parcel, Shop
from bondfire.events import EventError, read_json

_FORM: Final = "application/x-www-form-urlencoded"
_TOPIC_HEADERS: Final[Mapping[str, tuple[str, ...]]] = {
    "shopify": ("x-shopify-topic", "shopify-topic"),
    "woocommerce": ("x-wc-webhook-topic",),
}
_LONGEST: Final = 200


def is_ping(shop: Shop, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether it is what WooCommerce sends, unsigned, when a webhook is made: a form with its number."""
    return (
        shop == "woocommerce"
        and headers.get("content-type", "").partition(";")[0].strip().lower() == _FORM
        and body.startswith(b"webhook_id=")
        and body[len(b"webhook_id=") :].isdigit()
    )


def delivery_of(
    shop: Shop, headers: Mapping[str, str], body: bytes, *, source: str, prefix: str, received_at: datetime
) -> Parcel:
    """A verified delivery as a parcel.

    Args:
        shop: whose.
        headers: by lower-case name.
        body: as it came.
        source: what its events name as their source: the endpoint's name.
        prefix: goes before the shop's numbers of customers and orders.
        received_at: when it came.
    """
    topic = _type_in(body) if shop == "stripe" else _header(shop, headers)
    return Parcel(
        door=shop,
        source=source,
        topic=topic[:_LONGEST] if topic and topic.isprintable() else "unknown",
        raw=body,
        received_at=received_at,
        frame={"prefix": prefix} if prefix else {},
    )


def _header(shop: Shop, headers: Mapping[str, str]) -> str:
    return next((headers[name] for name in _TOPIC_HEADERS[shop] if name in headers), "")


def _type_in(body: bytes) -> str:
    try:
        return text(record(read_json(body)).get("type"))
    except EventError:
        return ""
