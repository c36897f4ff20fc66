"""Deliveries as messages: what is read from the journal and from members, signed, ready to be posted."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from bondfire.db import Connection
from bondfire.journal import entries_posted
from bondfire.kit import show_id
from bondfire.members import references_of
from bondfire.programs import Brand
from bondfire.webhooks.gateways import Message
from bondfire.webhooks.model import Delivery, Endpoint, Keys, headers_of
from bondfire.webhooks.payloads import payload_of, tells_entries, trial_payload


class Letter(NamedTuple):
    """A delivery and what of it is posted."""

    delivery: Delivery
    body: bytes


def letters_of(conn: Connection, brand: Brand, deliveries: Sequence[Delivery]) -> list[Letter]:
    """The bodies of deliveries.

    They are made each time something is sent: entries never change, and a reference that was erased in the
    meantime is not sent any more.
    """
    references = references_of(conn, brand, [one.member_id for one in deliveries])
    entries = entries_posted(conn, brand, [_place(one) for one in deliveries if tells_entries(one)])
    return [
        Letter(one, payload_of(one, entries.get(_place(one), []), references[one.member_id]))
        for one in deliveries
    ]


def _place(delivery: Delivery) -> tuple[int, int]:
    return delivery.bucket, delivery.seq


def message_of(endpoint: Endpoint, keys: Keys, webhook_id: str, body: bytes, *, sent_at: datetime) -> Message:
    """A body for an endpoint, signed with every secret that is valid now."""
    headers = headers_of(keys.at(sent_at), webhook_id, sent_at, body)
    return Message(endpoint.url, headers, body, endpoint.may_private)


def trial_of(endpoint: Endpoint, keys: Keys, *, sent_at: datetime, random: bytes) -> tuple[str, Message]:
    """A message that tries an endpoint, and its webhook-id."""
    webhook_id = show_id("msg", UUID(bytes=random))
    body = trial_payload(show_id("ep", endpoint.id), sent_at=sent_at)
    return webhook_id, message_of(endpoint, keys, webhook_id, body, sent_at=sent_at)
