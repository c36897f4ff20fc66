"""Makers of programme documents, and what is found in them."""

from bondfire.programs import Problem, Program, check_program, load_program

HEAD = """\
program: hearth-club
brand: kaminrot
timezone: Europe/Berlin
currency: EUR
"""
UNITS = """\
units:
  points: {expires: {after: 24 months, round: end_of_month}, pending: 14 days}
  status: {qualifying: true}
"""
TIERS = """\
tier_sets:
  flame:
    unit: status
    window: calendar_year
    tiers: {spark: {from: 0}, fire: {from: 100}}
"""
EARN = """\
earn:
  base:
    on: order.placed
    award: {points: floor(event.total), status: floor(event.total)}
"""
DOCUMENT = HEAD + UNITS + TIERS + EARN
"""Sixteen lines that are right; what a test adds begins in line 17, inside the rule `base`."""

SKETCH = """\
program: hearth-club
brand: kaminrot
timezone: Europe/Berlin
currency: EUR
units:
  points: {expires: {after: 24 months, round: end_of_month}, pending: 14 days}
  status: {qualifying: true}
tier_sets:
  flame:
    unit: status
    window: calendar_year
    grace: 60 days
    tiers:
      spark: {from: 0}
      flame: {from: 500, benefits: [early_access]}
      fire:  {from: 2000, benefits: [early_access, vip_events]}
earn:
  base:
    on: order.placed
    when: event.total >= 10.00
    award: {points: floor(event.total), status: floor(event.total)}
    cap: {points: 1000, per: day}
  double_shoes:
    on: order.placed
    when: member.tiers.flame in ['flame', 'fire']
    award: {points: 'event.lines.filter(l, "shoes" in l.categories).map(l, l.amount).sum()'}
    starts: 2026-12-01
    ends: 2026-12-24
challenges:
  three_worlds: {on: order.placed, count_distinct: event.categories, target: 3, within: 30 days, award: {points: 200}, badge: explorer}
rewards:
  coffee: {price: {points: 150}}
  backstage: {price: {points: 0}, kind: event, tier: fire, seats: 40, waiting_list: true}
returns: {clawback: allow_negative}
"""  # noqa: E501 - it is a quotation
"""The sketch of the design, letter by letter."""


def rule(*lines: str) -> str:
    """The document with these lines added to the rule `base`."""
    return DOCUMENT + "".join(f"    {line}\n" for line in lines)


def section(text: str) -> str:
    """The document with a further section."""
    return DOCUMENT + text


def problems_of(document: str | bytes) -> tuple[Problem, ...]:
    """What is wrong; a document with problems gives no programme."""
    report = check_program(document)
    assert (report.program is None) == bool(report.problems)
    return report.problems


def only_problem(document: str | bytes) -> Problem:
    """The one thing that is wrong."""
    problems = problems_of(document)
    assert len(problems) == 1, problems
    return problems[0]


def program(document: str = DOCUMENT) -> Program:
    """A programme that is right."""
    return load_program(document)
