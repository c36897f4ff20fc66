"""What a decision costs by the number of rules that are asked."""

import time
from datetime import datetime
from itertools import islice
from typing import Final

from bondfire.benchmarks.workload import orders
from bondfire.engine import MemberState, advance
from bondfire.events import parse_event
from bondfire.kit import member_id_of
from bondfire.programs import load_program, timeline_of

RULES: Final = (10, 100, 1_000)
_HEAD: Final = """\
program: many
brand: many
timezone: Europe/Berlin
currency: EUR
units: {points: {pending: 14 days, expires: {after: 24 months, round: end_of_month}}}
earn:
"""
_CATEGORIES: Final = ("shoes", "books", "toys", "food", "home")
_MEMBERS: Final = 100
_EVENTS: Final = 500
_REPEATS: Final = 3


def curve(begin: datetime) -> dict[int, float]:
    """Microseconds of a decision by the number of rules, the least of some repeats."""
    return {rules: min(_microseconds(rules, begin) for _ in range(_REPEATS)) for rules in RULES}


def program_of(rules: int) -> str:
    """A programme with so many rules, each over money and a category; about one in eight applies."""
    return _HEAD + "".join(map(_rule, range(rules)))


def _rule(number: int) -> str:
    condition = f"event.total >= {number % 190 + 10}.00 && '{_CATEGORIES[number % 5]}' in event.categories"
    return f'  r{number}: {{on: order.placed, award: {{points: {number % 7 + 1}}}, when: "{condition}"}}\n'


def _microseconds(rules: int, begin: datetime) -> float:
    program = load_program(program_of(rules))
    timeline = timeline_of(program)
    references = [str(number) for number in range(_MEMBERS)]
    raw = islice(orders(references, f"rules{rules}", begin=begin), _EVENTS)
    events = [parse_event(one, program.catalogue) for one in raw]
    states = {reference: MemberState(member_id_of("many", reference)) for reference in references}
    began = time.process_time()
    for event in events:
        advance(timeline, states[event.member], event)
    return (time.process_time() - began) / _EVENTS * 1e6
