"""What a receiver reads: one shape for each type of announcement; its JSON Schema is made from it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec

from bondfire.engine import shown_member
from bondfire.kit import format_amount
from bondfire.ledger import Entry
from bondfire.webhooks.model import Delivery

MOST_ENTRIES: Final = 100
"""So many entries are sent; the specification asks for small bodies, and the API has the rest."""

_Doc = msgspec.Meta
Amount = Annotated[str, _Doc(pattern=r"^-?\d+(\.\d+)?$", description="An exact amount, as a decimal string.")]
Time = Annotated[datetime, _Doc(tz=True, description="RFC 3339, in UTC.")]


class PostedEntry(msgspec.Struct, frozen=True):
    """One posted movement: it moves an amount from the account `debit` to the account `credit`."""

    number: Annotated[int, _Doc(description="Counts from 1 for each member, over all units.")]
    unit: str
    kind: Annotated[str, _Doc(description="earn, release, spend, expire, claw_back ...")]
    debit: str
    credit: str
    amount: Amount
    lot: Annotated[int | None, _Doc(description="The lot it concerns.")]
    event: Annotated[str | None, _Doc(description="The event that caused it; null: time passed.")]
    rule: Annotated[str | None, _Doc(description="The rule that gave it.")]
    version: Annotated[int, _Doc(description="The programme version that decided.")]
    effective_at: Annotated[datetime, _Doc(tz=True, description="When it happened.")]
    posted_at: Annotated[datetime, _Doc(tz=True, description="When it counts in the books.")]
    reverses: Annotated[int | None, _Doc(description="The entry that this one takes back.")]


class _About(msgspec.Struct, frozen=True, kw_only=True):
    """Whom and what it is about."""

    member_id: Annotated[str, _Doc(description="The id that the API answers for the member: mem_...")]
    references: Annotated[
        list[str],
        _Doc(
            description="References that were claimed for the member; the one the id is made of is not kept."
        ),
    ]
    event: Annotated[str | None, _Doc(description="The sender's id of the event; null: time passed.")]
    source: Annotated[str | None, _Doc(description="Who sent the event; null: time passed.")]
    event_type: Annotated[str, _Doc(description="Such as order.placed; time.passed when time passed.")]


class PointsData(_About, frozen=True, kw_only=True):
    """What was posted for the member, by one event or by the passing of time."""

    first_entry: Annotated[int, _Doc(description="Number of the first entry.")]
    entry_count: Annotated[int, _Doc(description="How many entries there are.")]
    entries: Annotated[
        list[PostedEntry],
        _Doc(description=f"The first {MOST_ENTRIES} of them; GET /v1/members/.../entries has all."),
    ]


class TierData(_About, frozen=True, kw_only=True):
    """A member moved between tiers of a set."""

    tier_set: str
    before: Annotated[str | None, _Doc(description="Null: below the first tier.")]
    after: Annotated[str | None, _Doc(description="Null: below the first tier.")]
    at: Annotated[datetime, _Doc(tz=True, description="From when the new tier is valid.")]
    why: Annotated[
        str, _Doc(description="earned, granted, merged, window_closed, returned, grant_ended or withdrawn")
    ]
    benefits: Annotated[list[str], _Doc(description="Of a rise: what each tier passed gives.")]


class RewardData(_About, frozen=True, kw_only=True):
    """What became of a redemption of a reward."""

    reward: str
    redemption: Annotated[str, _Doc(description="The id of the redemption.")]
    change: Annotated[
        str,
        _Doc(
            description="redeemed, held, awaited, captured, moved_up (a place came free for who waited), "
            "released, ended, used, missed or cancelled"
        ),
    ]
    quantity: Annotated[int, _Doc(description="Of how many.")]


class ReturnData(_About, frozen=True, kw_only=True):
    """The return is the event."""


class TrialData(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing happened: somebody tried the endpoint."""

    endpoint: str


class PointsPosted(msgspec.Struct, frozen=True):
    """Points or status units of a member were earned, released, spent, taken back or expired."""

    type: Literal["points.posted"]
    timestamp: Time
    data: PointsData


class TierReached(msgspec.Struct, frozen=True):
    """A member rose to a tier."""

    type: Literal["tier.reached"]
    timestamp: Time
    data: TierData


class TierLost(msgspec.Struct, frozen=True):
    """A member fell to a lower tier, or below the first."""

    type: Literal["tier.lost"]
    timestamp: Time
    data: TierData


