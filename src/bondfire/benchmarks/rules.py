"""What a decision costs by the number of rules and challenges that are asked."""

import time
from datetime import datetime
from itertools import islice
from typing import Final

from bondfire.benchmarks.workload import orders
from bondfire.engine import MemberState, advance
from bondfire.events import parse_event
from bondfire.kit import member_id_of
from bondfire.programs import load_program, timeline_of

SIZES: Final = ((10, 0), (10, 2), (100, 20), (1_000, 20))
"""Numbers of rules and of challenges."""
_HEAD: Final = """\
program: many
brand: many
timezone: Europe/Berlin
currency: EUR
units: {points: {pending: 14 days, expires: {after: 24 months, round: end_of_month}}}
earn:
"""
_CATEGORIES: Final = ("shoes", "books", "toys", "food", "home")
_GOALS: Final = (
    "target: 10, repeat: true",
    "sum: event.total, target: 1000",
    "count_distinct: event.categories, target: 3, within: 30 days",
    "streak: day, target: 7, jokers: 1",
    "target: 5, within: 20 days, repeat: true",
)
_MEMBERS: Final = 100
_EVENTS: Final = 500
_REPEATS: Final = 3


def curve(begin: datetime) -> dict[tuple[int, int], float]:
    """Microseconds of a decision by the numbers of rules and challenges, the least of some repeats."""
    return {size: min(_microseconds(*size, begin) for _ in range(_REPEATS)) for size in SIZES}


def program_of(rules: int, challenges: int = 0) -> str:
    """A programme with so many of each, over money and a category; about one in eight applies."""
    goals = "".join(map(_challenge, range(challenges)))
    return _HEAD + "".join(map(_rule, range(rules))) + (f"challenges:\n{goals}" if goals else "")


def _rule(number: int) -> str:
    return (
        f'  r{number}: {{on: order.placed, award: {{points: {number % 7 + 1}}}, when: "{_when(number)}"}}\n'
    )


def _challenge(number: int) -> str:
    goal = _GOALS[number % len(_GOALS)]
    return f'  c{number}: {{on: order.placed, when: "{_when(number * 9)}", {goal}, award: {{points: 5}}}}\n'


def _when(number: int) -> str:
    return f"event.total >= {number % 190 + 10}.00 && '{_CATEGORIES[number % 5]}' in event.categories"


def _microseconds(rules: int, challenges: int, begin: datetime) -> float:
    program = load_program(program_of(rules, challenges))
    timeline = timeline_of(program)
    references = [str(number) for number in range(_MEMBERS)]
    raw = islice(orders(references, f"rules{rules}", begin=begin), _EVENTS)
    events = [parse_event(one, program.catalogue) for one in raw]
    states = {reference: MemberState(member_id_of("many", reference)) for reference in references}
    began = time.process_time()
    for event in events:
        advance(timeline, states[event.member], event)
    return (time.process_time() - began) / _EVENTS * 1e6
