"""Looks at a whole programme: tiers nobody can reach, and awards nothing limits."""

from decimal import Decimal
from typing import Final

from bondfire.kit import format_amount
from bondfire.programs.findings import Fields
from bondfire.programs.ladder import TierSet, TierWindow
from bondfire.programs.limits import Cap, CapWindow
from bondfire.programs.model import Program
from bondfire.programs.rule import EarnRule

_WINDOWS_IN_A_YEAR: Final[dict[CapWindow, int]] = {
    "hour": 8_784,
    "day": 366,
    "rolling_24h": 367,
    "week": 54,
    "lifetime": 1,
}
"""How many windows of a cap one year of a tier set can touch at most."""
_WINDOWS_THAT_FIT: Final[dict[tuple[TierWindow, CapWindow], int]] = {
    ("calendar_year", "month"): 12,
    ("calendar_year", "membership_year"): 2,
    ("membership_year", "month"): 13,
    ("membership_year", "membership_year"): 1,
    ("tier_year", "month"): 13,
    ("tier_year", "membership_year"): 2,
}


def check_reach(fields: Fields, program: Program) -> None:
    """Refuse tiers that can never be reached (U9)."""
    read: Fields | None = fields.get("tier_sets")
    unread = _units_of_unread_awards(fields, program)
    for name, tier_set in program.tier_sets.items():
        section: Fields | None = read.get(name) if read else None
        tiers: Fields | None = section.get("tiers") if section else None
        most = None if tier_set.unit in unread else _most_earned(tier_set, program)
        for tier in tier_set.tiers if tiers and tier_set.unit in program.units else ():
            if most is not None and tier.threshold > most and tiers:
                place = tiers.places[tier.name]
                window = tier_set.window.replace("_", " ")
                caps = f"the caps allow at most {format_amount(most)} {tier_set.unit} per {window}"
                reason = caps if most else f"no rule awards {tier_set.unit!r}"
                place.head.refuse(
                    "unreachable_tier",
                    f"{place.where}: nobody can reach {format_amount(tier.threshold)}, because {reason}.",
                    "Lower the threshold, raise the cap, or award the unit.",
                )


def _units_of_unread_awards(fields: Fields, program: Program) -> set[str]:
    """Units of awards with a mistake in them: what those would give is not known."""
    earn: Fields | None = fields.get("earn")
    read = {(rule.id, award.unit) for rule in program.rules for award in rule.awards}
    named = set()
    for rule, rule_fields in earn.values.items() if earn else ():
        award: Fields | None = rule_fields.get("award")
        named |= {(rule, unit) for unit in (award.places if award else ())}
    challenges: Fields | None = fields.get("challenges")
    lost = set(challenges.places) - set(program.challenges) if challenges else set()
    return set(program.units) if lost else {unit for _, unit in named - read}


def _most_earned(tier_set: TierSet, program: Program) -> Decimal | None:
    """The most of its unit one member can earn within its window; None when nothing limits it."""
    total = Decimal(0)
    for rule in program.rules:
        for award in rule.awards:
            high = award.amount.bounds[1]
            if award.unit != tier_set.unit or (high is not None and high <= 0):
                continue
            limits = [_most_under(cap, rule, tier_set) for cap in rule.caps if cap.unit == tier_set.unit]
            known = [limit for limit in limits if limit is not None]
            if not known:
                return None
            total += min(known)
    for challenge in program.challenges.values():
        given = sum(
            (part for step in challenge.steps for unit, part in step.awards if unit == tier_set.unit),
            Decimal(0),
        )
        if given and challenge.most is None:
            return None
        total += given * (challenge.most or 0)
    return total


def _most_under(cap: Cap, rule: EarnRule, tier_set: TierSet) -> Decimal | None:
    without_end = tier_set.window in {"lifetime", "rolling"} and cap.window != "lifetime"
    if cap.window == "event" or without_end:
        return None
    windows = _WINDOWS_THAT_FIT.get((tier_set.window, cap.window)) or _WINDOWS_IN_A_YEAR[cap.window]
    if cap.counts == "final" or rule.multiplier is None:
        return cap.limit * windows
    factor = rule.multiplier.bounds[1]
    return None if factor is None else cap.limit * windows * Decimal(factor)


def check_exposure(fields: Fields, program: Program) -> None:
    """Refuse rules a member could farm without end: free events whose award has no cap over time (U9)."""
    earn: Fields | None = fields.get("earn")
    for rule in program.rules:
        cost = program.catalogue.types[rule.on].cost
        if earn is None or cost == "money":
            continue
        capped = {cap.unit for cap in rule.caps if cap.window != "event"}
        place = earn.places[rule.id].head
        for unit in sorted({award.unit for award in rule.awards} - capped):
            step = f"Add a cap over time, such as cap: {{{unit}: 100, per: day}}."
            if cost == "free":
                place.refuse(
                    "unbounded_cost",
                    f"{place.where} gives {unit!r} for {rule.on}, which is free, without a cap over time.",
                    step,
                )
            else:
                place.warn(
                    "uncapped_effort",
                    f"{place.where} gives {unit!r} for every {rule.on}; only the member's effort limits it.",
                    step,
                )
