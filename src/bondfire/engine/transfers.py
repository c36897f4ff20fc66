"""Points that members send each other: away from one, in transit, to the other, or back (L17).

Each side is a decision about one member. What one side decided says what the other has to hear (`onward`);
whoever carries it there may do so later, and again.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import cast
from uuid import UUID

import msgspec

from bondfire.engine.caps import left_of_cap, use_cap
from bondfire.engine.errors import NotTransferable, SameMember
from bondfire.engine.model import Decision
from bondfire.engine.pseudonyms import shown_member
from bondfire.engine.referring import referrer_told
from bondfire.engine.turn import Turn, event_money, event_text
from bondfire.engine.units import amount_of, unit_of
from bondfire.events import NAMING, Event, own_event
from bondfire.kit import digest_of, format_amount, parse_id
from bondfire.ledger import ZERO, Parcel, receive, send, send_back
from bondfire.programs import Unit


def addressed(event: Event, other: UUID) -> Event:
    """The event with the id of the other member it names; their reference is for no journal (L22)."""
    return msgspec.structs.replace(event, body={**event.body, NAMING[event.type]: shown_member(other)})


def points_sent(turn: Turn, event: Event) -> None:
    """Take an amount from the lots that expire first; it is in transit until the other member has it.

    Raises:
        NotTransferable: the programme does not let members send the unit, or not so much.
        SameMember: it goes to who sends it.
        NotEnough: the wallet holds less; nothing is taken.
    """
    unit, amount, to = unit_of(turn, event, spendable=True), amount_of(turn, event), event_text(event, "to")
    if to == shown_member(turn.state.id):
        raise SameMember("The points would go to the member who sends them.", next_step="Name somebody else.")
    _check_limits(turn, unit, amount)
    for parcel in send(turn.book, turn.cause(event.id), unit=unit.name, amount=amount):
        said = {"values": _terms_of(parcel), "note": to}
        turn.because("sent", unit=unit.name, amount=parcel.amount, lot=parcel.lot, **said)
    _count(turn, unit, amount)


def _check_limits(turn: Turn, unit: Unit, amount: Decimal) -> None:
    transfers = unit.transfers
    if transfers is None:
        raise NotTransferable(
            f"Members of this programme cannot send {unit.name} to each other.",
            next_step="Let them: give the unit the key `transfers` in the programme.",
        )
    if transfers.most is not None and amount > transfers.most:
        raise NotTransferable(
            f"{format_amount(amount)} {unit.name} are more than the {format_amount(transfers.most)} that one "
            "transfer may have.",
            next_step="Send less at once.",
            code="transfer_too_large",
        )
    if transfers.per_month is None:
        return
    left, _ = left_of_cap(turn, transfers.per_month)
    if amount > left:
        raise NotTransferable(
            f"A member may send {format_amount(transfers.per_month.limit)} {unit.name} in a month, and "
            f"{format_amount(left)} of them are left.",
            next_step="Send less, or next month.",
            code="transfer_limit_reached",
        )


def _count(turn: Turn, unit: Unit, amount: Decimal) -> None:
    """Remember what was sent this month or, below zero, that it came back."""
    if unit.transfers is not None and unit.transfers.per_month is not None:
        _, month = left_of_cap(turn, unit.transfers.per_month)
        use_cap(turn.state, unit.transfers.per_month.key, month, amount)


def _terms_of(parcel: Parcel) -> dict[str, str]:
    terms = {"earned_at": parcel.earned_at, "expires_at": parcel.expires_at}
    return {name: at.isoformat() for name, at in terms.items() if at is not None}


def points_received(turn: Turn, event: Event) -> None:
    """Take what another member sent, in lots that end when those of the sender do; no tier counts it.

    Raises:
        UnknownMember: nobody is known here.
        Overflow: the balance would be beyond 10^15.
    """
    unit, parcels = unit_of(turn, event, spendable=True), _parcels_of(event)
    for lot in receive(turn.book, turn.cause(event.id), unit=unit.name, parcels=parcels, now=turn.now):
        sender = event_text(event, "from")
        turn.because("received", unit=unit.name, amount=lot.amount, lot=lot.number, note=sender)


def points_sent_back(turn: Turn, event: Event) -> None:
    """Give what could not be received back to its lots, as if it had not been sent."""
    name, note = event_text(event, "unit"), event_text(event, "reason")
    grace_until = turn.program.grace_after_return.after(turn.now, turn.program.zone)
    for parcel in _parcels_of(event):
        send_back(turn.book, turn.cause(event.id), parcel=parcel, grace_until=grace_until, now=turn.now)
        turn.because("sent_back", unit=name, amount=parcel.amount, lot=parcel.lot, note=note)
    unit = turn.program.units.get(name)
    if unit is not None:
        _count(turn, unit, -(event_money(event, "amount") or ZERO))


def _parcels_of(event: Event) -> list[Parcel]:
    return msgspec.convert(event.body["parcels"], list[Parcel])


def lots_sent_back(event: Event) -> frozenset[int]:
    """The numbers of the lots that what an event sends back came from."""
    if event.type != "points.sent_back":
        return frozenset()
    return frozenset(parcel.lot for parcel in _parcels_of(event))


def sent_back_behind(event: Event, lots_before: int) -> Event:
    """What comes back to an account that became part of another, naming its lots as they are called there."""
    if event.type != "points.sent_back":
        return event
    sent = cast("list[dict[str, int]]", event.body["parcels"])
    parcels = [{**one, "lot": one["lot"] + lots_before} for one in sent]
    return msgspec.structs.replace(event, body={**event.body, "parcels": parcels})


def onward(decision: Decision, member_id: UUID) -> tuple[UUID, Event] | None:
    """Who else has to hear of a decision about this member, and the event that tells them; None: nobody.

    Of points that were sent the receiver, of such as could not be received the sender; of a referral that is
    paid the referrer. It is the same event
    however often it is asked for, so it counts once; and it happened when they were sent.
    """
    event = decision.event
    if event is None:
        return None
    if event.type == "points.sent" and decision.outcome == "accepted":
        key = digest_of("transfer", event.source, event.id, member_id.hex).hex()
        parcels = [
            {"lot": reason.lot, "amount": reason.amount, **reason.values}
            for reason in decision.told
            if reason.code == "sent"
        ]
        said = {"id": f"transfer-{key}", "from": shown_member(member_id)}
        return _telling(event, "points.received", event_text(event, "to"), said | {"parcels": parcels})
    if event.type == "points.received" and decision.outcome == "refused":
        said = {"id": event.id, "to": shown_member(member_id), "reason": decision.code}
        parcels_back = {"parcels": event.body["parcels"]}
        return _telling(event, "points.sent_back", event_text(event, "from"), said | parcels_back)
    return referrer_told(decision, member_id)


def _telling(event: Event, kind: str, member: str, said: Mapping[str, object]) -> tuple[UUID, Event]:
    same = {name: event.body[name] for name in ("unit", "amount", "occurred_at")}
    raw = {"type": kind, "member": member, **same, **said}
    return parse_id("mem", member), own_event(raw, recorded_at=event.recorded_at)
