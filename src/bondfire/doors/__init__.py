"""The incoming doors: what other systems send in their own words, read into ours.

Owns: Segment's calls, CloudEvents, the webhooks of Shopify, WooCommerce and Stripe: their signatures, the
mapping to our event types, and which personal data are in them. Does not own: whether an event is right
(events), what becomes of it, who is let in, and what is kept of it (deliveries).
Invariants: no database, clock or chance; whatever bytes arrive, the answer is a reading or a refusal with a
code; the lines of an order add up to its total; what came with a public key can never be worth points.
"""

from bondfire.doors.cloudevents import BATCHED, STRUCTURED, read_cloudevents
from bondfire.doors.model import SHOPS, Door, Parcel, Person, Raw, Reading, Shop, Terms
from bondfire.doors.people import ANONYMOUS, people_in
from bondfire.doors.segment.wire import (
    MOST_BATCH_BYTES,
    BadCall,
    Calls,
    in_public,
    read_batch,
    read_call,
)
from bondfire.doors.signatures import BadSignature, verify
from bondfire.doors.translating import read_parcel
from bondfire.doors.webhooks import delivery_of, is_ping

__all__ = [
    "ANONYMOUS",
    "BATCHED",
    "MOST_BATCH_BYTES",
    "SHOPS",
    "STRUCTURED",
    "BadCall",
    "BadSignature",
    "Calls",
    "Door",
    "Parcel",
    "Person",
    "Raw",
    "Reading",
    "Shop",
    "Terms",
    "delivery_of",
    "in_public",
    "is_ping",
    "people_in",
    "read_batch",
    "read_call",
    "read_cloudevents",
    "read_parcel",
    "verify",
]
