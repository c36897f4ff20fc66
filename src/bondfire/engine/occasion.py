"""What rules look at: the event, the member at that time, and the lines of an order that earn."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

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


class Occasion:
    """The event and the member as rules see them.

    Of an order without shipping and tax (R13, R14), and less what was paid with points, where the
    programme leaves that out (U3).

    Attributes:
        seen: the variables of an expression.
        seen_for_status: the same for units that qualify for tiers: what was paid with points never counts
            for those (T2).
        body: the event as it was sent; `excluded`: kinds of lines that do not earn.
    """

    __slots__ = ("_earning", "_money", "body", "excluded", "seen", "seen_for_status")

    def __init__(self, program: Program, rules: RuleSet, event: Event, member: Seen) -> None:
        body: Seen = event.body
        if rules.reads_reference:
            body = {**body, "member": member["shown"]}
        self.body = body
        self.seen = self.seen_for_status = {"event": body, "member": member}
        self._money: dict[int, Weights] = {}
        self._earning: Sequence[int] | None = None
        self.excluded = program.earning.excluded_kinds
        if event.type == "order.placed" and not self._is_plain(rules):
            self._look_closer(program, body, member)

    def _is_plain(self, rules: RuleSet) -> bool:
        """Whether rules see the order just as it was sent."""
        if rules.reads_lines or "paid_with_points" in self.body:
            return False
        excluded = self.excluded
        return all(line["kind"] not in excluded for line in self.body.get("lines") or ())

    def _look_closer(self, program: Program, body: Seen, member: Seen) -> None:
        paid = body.get("paid_with_points") or ZERO
        is_whole = len(self.earning) == len(self.lines) and "lines" in body
        gross = body if is_whole else self._without(body, [])
        net = self._without(body, self._shares(paid)) if paid else gross
        seen = net if program.earning.paid_with_points == "after" else gross
        self.seen = {"event": seen, "member": member}
        self.seen_for_status = self.seen if net is seen else {"event": net, "member": member}

    @property
    def lines(self) -> list[Seen]:
        """All lines of an order as sent; one that names none counts as one line of its whole total."""
        lines: list[Seen] = self.body.get("lines") or _one_line(self.body)
        return lines

    @property
    def earning(self) -> Sequence[int]:
        """The places of the lines that earn."""
        if self._earning is None:
            lines = self.lines
            self._earning = [place for place, one in enumerate(lines) if one["kind"] not in self.excluded]
        return self._earning

    @property
    def earns(self) -> bool:
        """Whether any line does; where rules see the event just as it was sent, all of them do."""
        return self.seen["event"] is self.body or len(self.earning) > 0

    def _shares(self, paid: Decimal) -> list[Decimal]:
        return split_largest_remainder(
            paid, [max(line["amount"], ZERO) for line in self.lines], MONEY_DECIMALS
        )

    def _without(self, body: Seen, paid: list[Decimal]) -> Seen:
        sent = self.lines
        lines = [sent[i] for i in self.earning]
        if paid:
            lines = [{**sent[i], "amount": sent[i]["amount"] - paid[i]} for i in self.earning]
        return {**body, "lines": lines, "total": sum((line["amount"] for line in lines), ZERO)}

    def earning_lines(self, seen: Seen) -> list[Seen]:
        """The lines that earn, as an expression sees them."""
        sent = self.lines
        lines: list[Seen] = seen["event"].get("lines") or [sent[place] for place in self.earning]
        return lines

    def money(self, seen: Seen) -> Weights:
        """The earning lines weighed by their money; what is below zero weighs nothing."""
        weights = self._money.get(id(seen))
        if weights is None:
            lines = self.earning_lines(seen)
            weights = self._money[id(seen)] = Weights([max(ZERO, line["amount"]) for line in lines])
        return weights


def _one_line(body: Seen) -> list[Seen]:
    return [
        {
            "sku": "",
            "quantity": Decimal(1),
            "amount": body["total"],
            "categories": body.get("categories", []),
            "kind": "product",
        }
    ]
