"""Makers of parcels, the terms they are read under, and the events that come of them."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

from bondfire.doors import Door, Parcel, Reading, Terms, read_batch, read_parcel
from bondfire.events import Event, EventError, parse_event
from bondfire.programs import load_program

NOW: Final = datetime(2026, 5, 1, 12, tzinfo=UTC)
PAYLOADS: Final = Path(__file__).parent / "payloads"
PROGRAM: Final = """\
program: corner-cafe
brand: corner-cafe
timezone: Europe/Berlin
currency: EUR
units:
  beans: {expires: {after: 12 months}}
earn:
  base:
    on: order.placed
    award: {beans: floor(event.total)}
events:
  quiz.finished:
    fields:
      score: {kind: integer, required: true}
      quiz_name: string
      finished_at: time
  product_list.viewed: {fields: {list_id: string}}
member:
  attributes:
    favourite_drink: string
    postcode: string
    age: integer
    group_id: string
    tags: string
"""


@cache
def terms() -> Terms:
    """What the café's programme knows."""
    program = load_program(PROGRAM)
    return Terms(catalogue=program.catalogue, currency=program.currency)


def payload(name: str, **changes: object) -> dict[str, Any]:
    """An example of a shop's payload, with changes."""
    read: dict[str, Any] = json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))
    return {**read, **changes}


def parcel(door: Door, topic: str, body: object, **frame: str) -> Parcel:
    """A parcel; a body that is no bytes is written as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    source = "segment" if door == "segment" else "shop-de"
    return Parcel(door=door, source=source, topic=topic, raw=raw, received_at=NOW, frame=frame)


def read(door: Door, topic: str, body: object, **frame: str) -> Reading:
    """What a parcel says."""
    return read_parcel(parcel(door, topic, body, **frame), terms())


def call(item: object, *, context: object = None, sent_at: str = "", public: bool = False) -> Reading:
    """What one call in a batch of Segment's says."""
    batch: dict[str, object] = {"batch": [item], "sentAt": sent_at or None}
    if context is not None:
        batch["context"] = context
    (one,) = read_batch(json.dumps(batch).encode(), received_at=NOW).parcels
    return read_parcel(replace(one, frame={**one.frame, "public": "yes"}) if public else one, terms())


def events_of(reading: Reading, *, member: str = "") -> list[Event]:
    """The events of a reading, as the catalogue takes them; it has no problem.

    Args:
        reading: what a parcel says.
        member: whose those are that do not say it.
    """
    assert reading.problem is None, reading.problem
    return [parse_event({"member": member, **raw}, terms().catalogue) for raw in reading.events]


def only(reading: Reading, *, member: str = "") -> Event:
    """The one event of a reading."""
    (event,) = events_of(reading, member=member)
    return event


def problem_of(reading: Reading) -> EventError:
    """The problem of a reading that says nothing else."""
    assert reading.problem is not None
    assert not reading.events
    assert reading.problem.next_step
    return reading.problem


def lines_of(event: Event) -> list[tuple[str, str, Decimal]]:
    """Kind, article and amount of each line."""
    lines: Any = event.body.get("lines", [])
    return [(line["kind"], line.get("sku", ""), line["amount"]) for line in lines]


def adds_up(event: Event) -> bool:
    """Whether the lines add up to the total; `parse_event` refuses others, and this says it once more."""
    return sum((amount for _, _, amount in lines_of(event)), Decimal(0)) == event.body["total"]


def without(said: Mapping[str, object], *names: str) -> dict[str, object]:
    """The same without some fields."""
    return {name: value for name, value in said.items() if name not in names}
