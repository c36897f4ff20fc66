"""An event: what a customer did, checked, exact and ready for rules."""

from datetime import datetime

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a customer did.

    Free of cycles (the body never refers to the event), so the garbage collector need not look at it.

    Attributes:
        id: the sender's id of the event, unique within its source and member.
        type: a name of the catalogue, such as `order.placed`.
        source: which system sent it, such as `shop` or `till`.
        member: the reference as sent: a customer, card or account number.
        occurred_at: when it happened (UTC); rules and expiry count from here.
        recorded_at: when the house learned of it (UTC).
        body: every field, the five above included, as str, Decimal, int, bool, aware datetime, list or
            dict; never change it.
        personal: free text of the person by field name, kept apart from the body so that it can be erased.
    """

    id: str
    type: str
    source: str
    member: str
    occurred_at: datetime
    recorded_at: datetime
    body: dict[str, object]
    personal: dict[str, str] = msgspec.field(default_factory=dict)

    @property
    def identity(self) -> tuple[str, str]:
        """What makes it the same event when it is sent again (beside brand and member)."""
        return self.source, self.id


_encode = msgspec.json.Encoder(order="sorted", decimal_format="string").encode


def canonical_body(event: Event) -> str:
    """What an event says beside its header (id, type, source, member, time) as canonical JSON.

    The same text for bodies that mean the same: keys sorted, no white space, amounts as decimal strings
    without trailing zeros, times in UTC with Z and microseconds only where there are any.
    """
    body = event.body.copy()
    del body["id"], body["type"], body["source"], body["member"], body["occurred_at"]
    return _encode(body).decode()
