"""Why: every reason of a decision, those that were told and those that follow from event and books."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

import msgspec

from bondfire.engine.counting import ONE, counted_amount, counted_occasion
from bondfire.engine.earning import AwardFailed
from bondfire.engine.model import Decision, Reason
from bondfire.engine.occasion import Seen, occasion_of
from bondfire.engine.purchases import split
from bondfire.engine.turn import event_text
from bondfire.events import Event
from bondfire.kit import format_amount
from bondfire.ledger import Entry, Kind
from bondfire.programs import Award, Challenge, EarnRule, Program, RuleSet
from bondfire.rules import EvaluationError, Expression

_WITH_VALUES: Final = frozenset({"condition_failed", "cap_reached", "budget_reached", "nothing_earned"})
_NOT_ASKED: Final = frozenset({"before_joining", "already_joined", "no_line_earns", "removed_before"})
_OF_TIME: Final = {Kind.RELEASE: "released", Kind.EXPIRE: "expired", Kind.LET_GO: "hold_ended"}


def explained(decision: Decision) -> list[Reason]:
    """Every reason of a decision: what time brought, what was awarded, what else was told, what gave nothing.

    Only what cannot be told again is kept with a decision. A plain award is its entry; a rule that is not
    mentioned had a condition that was false; what an expression read stands in the event and in
    what the rules saw of the member.
    """
    event = decision.event
    reasons = [_of_time(entry) for entry in decision.entries if entry.event == "" and entry.kind in _OF_TIME]
    if event is None:
        return reasons + decision.told
    program = decision.decided_by.program
    rules = program.rules_on.get(event.type)
    if decision.outcome == "refused":
        return reasons + decision.told
    counted = list(_counted(program, event)) if program.counting and _did_count(decision.told) else []
    if rules is None or not _was_asked(decision.told):
        return reasons + decision.told + counted
    return reasons + list(_Explanation(decision, event, rules).reasons()) + counted


def _of_time(entry: Entry) -> Reason:
    return Reason(_OF_TIME[entry.kind], unit=entry.unit, amount=entry.amount, lot=entry.lot)


def _was_asked(told: list[Reason]) -> bool:
    """Whether rules were asked at all: reasons that are about no rule say that they were not."""
    return not any(reason.code in _NOT_ASKED and not reason.rule for reason in told)


def _did_count(told: list[Reason]) -> bool:
    return not any(reason.code in {"before_joining", "already_joined"} for reason in told)


def _counted(program: Program, event: Event) -> Iterator[Reason]:
    """What the event counted for tier sets by itself; why a value could not be had was told."""
    counting = program.counting.get(event.type)
    if counting is None:
        return
    occasion = counted_occasion(program, counting.rules, event)
    for tier_set in counting.tier_sets:
        if tier_set.value is None:
            yield Reason("tier_day_counted", amount=ONE, note=tier_set.name)
            continue
        try:
            amount = counted_amount(tier_set, occasion)
        except (EvaluationError, AwardFailed):
            continue
        yield Reason(
            "tier_counted",
            amount=amount,
            note=tier_set.name,
            values=_texts(tier_set.value, occasion.seen_for_status),
        )


class _Explanation:
    """The reasons of a decision that rules were asked for."""

    def __init__(self, decision: Decision, event: Event, rules: RuleSet) -> None:
        self.decision = decision
        self.event = event
        self.rules = {rule.id: rule for rule in rules.rules}
        self.program = decision.decided_by.program
        self.occasion = occasion_of(self.program, rules, event, decision.member)

    def reasons(self) -> Iterator[Reason]:
        told = self.decision.told
        about_lot = {reason.lot: reason for reason in told if reason.code == "awarded"}
        for entry in self.decision.entries:
            if entry.kind is Kind.EARN and entry.rule in self.rules and entry.event == self.event.id:
                yield self._awarded(entry, about_lot.get(entry.lot))
        mentioned = set()
        for reason in told:
            mentioned.add(reason.rule)
            if reason.code != "awarded" or reason.rule not in self.rules:
                yield self._with_values(reason)
        mentioned |= {entry.rule for entry in self.decision.entries if entry.kind is Kind.EARN}
        for rule in self.rules.values():
            if rule.id not in mentioned:
                yield self._not_applied(rule)
        goals = self.program.challenges_on.get(self.event.type)
        for challenge in goals.challenges if goals else ():
            if challenge.rule not in mentioned:
                yield self._not_counted(challenge)

    def _awarded(self, entry: Entry, told: Reason | None) -> Reason:
        rule = self.rules[entry.rule]
        offer = next(one for one in rule.awards if one.unit == entry.unit)
        reason = told or Reason("awarded", rule=rule.id, unit=entry.unit, amount=entry.amount, lot=entry.lot)
        return msgspec.structs.replace(
            reason,
            base=entry.amount if reason.base is None else reason.base,
            values=self._values(rule, entry.unit),
            lines=self._split(rule, offer, entry.amount),
            order=event_text(self.event, "order"),
        )

    def _split(self, rule: EarnRule, offer: Award, amount: Decimal) -> list[Decimal]:
        if self.event.type != "order.placed":
            return []
        if not self.event.body.get("lines"):
            return [amount]
        return split(self.program, rule, offer, amount, occasion=self.occasion)

    def _with_values(self, reason: Reason) -> Reason:
        rule = self.rules.get(reason.rule)
        if rule is None or reason.code not in _WITH_VALUES:
            return reason
        return msgspec.structs.replace(reason, values=self._values(rule, reason.unit))

    def _not_applied(self, rule: EarnRule) -> Reason:
        if not rule.runs_at(self.event.occurred_at):
            return Reason("not_running", rule=rule.id)
        return Reason("condition_false", rule=rule.id, values=_texts(rule.when, self.occasion.seen))

    def _not_counted(self, challenge: Challenge) -> Reason:
        if not challenge.runs_at(self.event.occurred_at):
            return Reason("not_running", rule=challenge.rule)
        conditions = (action.when for action in challenge.actions if action.on == self.event.type)
        values = [_texts(when, self.occasion.seen) for when in conditions]
        return Reason(
            "not_counted", rule=challenge.rule, values={k: v for one in values for k, v in one.items()}
        )

    def _values(self, rule: EarnRule, unit: str) -> dict[str, str]:
        seen = self.occasion.seen
        offer = next((one for one in rule.awards if one.unit == unit), None)
        if offer is None or offer.per_line:
            return _texts(rule.when, seen)
        if self.program.units[unit].qualifying:
            seen = self.occasion.seen_for_status
        return _texts(rule.when, self.occasion.seen) | _texts(offer.amount, seen)


def _texts(expression: Expression | None, seen: Seen) -> dict[str, str]:
    if expression is None:
        return {}
    return {path: _text(value) for path, value in expression.values(seen).items()}


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return format_amount(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "1 line" if len(value) == 1 else f"{len(value)} lines"
    return str(value)[:200]
