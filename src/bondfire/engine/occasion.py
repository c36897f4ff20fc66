"""What rules look at: the event, the member at that time, and the lines of an order that earn."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from bondfire.engine.currency import converted
from bondfire.engine.model import MemberState
from bondfire.engine.pseudonyms import shown_member
from bondfire.engine.standing import tier_at
from bondfire.events import Event
from bondfire.kit import Weights, split_largest_remainder
from bondfire.ledger import ZERO
from bondfire.programs import Program, RuleSet

MONEY_DECIMALS: Final = 6
"""Shares of money are split this finely; every currency's minor unit fits."""
Seen = dict[str, Any]


def member_view(program: Program, rules: RuleSet, state: MemberState, moment: datetime) -> Seen:
    """What these rules read of the member at a moment; a wallet nothing was ever in holds 0 (U10)."""
    parts = rules.member_parts
    view: Seen = {}
    if "tiers" in parts:
        tiers = view["tiers"] = {}
        for name, standing in state.standings.items():
            tier = tier_at(standing, moment)
            if tier is not None:
                tiers[name] = tier
    if "wallets" in parts:
        wallets = state.ledger.wallets
        view["wallets"] = {unit: wallets[unit].active if unit in wallets else ZERO for unit in program.units}
    if "attributes" in parts:
        view["attributes"] = dict(state.attributes)
    if "joined_at" in parts:
        view["joined_at"] = state.joined_at
    if "id" in parts:
        view["id"] = str(state.id)
    if rules.reads_reference:
        view["shown"] = shown_member(state.id)
    return view


class Occasion(msgspec.Struct, gc=False):
    """The event and the member as rules see them.

    Of an order without shipping and tax (R13, R14), and less what was paid with points, where the
    programme leaves that out (U3).

    Attributes:
        seen: the variables of an expression.
        seen_for_status: the same for units that qualify for tiers: what was paid with points never counts
            for those (T2).
        body: the event as it was sent, its money in the programme's currency (U11).
        excluded: kinds of lines that do not earn.
        weights, places: of `money` and `earning`, once somebody has asked.
    """

    body: Seen
    seen: Seen
    seen_for_status: Seen
    excluded: frozenset[str]
    weights: dict[int, Weights] = msgspec.field(default_factory=dict)
    places: list[int] | None = None

    @property
    def lines(self) -> list[Seen]:
        """All lines of an order, those that earn and those that do not."""
        return lines_of(self.body)

    @property
    def earning(self) -> Sequence[int]:
        """The places of the lines that earn."""
        if self.places is None:
            lines = self.lines
            self.places = [place for place, one in enumerate(lines) if one["kind"] not in self.excluded]
        return self.places

    @property
    def earns(self) -> bool:
        """Whether any line does; where rules see the event just as it was sent, all of them do."""
        return self.seen["event"] is self.body or len(self.earning) > 0

    def shares(self, paid: Decimal) -> list[Decimal]:
        """How what was paid with points splits over the lines."""
        return split_largest_remainder(
            paid, [max(line["amount"], ZERO) for line in self.lines], MONEY_DECIMALS
        )

    def without(self, paid: Sequence[Decimal]) -> Seen:
        """The event with the earning lines alone, each less its share of what was paid with points."""
        sent = self.lines
        lines = [sent[i] for i in self.earning]
        if paid:
            lines = [{**sent[i], "amount": sent[i]["amount"] - paid[i]} for i in self.earning]
        return {**self.body, "lines": lines, "total": sum((line["amount"] for line in lines), ZERO)}

    def earning_lines(self, seen: Seen) -> list[Seen]:
        """The lines that earn, as an expression sees them."""
        sent = self.lines
        lines: list[Seen] = seen["event"].get("lines") or [sent[place] for place in self.earning]
        return lines

    def money(self, seen: Seen) -> Weights:
        """The earning lines weighed by their money; what is below zero weighs nothing."""
        weights = self.weights.get(id(seen))
        if weights is None:
            lines = self.earning_lines(seen)
            weights = self.weights[id(seen)] = Weights([max(ZERO, line["amount"]) for line in lines])
        return weights


def occasion_of(program: Program, rules: RuleSet, event: Event, member: Seen) -> Occasion:
    """The event and the member as these rules see them."""
    body: Seen = converted(program, event)
    if rules.reads_reference:
        body = {**body, "member": member["shown"]}
    seen = {"event": body, "member": member}
    occasion = Occasion(body, seen, seen, program.earning.excluded_kinds)
    if event.type == "order.placed" and not _is_plain(rules, occasion):
        _look_closer(program, occasion, member)
    return occasion


def _is_plain(rules: RuleSet, occasion: Occasion) -> bool:
    """Whether rules see the order just as it was sent."""
    body, excluded = occasion.body, occasion.excluded
    if rules.reads_lines or "paid_with_points" in body:
        return False
    return "lines" not in body or all(line["kind"] not in excluded for line in body["lines"])


def _look_closer(program: Program, occasion: Occasion, member: Seen) -> None:
    body = occasion.body
    paid = body.get("paid_with_points") or ZERO
    is_whole = len(occasion.earning) == len(occasion.lines) and "lines" in body
    gross = body if is_whole else occasion.without(())
    net = occasion.without(occasion.shares(paid)) if paid else gross
    seen = net if program.earning.paid_with_points == "after" else gross
    occasion.seen = {"event": seen, "member": member}
    occasion.seen_for_status = occasion.seen if net is seen else {"event": net, "member": member}


def lines_of(body: Seen) -> list[Seen]:
    """The lines of an order; one that names none has one of its whole total."""
    lines: list[Seen] = body.get("lines") or [
        {
            "sku": "",
            "quantity": Decimal(1),
            "amount": body["total"],
            "categories": body.get("categories", []),
            "kind": "product",
        }
    ]
    return lines
