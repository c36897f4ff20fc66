"""What of an order earns: its lines without shipping and tax, and less what was paid with points."""

from decimal import Decimal
from typing import Any

from bondfire.engine.model import PurchaseLine
from bondfire.events import Event
from bondfire.kit import Weights, split_largest_remainder
from bondfire.ledger import ZERO
from bondfire.programs import Program

MONEY_DECIMALS = 6
"""Shares of money are split this finely; every currency's minor unit fits."""


class Basket:
    """The lines of an order and the views of it that rules see.

    An order that names no lines counts as one line of its whole total.

    Attributes:
        lines: all lines as sent.
        earning: positions of the lines that earn (R13, R14).
    """

    def __init__(self, event: Event, program: Program) -> None:
        self._body = event.body
        self.lines: list[dict[str, Any]] = _lines_of(event)
        excluded = program.earning.excluded_kinds
        self.earning = [i for i, line in enumerate(self.lines) if line.get("kind", "product") not in excluded]
        self._paid: Decimal = event.body.get("paid_with_points") or ZERO  # type: ignore[assignment]  # catalogue: decimal
        self._gross: dict[str, Any] | None = None
        self._net: dict[str, Any] | None = None
        self._money: dict[bool, Weights] = {}
        self._earn_on_net = program.earning.paid_with_points == "after"

    def view(self, *, qualifying: bool) -> dict[str, Any]:
        """The event as a rule sees it: what was paid with points is left out for status, always (T2, U3)."""
        if self._paid and (qualifying or self._earn_on_net):
            self._net = self._net or self._view_of(self._shares_paid())
            return self._net
        self._gross = self._gross or self._view_of(None)
        return self._gross

    def _shares_paid(self) -> list[Decimal]:
        weights = [max(line["amount"], ZERO) for line in self.lines]
        return split_largest_remainder(self._paid, weights, MONEY_DECIMALS)

    def _view_of(self, paid: list[Decimal] | None) -> dict[str, Any]:
        lines = [self.lines[i] for i in self.earning]
        if paid is not None:
            lines = [{**self.lines[i], "amount": self.lines[i]["amount"] - paid[i]} for i in self.earning]
        elif len(lines) == len(self.lines) and "lines" in self._body:
            return self._body
        return {**self._body, "lines": lines, "total": sum((line["amount"] for line in lines), ZERO)}

    def money(self, *, qualifying: bool) -> Weights:
        """The earning lines weighed by their money; what is below zero weighs nothing."""
        view = self.view(qualifying=qualifying)
        is_net = view is self._net
        if is_net not in self._money:
            self._money[is_net] = Weights([max(ZERO, line["amount"]) for line in view["lines"]])
        return self._money[is_net]

    def purchase_lines(self) -> list[PurchaseLine]:
        """The lines as a return will look for them."""
        return [PurchaseLine(line.get("sku", ""), line["amount"]) for line in self.lines]


def _lines_of(event: Event) -> list[dict[str, Any]]:
    lines = event.body.get("lines")
    if isinstance(lines, list) and lines:
        return lines
    return [
        {
            "sku": "",
            "quantity": Decimal(1),
            "amount": event.body["total"],
            "categories": event.body.get("categories", []),
        }
    ]
