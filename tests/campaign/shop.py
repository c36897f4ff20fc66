"""What a shop sends: orders, spendings, returns, batches of them, and what it learns of people."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

BRAND = "kaminrot"
PENDING = timedelta(days=14)
PROGRAM = """
program: hearth-club
brand: kaminrot
timezone: Etc/UTC
currency: EUR
units:
  points: {expires: {after: 12 months}, pending: 14 days}
  status: {qualifying: true}
tier_sets:
  flame:
    unit: status
    window: calendar_year
    tiers: {spark: {from: 0}, flame: {from: 500}, fire: {from: 2000}}
earn:
  base: {on: order.placed, award: {points: floor(event.total), status: floor(event.total)}}
returns: {clawback: allow_negative}
"""
MEMBERS = 24
_DUE_WITHIN_S = 8.0

Raw = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """A request, byte for byte the same however often it is sent.

    Attributes:
        events: those in the body, in their order.
        change: the member and field of a change, None of an event.
    """

    method: str
    path: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    events: tuple[Raw, ...] = ()
    change: tuple[str, str] | None = None


class Shop:
    """One of several tills that serve the same members; by its seed it sends the same again."""

    def __init__(self, seed: int, till: int, tills: int) -> None:
        self.chance = Random(f"{seed}, till {till}")
        self.till = f"till-{till}"
        self.own = [f"m-{number}" for number in range(till, MEMBERS, tills)]
        self.orders: list[Raw] = []
        self.sent = 0

    def next_call(self) -> Call:
        """The next request."""
        what = self.chance.random()
        if what < 0.2:
            return self._batch(self.chance.randrange(2, 25))
        if what < 0.3:
            return self._consent()
        if what < 0.4:
            return self._profile()
        event = self._event()
        return Call("POST", "/v1/events", json.dumps(event).encode(), events=(event,))

    def _batch(self, size: int) -> Call:
        events = tuple(self._event() for _ in range(size))
        lines = "".join(json.dumps(event) + "\n" for event in events)
        headers = {"Content-Type": "application/x-ndjson"}
        return Call("POST", "/v1/events/batch", lines.encode(), headers, events)

    def _consent(self) -> Call:
        """Each of another kind, so that each must be there in the end."""
        member, kind = self.chance.choice(self.own), f"k{self._number()}"
        said = {"kind": kind, "granted": True, "text_version": "1", "source": self.till}
        return self._change("POST", member, "consents", said)

    def _profile(self) -> Call:
        """Of a member whom no other till changes, so that the last one must stand in the end."""
        return self._change("PUT", self.chance.choice(self.own), "profile", {"name": f"Ann {self._number()}"})

    def _change(self, method: str, member: str, name: str, said: Raw) -> Call:
        headers = {"Idempotency-Key": f"{self.till}-{self.sent}", "Content-Type": "application/json"}
        path = f"/v1/members/{member}/{name}"
        return Call(method, path, json.dumps(said).encode(), headers, change=(member, name))

    def _event(self) -> Raw:
        what = self.chance.random()
        if what < 0.15 and self.orders:
            return self._returned(self.chance.choice(self.orders))
        if what < 0.4:
            return self._spent()
        return self._placed()

    def _placed(self) -> Raw:
        """Its points can be spent in a moment, two weeks after it: then the worker has something to do."""
        member, due = f"m-{self.chance.randrange(MEMBERS)}", self._now(self.chance.uniform(-2, _DUE_WITHIN_S))
        order = self._made("order.placed", member, due - PENDING)
        order |= {
            "order": order["id"],
            "currency": "EUR",
            "total": f"{self.chance.randrange(100, 20000) / 100}",
        }
        self.orders.append(order)
        return order

    def _returned(self, order: Raw) -> Raw:
        part = f"{max(0.01, float(order['total']) / self.chance.choice((1, 2, 3))):.2f}"
        back = self._made("order.returned", order["member"], self._now())
        return back | {"order": order["order"], "currency": "EUR", "total": part}

    def _spent(self) -> Raw:
        spent = self._made("points.spent", f"m-{self.chance.randrange(MEMBERS)}", self._now())
        return spent | {"unit": "points", "amount": str(self.chance.randrange(1, 120))}

    def _made(self, kind: str, member: str, at: datetime) -> Raw:
        name = f"{self.till}-{self._number()}"
        return {
            "id": name,
            "type": kind,
            "source": self.till,
            "member": member,
            "occurred_at": at.isoformat(),
        }

    def _now(self, later_s: float = 0.0) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=later_s)

    def _number(self) -> int:
        self.sent += 1
        return self.sent
