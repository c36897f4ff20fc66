"""Each mistake of acceptance case U9: the document, the code, the place and what must be said."""

from typing import NamedTuple

from programs.documents import DOCUMENT, EARN, HEAD, TIERS, UNITS, rule


class Mistake(NamedTuple):
    document: str
    code: str
    place: tuple[int, int]
    says: str


def added_rule(*lines: str) -> str:
    """The document with a second rule; its first line is line 18."""
    return DOCUMENT + "  second:\n" + "".join(f"    {line}\n" for line in lines)


def goal(*lines: str) -> str:
    """The document with a challenge; its first line is line 18, and what is said of it begins in line 19."""
    return DOCUMENT + "challenges:\n  goal:\n" + "".join(f"    {line}\n" for line in ("badge: b", *lines))


def prolonged(policy: str, award: str = "points") -> str:
    """A document whose points are kept alive so; the policy begins in line 6, column 49."""
    units = f"units:\n  points: {{expires: {{after: 1 year, prolonged: {policy}}}}}\n"
    units += "  status: {qualifying: true}\n"
    return HEAD + units + f"earn:\n  base: {{on: order.placed, award: {{{award}: floor(event.total)}}}}\n"


COUNTED = "on: order.placed"
CHALLENGES = {
    "a target of nothing": Mistake(goal(COUNTED, "target: 0"), "no_target", (21, 13), "1 or more"),
    "half an event": Mistake(goal(COUNTED, "target: 2.5"), "bad_value", (21, 13), "without a point"),
    "a challenge without a target": Mistake(goal(COUNTED), "missing_key", (18, 3), "'target'"),
    "a challenge about nothing": Mistake(goal("target: 3"), "missing_key", (18, 3), "'on'"),
    "more values than there are": Mistake(
        goal(COUNTED, "count_distinct: event.categories", "of: [x, y]", "target: 3"),
        "unreachable_goal",
        (23, 13),
        "only 2 values",
    ),
    "more answers than yes and no": Mistake(
        goal(COUNTED, "count_distinct: event.total > 5", "target: 3"),
        "unreachable_goal",
        (22, 13),
        "at most 2",
    ),
    "a challenge that never counts": Mistake(
        goal(COUNTED, "when: 1 > 2", "target: 3"), "unreachable_goal", (21, 11), "never holds"
    ),
    "a sum that never rises": Mistake(
        goal(COUNTED, "sum: 0 - 1", "target: 3"), "unreachable_goal", (21, 10), "never rises"
    ),
    "a streak longer than it runs": Mistake(
        goal(COUNTED, "streak: day", "target: 8", "starts: 2026-03-01", "ends: 2026-03-07"),
        "unreachable_goal",
        (22, 13),
        "7 days",
    ),
    "a streak of more weeks than it runs": Mistake(
        goal(COUNTED, "streak: week", "target: 3", "starts: 2026-03-02", "ends: 2026-03-15"),
        "unreachable_goal",
        (22, 13),
        "2 weeks",
    ),
    "all within no time": Mistake(
        goal(COUNTED, "target: 3", "within: 0 days"), "unreachable_goal", (22, 13), "over at once"
    ),
    "a challenge that ends before it starts": Mistake(
        goal(COUNTED, "target: 3", "starts: 2026-03-02", "ends: 2026-03-01"),
        "ends_before_start",
        (23, 11),
        "Exchange",
    ),
    "more than can be remembered": Mistake(
        goal(COUNTED, "target: 101", "within: 7 days"), "target_too_large", (21, 13), "100 or fewer"
    ),
    "a step at the target": Mistake(
        goal(COUNTED, "target: 5", "steps: [{at: 5, badge: c}]"), "bad_step", (22, 18), "below the target"
    ),
    "a joker without a streak": Mistake(
        goal(COUNTED, "target: 5", "jokers: 1"), "bad_value", (22, 5), "streak"
    ),
    "two things to count": Mistake(
        goal(COUNTED, "target: 5", "sum: event.total", "streak: day"), "bad_value", (23, 5), "Keep the one"
    ),
    "a sequence of one": Mistake(
        goal("sequence: [{on: order.placed}]"), "wrong_shape", (20, 15), "at least two"
    ),
    "an unknown type in a sequence": Mistake(
        goal("sequence: [{on: order.placed}, {on: order.plcaed}]"),
        "unknown_event_type",
        (20, 41),
        "'order.placed'",
    ),
    "an amount as a value": Mistake(
        goal(COUNTED, "count_distinct: event.total", "target: 3"), "type", (21, 21), "event.categories"
    ),
    "an unknown field of a value": Mistake(
        goal(COUNTED, "count_distinct: event.categorie", "target: 3"),
        "unknown_field",
        (21, 27),
        "`categories`",
    ),
    "a return that counts": Mistake(
        goal("on: order.returned", "target: 3"), "cannot_earn", (20, 9), "undoes"
    ),
    "a challenge that gives without end": Mistake(
        goal("on: page.viewed", "target: 3", "repeat: true", "award: {points: 1}"),
        "unbounded_cost",
        (22, 5),
        "repeat: 12",
    ),
    "an unknown unit of a challenge": Mistake(
        goal(COUNTED, "target: 3", "award: {pionts: 1}"), "unknown_unit", (22, 13), "'points'"
    ),
    "an unknown key of a challenge": Mistake(
        goal(COUNTED, "target: 3", "jokres: 1"), "unknown_key", (22, 5), "'jokers'"
    ),
}
MISTAKES = CHALLENGES | {
    "division by zero": Mistake(rule("when: event.total / 0 > 1"), "division_by_zero", (17, 25), "zero"),
    "modulo by zero": Mistake(rule('multiplier: "10 % 0"'), "division_by_zero", (17, 23), "zero"),
    "ends before it starts": Mistake(
        rule("starts: 2026-12-24", "ends: 2026-12-01"), "ends_before_start", (18, 11), "before it starts"
    ),
    "ends in the minute it starts": Mistake(
        rule("starts: 2026-12-24T10:00", "ends: 2026-12-24T10:00"), "ends_before_start", (18, 11), "before"
    ),
    "negative multiplier": Mistake(rule("multiplier: -0.5"), "negative_multiplier", (17, 17), "-0.5"),
    "negative multiplier in a branch": Mistake(
        rule('multiplier: "event.total > 5 ? event.total : -1"'), "negative_multiplier", (17, 17), "-1"
    ),
    "negative award": Mistake(
        added_rule("on: order.placed", "award: {points: -5}"), "negative_award", (19, 21), "-5"
    ),
    "negative award in a branch": Mistake(
        added_rule("on: order.placed", "award: {points: 'event.total > 5 ? event.total : -5'}"),
        "negative_award",
        (19, 21),
        "-5",
    ),
    "unknown field": Mistake(rule("when: event.totl > 5"), "unknown_field", (17, 17), "`total`"),
    "unknown field of a line": Mistake(
        rule("when: event.lines.exists(l, l.categorys == [])"), "unknown_field", (17, 35), "`categories`"
    ),
    "unknown tier set": Mistake(rule("when: member.tiers.flam == 'x'"), "unknown_field", (17, 24), "`flame`"),
    "unknown attribute": Mistake(
        rule("when: member.attributes.age > 3"), "unknown_field", (17, 29), "member"
    ),
    "type error": Mistake(rule("when: event.total > 'a'"), "type", (17, 23), "(decimal, string)"),
    "a condition that is none": Mistake(rule("when: event.total"), "type", (17, 17), "bool"),
    "double in an amount": Mistake(
        added_rule("on: order.placed", "award: {points: double(event.total)}"), "type", (19, 21), "exact"
    ),
    "an unknown type that prolongs": Mistake(
        prolonged("{by: order.plced, rules: base}"), "unknown_event_type", (6, 53), "'order.placed'"
    ),
    "an unknown rule that is prolonged": Mistake(
        prolonged("{by: order.placed, rules: bas}"), "unknown_rule", (6, 74), "'base'"
    ),
    "a rule whose own event does not prolong": Mistake(
        prolonged("{by: review.submitted, rules: base}"), "never_prolonged", (6, 78), "order.placed"
    ),
    "a rule that awards another unit": Mistake(
        prolonged("{by: order.placed, rules: base}", award="status"), "never_prolonged", (6, 74), "no points"
    ),
    "a limit of corrections in an unknown unit": Mistake(
        DOCUMENT + "adjustments: {approval_above: {pointz: 5}}\n", "unknown_unit", (17, 32), "'points'"
    ),
    "a limit of corrections finer than its unit": Mistake(
        DOCUMENT + "adjustments: {approval_above: {points: 5.5}}\n", "bad_value", (17, 40), "decimals"
    ),
    "a syntax error": Mistake(rule("when: event.total >"), "syntax", (17, 24), "value"),
    "too costly": Mistake(
        rule("when: event.lines.all(a, event.lines.all(b, event.lines.all(c, a.sku == c.sku)))"),
        "too_costly",
        (17, 23),
        "macros",
    ),
    "unbounded cost": Mistake(
        added_rule("on: page.viewed", "award: {points: 5}"),
        "unbounded_cost",
        (17, 3),
        "{points: 100, per: day}",
    ),
    "a cap per event bounds nothing": Mistake(
        added_rule("on: page.viewed", "award: {points: 5}", "cap: {points: 5, per: event}"),
        "unbounded_cost",
        (17, 3),
        "cap over time",
    ),
    "tier nobody awards": Mistake(
        HEAD + UNITS + TIERS + EARN.replace(", status: floor(event.total)", ""),
        "unreachable_tier",
        (12, 31),
        "no rule awards 'status'",
    ),
    "tier above its yearly cap": Mistake(
        rule("cap: {status: 7, per: month}").replace("from: 100", "from: 85"),
        "unreachable_tier",
        (12, 31),
        "at most 84",
    ),
    "two tiers at one threshold": Mistake(
        DOCUMENT.replace("from: 100", "from: 0.0"), "unreachable_tier", (12, 44), "its own threshold"
    ),
    "expires before it is available": Mistake(
        DOCUMENT.replace("after: 24 months, round: end_of_month", "after: 14 days, from: earned"),
        "expires_before_available",
        (6, 21),
        "from: available",
    ),
    "expires at once": Mistake(
        DOCUMENT.replace("after: 24 months, round: end_of_month", "after: 0 days"),
        "expires_at_once",
        (6, 21),
        "moment it begins",
    ),
    "unknown unit in an award": Mistake(
        added_rule("on: order.placed", "award: {pionts: 5}"), "unknown_unit", (19, 13), "'points'"
    ),
    "unknown unit of a tier set": Mistake(
        DOCUMENT.replace("unit: status", "unit: statsu"), "unknown_unit", (10, 11), "'status'"
    ),
    "unknown unit in a cap": Mistake(rule("cap: {ponts: 5, per: day}"), "unknown_unit", (17, 11), "'points'"),
    "cap on what is not awarded": Mistake(
        added_rule("on: order.placed", "award: {points: 5}", "cap: {status: 5, per: day}"),
        "cap_without_award",
        (20, 11),
        "awards",
    ),
    "unknown event type": Mistake(
        added_rule("on: order.place", "award: {points: 5}"), "unknown_event_type", (18, 9), "'order.placed'"
    ),
    "earning on a return": Mistake(
        added_rule("on: order.returned", "award: {points: 5}"), "cannot_earn", (18, 9), "undoes"
    ),
    "unknown time zone": Mistake(
        DOCUMENT.replace("Europe/Berlin", "Europe/Berlni"), "unknown_time_zone", (3, 11), "'Europe/Berlin'"
    ),
    "a time zone of the machine": Mistake(
        DOCUMENT.replace("Europe/Berlin", "localtime"), "unknown_time_zone", (3, 11), "Check"
    ),
    "unknown currency": Mistake(
        DOCUMENT.replace("currency: EUR", "currency: EURO"), "unknown_currency", (4, 11), "'EUR'"
    ),
    "decimals outside 0 to 6": Mistake(
        DOCUMENT.replace("{qualifying: true}", "{decimals: 7}"), "bad_value", (7, 22), "0 to 6"
    ),
    "an amount finer than its unit": Mistake(
        rule("cap: {points: 2.5, per: day}"), "bad_value", (17, 19), "0 decimals"
    ),
    "lines chosen for nothing": Mistake(
        rule("lines: line.amount > 5"), "lines_unused", (17, 12), "line.amount"
    ),
    "lines rounded for nothing": Mistake(
        rule("round: {to: up, per: line}"), "lines_unused", (17, 26), "per: order"
    ),
    "a line where there are none": Mistake(
        added_rule("on: member.joined", "award: {points: line.amount}"), "unknown_name", (19, 21), "line"
    ),
    "a first day of no week": Mistake(
        rule("cap: {points: 5, per: day, week_starts: sunday}"), "bad_value", (17, 45), "per week"
    ),
    "an unknown key": Mistake(rule("stackabel: true"), "unknown_key", (17, 5), "'stackable'"),
    "a missing key": Mistake(added_rule("on: order.placed"), "missing_key", (17, 3), "'award'"),
    "a key without a value": Mistake(rule("when:"), "wrong_shape", (17, 10), "is empty"),
    "a YAML 1.1 word for true": Mistake(rule("stackable: yes"), "bad_value", (17, 16), "true or false"),
    "a date that does not exist": Mistake(rule("starts: 2026-02-30"), "bad_value", (17, 13), "not exist"),
    "a schedule with an offset": Mistake(
        rule("starts: 2026-02-03T10:00Z"), "bad_value", (17, 13), "time zone of the programme"
    ),
    "a time of more than a hundred years": Mistake(
        DOCUMENT + "books: {close_after: 101 years}\n", "bad_value", (17, 22), "100 years"
    ),
    "a unit with a reserved name": Mistake(
        DOCUMENT.replace("status: {qualifying", "per: {qualifying"), "bad_name", (7, 3), "reserved"
    ),
}
