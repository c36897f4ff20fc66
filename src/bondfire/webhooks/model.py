"""Endpoints, deliveries, signatures, and when what is tried again: pure functions and types."""

import base64
import hmac
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Final, Literal, NamedTuple
from uuid import UUID

import msgspec

from bondfire.errors import BadInput
from bondfire.journal import Announcement
from bondfire.kit import digest_of, nearest, show_id

EndpointState = Literal["active", "disabled", "removed"]
DeliveryState = Literal["waiting", "delivered", "given_up"]
Reason = Literal["", "by_hand", "gone", "failing"]

ID_BYTES: Final = 16
SECRET_BYTES: Final = 32
"""256 bits; the specification asks for 192 at least."""
MOST_ENDPOINTS: Final = 20
LONGEST_DESCRIPTION: Final = 200
LONGEST_OVERLAP: Final = timedelta(days=7)

DELAYS: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""Between one attempt and the next, as the specification suggests: ten attempts within 76 hours."""
JITTER: Final = 0.2
"""A delay is stretched by up to this part, so that what failed together does not come back together."""
LONGEST_WAIT: Final = timedelta(hours=24)
"""A receiver may ask for no longer by Retry-After."""
FIRST_REST: Final = timedelta(seconds=5)
LONGEST_REST: Final = timedelta(minutes=15)
DISABLE_AFTER: Final = timedelta(days=5)
"""An endpoint that has taken nothing for so long is disabled."""
KEPT_FOR: Final = timedelta(days=30)
"""What was delivered or given up can be read and sent again for so long."""
REMOVED_AFTER: Final = timedelta(hours=1)
"""Longer than anybody who still has a removed endpoint at hand can be at work."""

TYPES: Final = {
    "PointsPosted": "points.posted",
    "TierReached": "tier.reached",
    "TierLost": "tier.lost",
    "RewardChanged": "reward.changed",
    "ReturnParked": "return.parked",
    "ReturnUnmatched": "return.unmatched",
}
"""How the announcements of the journal are called outside."""

_OVERLOADED: Final = frozenset({429, 502, 503, 504})
_PREFIX: Final = "whsec_"


class Health(msgspec.Struct, frozen=True):
    """How an endpoint fares.

    Attributes:
        strikes: how often in a row it was overloaded or could not be reached.
        failing_since: when the first attempt failed after the last that did not; None while it takes things.
        rests_until: nothing is sent before; None for now.
    """

    state: EndpointState
    reason: Reason
    state_at: datetime
    strikes: int = 0
    failing_since: datetime | None = None
    rests_until: datetime | None = None


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """Who hears what a brand announces; its secrets are not part of it.

    Attributes:
        types: what it hears; empty for everything.
        may_private: whether it may lie in a private network and speak plain HTTP.
        previous_until: until when the secret before the present one signs too; None for not.
    """

    id: UUID
    brand_id: int
    url: str
    description: str
    types: tuple[str, ...]
    may_private: bool
    created_at: datetime
    previous_until: datetime | None
    health: Health


class Keys(NamedTuple):
    """The secrets of an endpoint; does not leave this folder."""

    current: bytes
    previous: bytes | None
    previous_until: datetime | None

    def __repr__(self) -> str:
        return "Keys(...)"

    def at(self, now: datetime) -> list[bytes]:
        """Those that sign now, the present one first."""
        overlap = self.previous is not None and self.previous_until is not None and now < self.previous_until
        return [self.current, self.previous] if overlap and self.previous else [self.current]


class Delivery(msgspec.Struct, frozen=True):
    """One announcement for one endpoint.

    Attributes:
        type: as the receiver reads it. body, source, event_type, occurred_at: of the announcement.
        attempts: how often it was sent in all; `tries`: since it began to wait.
    """

    bucket: int
    id: UUID
    endpoint_id: UUID
    member_id: UUID
    seq: int
    line: int
    type: str
    body: str
    source: str
    event_type: str
    occurred_at: datetime
    created_at: datetime
    state: DeliveryState = "waiting"
    attempts: int = 0
    tries: int = 0
    done_at: datetime | None = None

    @property
    def shown_id(self) -> str:
        """The webhook-id: the same for every attempt, for ever."""
        return show_id("msg", self.id)


class Answer(NamedTuple):
    """What came of sending.

    Attributes:
        status: None when there was no answer; then `error` says why.
        error: timeout, unknown_host, private_address, no_connection, bad_certificate, not_http, internal.
        retry_after: as sent. text: the beginning of an answer that was not 2xx.
    """

    status: int | None
    error: str = ""
    retry_after: str = ""
    text: str = ""
    took_ms: int = 0

    @property
    def is_success(self) -> bool:
        """Any 2xx; a redirect is none, and is not followed."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        """The receiver wants no more."""
        return self.status == 410

    @property
    def is_overload(self) -> bool:
        """The receiver is overloaded or cannot be reached, whatever is sent to it."""
        return self.status is None or self.status in _OVERLOADED


class Attempt(NamedTuple):
    """One attempt of a delivery, as it is kept."""

    number: int
    attempted_at: datetime
    status: int | None
    error: str
    took_ms: int
    answer: str


class DeliveryPlace(NamedTuple):
    """Where a delivery stands among the others: when it was made, and its id."""

    created_at: datetime
    id: UUID


class EndpointPlace(NamedTuple):
    """Where an endpoint stands among the others of its brand: when it was made, and its id."""

    created_at: datetime
    id: UUID


FIRST: Final = DeliveryPlace(datetime.min.replace(tzinfo=UTC), UUID(int=0))
LAST: Final = DeliveryPlace(datetime.max.replace(tzinfo=UTC), UUID(int=2**128 - 1))


def new_secret(random: bytes) -> bytes:
    """The secret of an endpoint.

    Args:
        random: exactly `SECRET_BYTES` from a cryptographic source (`secrets.token_bytes`).
    """
    if len(random) != SECRET_BYTES:
        raise ValueError(f"a secret needs {SECRET_BYTES} random bytes, not {len(random)}")
    return random


def show_secret(secret: bytes) -> str:
    """A secret as receivers are given it."""
    return _PREFIX + base64.b64encode(secret).decode()


def sign(secret: bytes, webhook_id: str, sent_at: datetime, body: bytes) -> str:
    """The signature of a message: HMAC-SHA256 over its id, its time in seconds and its body."""
    signed = f"{webhook_id}.{int(sent_at.timestamp())}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(secret, signed, sha256)).decode()


def headers_of(keys: Sequence[bytes], webhook_id: str, sent_at: datetime, body: bytes) -> dict[str, str]:
    """The headers of the specification; one signature for each secret."""
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(sent_at.timestamp())),
        "webhook-signature": " ".join(sign(key, webhook_id, sent_at, body) for key in keys),
    }


def delivery_of(endpoint: Endpoint, told: Announcement, *, created_at: datetime) -> Delivery | None:
    """The delivery of an announcement, None when the endpoint does not want to hear it."""
    type_ = TYPES.get(told.kind)
    if type_ is None or (endpoint.types and type_ not in endpoint.types):
        return None
    return Delivery(
        bucket=told.bucket,
        id=delivery_id_of(endpoint.id, told),
        endpoint_id=endpoint.id,
        member_id=told.member_id,
        seq=told.seq,
        line=told.line,
        type=type_,
        body=told.body,
        source=told.source,
        event_type=told.type,
        occurred_at=told.occurred_at,
        created_at=created_at,
    )


def delivery_id_of(endpoint_id: UUID, told: Announcement) -> UUID:
    """The same for ever: the place in the journal, and 56 bits that tell endpoints anywhere apart.

    So a delivery is found by its id, whose first two bytes are its bucket, and ids sort as the journal does.
    """
    place = (told.bucket.to_bytes(2, "big"), told.seq.to_bytes(5, "big"), told.line.to_bytes(2, "big"))
    return UUID(bytes=b"".join(place) + digest_of("delivery", endpoint_id.hex)[:7])


def check_types(types: Collection[str]) -> tuple[str, ...]:
    """What an endpoint wants to hear, in order; none is everything.

    Raises:
        BadInput: `unknown_type`; the nearest is named.
    """
    known = sorted(TYPES.values())
    for one in types:
        if one not in known:
            like = nearest(one, known)
            raise BadInput(
                f"There is no type {one[:80]!r}.",
                next_step=f"Did you mean {like!r}?" if like else f"Choose from {', '.join(known)}.",
                code="unknown_type",
            )
    return tuple(sorted(set(types)))


def check_description(text: str) -> str:
    """What people call an endpoint: one printable line, or nothing.

    Raises:
        BadInput: too long, or with signs that cannot be shown.
    """
    if len(text) > LONGEST_DESCRIPTION or not text.isprintable():
        raise BadInput(
            f"The description is one line of at most {LONGEST_DESCRIPTION} printable characters.",
            next_step='Name the receiver, such as "crm, production".',
        )
    return text.strip()


def asked_wait(text: str, now: datetime) -> timedelta:
    """How long a Retry-After asks to wait: seconds or a date; nothing for what cannot be read."""
    try:
        wait = timedelta(seconds=int(text[:9])) if text.isdecimal() else _until(text, now)
    except (ValueError, OverflowError):
        return timedelta()
    return min(max(wait, timedelta()), LONGEST_WAIT)


def _until(text: str, now: datetime) -> timedelta:
    moment = parsedate_to_datetime(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now


def next_try(tries: int, answer: Answer, *, now: datetime, chance: float) -> datetime | None:
    """When a delivery that failed is tried again; None when it is given up.

    Args:
        tries: how often it was tried, this time included.
        answer: what came of it.
        now: when the answer came.
        chance: from 0 to 1, for the jitter.
    """
    if tries > len(DELAYS):
        return None
    planned = DELAYS[tries - 1] * (1 + JITTER * chance)
    return now + max(planned, asked_wait(answer.retry_after, now))


def health_after(health: Health, answer: Answer, *, sent_at: datetime, now: datetime) -> Health:
    """How an endpoint fares after an answer.

    Something taken makes it well again. Gone disables it at once, failing for `DISABLE_AFTER` too. When it
    is overloaded or cannot be reached, it rests for twice as long each time, or as long as it asks; what had
    been sent before a rest began does not count as one more time.
    """
    if answer.is_success:
        return Health(health.state, health.reason, health.state_at)
    since = health.failing_since or sent_at
    strikes, rests_until = _rest_after(health, answer, sent_at=sent_at, now=now)
    if health.state == "active" and answer.is_gone:
        return Health("disabled", "gone", now, strikes, since, rests_until)
    if health.state == "active" and now - since >= DISABLE_AFTER:
        return Health("disabled", "failing", now, strikes, since, rests_until)
    return Health(health.state, health.reason, health.state_at, strikes, since, rests_until)


def _rest_after(
    health: Health, answer: Answer, *, sent_at: datetime, now: datetime
) -> tuple[int, datetime | None]:
    """Strikes and the end of the rest."""
    if not answer.is_overload:
        return 0, None
    if health.rests_until is not None and sent_at < health.rests_until:
        return health.strikes, health.rests_until
    strikes = health.strikes + 1
    rest = min(FIRST_REST * 2 ** min(strikes - 1, 10), LONGEST_REST)
    return strikes, now + max(rest, asked_wait(answer.retry_after, now))
