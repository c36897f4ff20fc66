"""Whether the books tie out: on every day, between the accounts, and with what is stored."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import msgspec

from bondfire.finance.model import Figures, History
from bondfire.journal import OWED, Moved
from bondfire.ledger import ZERO, Account, Wallet


class Step(msgspec.Struct, frozen=True):
    """One day or month of one unit: opening, what was posted, closing, and what the lots held then.

    Attributes:
        posted: the day, or the first of the month.
        open_lots: the sum of what was left in every lot; equal to `closing`, or it does not tie.
    """

    unit: str
    posted: date
    opening: Decimal
    figures: Figures
    closing: Decimal
    open_lots: Decimal

    @property
    def ties(self) -> bool:
        """Whether the lots hold what the accounts say."""
        return self.closing == self.open_lots


class Untied(msgspec.Struct, frozen=True):
    """Two sums of one thing that differ.

    Attributes:
        what: of which figure of which unit, and where the two were taken from.
        expected: by the journal. found: elsewhere.
    """

    what: str
    expected: Decimal
    found: Decimal


class Reconciliation(msgspec.Struct, frozen=True):
    """The roll-forward of every unit, and whatever does not tie."""

    steps: tuple[Step, ...]
    untied: tuple[Untied, ...]

    @property
    def ties(self) -> bool:
        """Whether everything ties out."""
        return not self.untied


def roll_forward(history: History) -> tuple[Step, ...]:
    """Opening, movements and closing of every unit, by the days or months on which anything was posted.

    Closing is added up from the accounts of the programme (what was issued, spent, expired and taken back);
    what the lots hold, from those of the members (pending, active and held): the two sides of the double
    entry.
    """
    steps = []
    for unit in history.units:
        of_unit = history.of_unit(unit)
        held = _held_by_posting(of_unit)
        opening = lots = ZERO
        for posted, figures in of_unit.by_posting().items():
            closing = opening + figures.change
            lots += held[posted]
            steps.append(Step(unit, posted, opening, figures, closing, lots))
            opening = closing
    return tuple(steps)


def _held_by_posting(history: History) -> dict[date, Decimal]:
    """How much more the members' lots held after each day or month."""
    by_posting: dict[date, list[Moved]] = {}
    for one in history.moved:
        by_posting.setdefault(one.posted, []).append(one)
    return {posted: _held(History(tuple(rows)).balances()) for posted, rows in by_posting.items()}


def _held(balances: Mapping[Account, Decimal]) -> Decimal:
    return sum((balances.get(account, ZERO) for account in OWED), ZERO)


def wallet_of(history: History) -> Wallet:
    """What all wallets of one unit hold together, by the journal."""
    balances = history.balances()
    return Wallet(
        issued=sum((figures.issued for figures in history.by_posting().values()), ZERO),
        active=balances.get(Account.ACTIVE, ZERO),
        pending=balances.get(Account.PENDING, ZERO),
        debt=-balances.get(Account.DEBT, ZERO),
        spent=balances.get(Account.SPENT, ZERO),
        expired=balances.get(Account.EXPIRED, ZERO),
        clawed_back=balances.get(Account.CLAWED_BACK, ZERO),
        written_off=-balances.get(Account.WRITTEN_OFF, ZERO),
        held=balances.get(Account.HELD, ZERO),
        in_transit=balances.get(Account.IN_TRANSIT, ZERO),
    )


def reconcile(
    history: History, wallets: Mapping[str, Wallet], open_lots: Mapping[str, Decimal]
) -> Reconciliation:
    """Roll every unit forward, and compare its end with the wallets and the lots that are stored.

    Args:
        history: everything that was ever posted.
        wallets: what is stored of all members' wallets, by unit.
        open_lots: what is left in all lots that are stored and not held, by unit.
    """
    steps = roll_forward(history)
    untied = [
        Untied(f"{one.unit}: open lots on {one.posted}, by the journal", one.closing, one.open_lots)
        for one in steps
        if not one.ties
    ]
    if history.broken:
        untied.append(Untied("lots below nothing or above what was earned", ZERO, Decimal(history.broken)))
    for unit in sorted({*history.units, *wallets, *open_lots}):
        by_journal = wallet_of(history.of_unit(unit))
        untied += _differences(unit, by_journal, wallets.get(unit, Wallet()))
        lots, free = open_lots.get(unit, ZERO), by_journal.active + by_journal.pending
        if lots != free:
            untied.append(Untied(f"{unit}: open lots, as stored", free, lots))
    return Reconciliation(steps, tuple(untied))


def _differences(unit: str, by_journal: Wallet, stored: Wallet) -> list[Untied]:
    return [
        Untied(
            f"{unit}: {figure} of all wallets, as stored",
            getattr(by_journal, figure),
            getattr(stored, figure),
        )
        for figure in Wallet.__struct_fields__
        if getattr(by_journal, figure) != getattr(stored, figure)
    ]
