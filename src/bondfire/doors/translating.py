"""Reads a parcel, whatever door it came through."""

from collections.abc import Callable, Mapping
from typing import Final

from bondfire.doors.cloudevents import read_cloudevent
from bondfire.doors.model import Door, Parcel, Reading, Terms
from bondfire.doors.segment.calls import read_segment
from bondfire.doors.shopify import read_shopify
from bondfire.doors.stripe import read_stripe
from bondfire.doors.woocommerce import read_woocommerce
from bondfire.events import EventError

_READERS: Final[Mapping[Door, Callable[[Parcel, Terms], Reading]]] = {
    "segment": read_segment,
    "cloudevents": read_cloudevent,
    "shopify": read_shopify,
    "woocommerce": read_woocommerce,
    "stripe": read_stripe,
}


def read_parcel(parcel: Parcel, terms: Terms) -> Reading:
    """What a parcel says under the programme in force; what is wrong with it is part of the answer.

    Pure: the same parcel and terms give the same reading.
    """
    try:
        return _READERS[parcel.door](parcel, terms)
    except EventError as problem:
        return Reading(problem=problem)