class RewardChanged(msgspec.Struct, frozen=True):
    """A reward was redeemed, held or waited for, or something became of that: a place came free, it ended."""

    type: Literal["reward.changed"]
    timestamp: Time
    data: RewardData


class ReturnParked(msgspec.Struct, frozen=True):
    """A return came before its purchase and waits for it."""

    type: Literal["return.parked"]
    timestamp: Time
    data: ReturnData


class ReturnUnmatched(msgspec.Struct, frozen=True):
    """A return fits no purchase, or not wholly, and waits for a person."""

    type: Literal["return.unmatched"]
    timestamp: Time
    data: ReturnData


class WebhookTest(msgspec.Struct, frozen=True):
    """A message to try an endpoint; it is sent by hand only, whatever types the endpoint hears."""

    type: Literal["webhook.test"]
    timestamp: Time
    data: TrialData


SHAPES: Final = (
    PointsPosted,
    TierReached,
    TierLost,
    RewardChanged,
    ReturnParked,
    ReturnUnmatched,
    WebhookTest,
)


class _Told(msgspec.Struct):
    event: str


class _Posted(_Told):
    first_entry: int
    entries: int


class _Moved(_Told):
    tier_set: str
    before: str | None
    after: str | None
    at: datetime
    why: str
    benefits: list[str]


class _Changed(_Told):
    reward: str
    redemption: str
    change: str
    quantity: int


_read_told: Final = msgspec.json.Decoder(_Told).decode
_read_posted: Final = msgspec.json.Decoder(_Posted).decode
_read_moved: Final = msgspec.json.Decoder(_Moved).decode
_read_changed: Final = msgspec.json.Decoder(_Changed).decode
_write: Final = msgspec.json.Encoder().encode


def tells_entries(delivery: Delivery) -> bool:
    """Whether the payload of a delivery tells of entries."""
    return delivery.type == "points.posted"


def payload_of(delivery: Delivery, entries: Sequence[Entry], references: Sequence[str]) -> bytes:
    """The body of a delivery, the same bytes whenever it is made from the same.

    Args:
        delivery: what is sent.
        entries: those of its row in the journal, if it tells of them.
        references: what the member is called besides the reference that the id was made of.
    """
    about = {
        "member_id": shown_member(delivery.member_id),
        "references": sorted(references),
        "event": _read_told(delivery.body).event if delivery.source else None,
        "source": delivery.source or None,
        "event_type": delivery.event_type,
    }
    data = _data_of(delivery, entries, about)
    return _write({"type": delivery.type, "timestamp": delivery.occurred_at, "data": data})


def _data_of(
    delivery: Delivery, entries: Sequence[Entry], about: dict[str, Any]
) -> PointsData | TierData | RewardData | ReturnData:
    if tells_entries(delivery):
        posted = _read_posted(delivery.body)
        return PointsData(
            **about,
            first_entry=posted.first_entry,
            entry_count=posted.entries,
            entries=[_posted(entry) for entry in entries[:MOST_ENTRIES]],
        )
    if delivery.type in {"tier.reached", "tier.lost"}:
        moved = _read_moved(delivery.body)
        return TierData(
            **about,
            tier_set=moved.tier_set,
            before=moved.before,
            after=moved.after,
            at=moved.at,
            why=moved.why,
            benefits=moved.benefits,
        )
    if delivery.type == "reward.changed":
        changed = _read_changed(delivery.body)
        return RewardData(
            **about,
            reward=changed.reward,
            redemption=changed.redemption,
            change=changed.change,
            quantity=changed.quantity,
        )
    return ReturnData(**about)


def _posted(entry: Entry) -> PostedEntry:
    return PostedEntry(
        number=entry.number,
        unit=entry.unit,
        kind=entry.kind,
        debit=entry.debit,
        credit=entry.credit,
        amount=format_amount(entry.amount),
        lot=entry.lot or None,
        event=entry.event or None,
        rule=entry.rule or None,
        version=entry.version,
        effective_at=entry.effective_at,
        posted_at=entry.posted_at,
        reverses=entry.reverses or None,
    )


def trial_payload(endpoint: str, *, sent_at: datetime) -> bytes:
    """The body of a message that tries an endpoint."""
    return _write(WebhookTest("webhook.test", sent_at, TrialData(endpoint=endpoint)))
