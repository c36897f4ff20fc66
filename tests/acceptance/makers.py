"""Makers of acceptance tests: a programme from a few lines of YAML, events as a shop sends them, stories."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from textwrap import dedent
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from bondfire.engine import Decision, MemberState, Reason, TierChange, advance, explained, pass_until
from bondfire.events import CATALOGUE, Catalogue, Event, parse_event
from bondfire.kit import EPOCH, member_id_of
from bondfire.ledger import Entry
from bondfire.programs import Program, Timeline, Version, load_program, timeline_of
from bondfire.simulation import Simulation, simulate

Raw = dict[str, object]
Number = Decimal | int

BERLIN = ZoneInfo("Europe/Berlin")
MEMBER = "c-17"
HEAD = """\
program: hearth-club
brand: kaminrot
timezone: Europe/Berlin
currency: EUR
"""
PLAIN = """\
units:
  points: {}
earn:
  base: {on: order.placed, award: {points: floor(event.total)}}
"""
"""A point for each euro, at once and for ever."""


def program(body: str = PLAIN) -> Program:
    """The programme of a document; the four lines every document begins with are added."""
    return load_program(HEAD + dedent(body))


def published(*versions: tuple[str, str]) -> Timeline:
    """Versions of a programme: from when each is valid ("" for always), and its document."""
    return Timeline(
        tuple(
            Version(number, moment(since) if since else EPOCH, program(body))
            for number, (since, body) in enumerate(versions, start=1)
        )
    )


def moment(text: str) -> datetime:
    """A time: with an offset as it stands, without one the local time in Berlin; a date is its noon."""
    at = datetime.fromisoformat(text if len(text) > 10 else f"{text} 12:00")
    return at if at.tzinfo else at.replace(tzinfo=BERLIN)


def _event(kind: str, event: str, at: str, fields: Raw) -> Raw:
    head = {"id": event, "type": kind, "source": "shop", "member": MEMBER}
    return head | {"occurred_at": moment(at).isoformat()} | fields


def order(number: str, at: str, total: str, **fields: object) -> Raw:
    """An order of this number; its event is `ord-<number>`."""
    return _event(
        "order.placed", f"ord-{number}", at, {"order": number, "currency": "EUR", "total": total, **fields}
    )


def line(sku: str, amount: str, *categories: str, **fields: object) -> Raw:
    """One line of an order or of a return."""
    return {"sku": sku, "quantity": 1, "amount": amount, "categories": list(categories), **fields}


def returned(event: str, at: str, total: str = "", **fields: object) -> Raw:
    """A return; it names its order only when `order` is given."""
    return _event("order.returned", event, at, ({"total": total} if total else {}) | fields)


def cancelled(event: str, at: str, number: str) -> Raw:
    """The cancellation of a whole order."""
    return _event("order.cancelled", event, at, {"order": number})


def spent(event: str, at: str, amount: str, **fields: object) -> Raw:
    """Points paid."""
    return _event("points.spent", event, at, {"unit": "points", "amount": amount, **fields})


def held(event: str, at: str, amount: str, *, until: str, **fields: object) -> Raw:
    """Points set aside."""
    ends = moment(until).isoformat()
    return _event("points.held", event, at, {"unit": "points", "amount": amount, "until": ends, **fields})


def captured(event: str, at: str, hold: str, **fields: object) -> Raw:
    """Held points spent; all of them unless an amount is given."""
    return _event("points.captured", event, at, {"hold": hold, **fields})


def released(event: str, at: str, hold: str, **fields: object) -> Raw:
    """Held points not needed; all of them unless an amount is given."""
    return _event("points.released", event, at, {"hold": hold, **fields})


def restored(event: str, at: str, amount: str, **fields: object) -> Raw:
    """Spent points given back."""
    return _event("points.restored", event, at, {"unit": "points", "amount": amount, **fields})


def adjusted(event: str, at: str, amount: str, **fields: object) -> Raw:
    """Points corrected by a person."""
    why: Raw = {"unit": "points", "amount": amount, "reason": "goodwill", "actor": "ada"}
    return _event("points.adjusted", event, at, why | fields)


def joined(at: str, **attributes: object) -> Raw:
    """The member joins."""
    return _event("member.joined", "join", at, {"attributes": attributes} if attributes else {})


def happened(kind: str, event: str, at: str, **fields: object) -> Raw:
    """An event of any type."""
    return _event(kind, event, at, fields)


def late(raw: Raw, arrives: str) -> Raw:
    """The same event, of which the house learns only at another time."""
    return {**raw, "recorded_at": arrives}


def parsed(raw: Raw, catalogue: Catalogue = CATALOGUE) -> Event:
    """The event as the engine gets it."""
    sent = dict(raw)
    arrives = sent.pop("recorded_at", None)
    return parse_event(sent, catalogue, recorded_at=moment(str(arrives)) if arrives else None)


def story(rules: Program, events: Iterable[Raw], *, until: str = "") -> Simulation:
    """What becomes of everybody when these events happen one after the other."""
    catalogue = rules.catalogue
    return simulate(rules, [parsed(raw, catalogue) for raw in events], until=moment(until) if until else None)


class Told(NamedTuple):
    """A member after some events, and what was decided about each."""

    timeline: Timeline
    state: MemberState
    decisions: list[Decision]

    @property
    def last(self) -> Decision:
        """The decision about the last event."""
        return self.decisions[-1]

    @property
    def entries(self) -> list[Entry]:
        """Everything that was posted."""
        return [entry for decision in self.decisions for entry in decision.entries]

    def until(self, at: str) -> "Told":
        """The same after time has passed."""
        pass_until(self.timeline, self.state, moment(at))
        return self


def told(rules: Program | Timeline, *events: Raw) -> Told:
    """Decide events of one member one after the other and keep every decision."""
    timeline = timeline_of(rules) if isinstance(rules, Program) else rules
    state = MemberState(UUID(bytes=member_id_of("kaminrot", MEMBER).bytes))
    catalogue = timeline.newest.program.catalogue
    return Told(timeline, state, [advance(timeline, state, parsed(raw, catalogue)) for raw in events])


def balances(of: MemberState | Simulation | Told, unit: str = "points") -> dict[str, Decimal]:
    """Every figure of a wallet that is not zero."""
    wallet = state_of(of).ledger.wallets.get(unit)
    figures = (
        "issued",
        "active",
        "pending",
        "held",
        "debt",
        "spent",
        "expired",
        "clawed_back",
        "written_off",
    )
    return {name: getattr(wallet, name) for name in figures if wallet and getattr(wallet, name)}


def state_of(of: MemberState | Simulation | Told) -> MemberState:
    """The member of a story."""
    if isinstance(of, Simulation):
        return of.states[MEMBER]
    return of.state if isinstance(of, Told) else of


def lots(of: MemberState | Simulation | Told, unit: str = "points") -> list[tuple[Number, str]]:
    """What is left of each open lot and when it ends, in Berlin's time; in the order they are spent."""
    return [(lot.left, local(lot.expires_at)) for lot in state_of(of).ledger.open_lots(unit)]


def local(at: datetime | None) -> str:
    """A time in Berlin with its offset, "never" for None."""
    return at.astimezone(BERLIN).isoformat(sep=" ") if at else "never"


def by_lot(decision: Decision) -> list[tuple[int, Number]]:
    """Of each entry its lot and its amount, in order."""
    return [(entry.lot, entry.amount) for entry in decision.entries]


def codes(decision: Decision) -> list[str]:
    """The stable words of an explanation, in order."""
    return [reason.code for reason in explained(decision)]


def reason(decision: Decision, code: str) -> Reason:
    """The one reason with this code."""
    (found,) = [one for one in explained(decision) if one.code == code]
    return found


def moves(changes: list[TierChange]) -> list[tuple[str | None, str | None]]:
    """From which tier to which, in order."""
    return [(change.before, change.after) for change in changes]
