"""The shapes that several routes answer: entries, reasons, wallets. Amounts are decimal strings."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, Field

from bondfire.engine import Reason as EngineReason
from bondfire.engine import TierChange as EngineTierChange
from bondfire.journal import WalletView
from bondfire.kit import format_amount
from bondfire.ledger import ZERO
from bondfire.ledger import Entry as LedgerEntry
from bondfire.ledger import Wallet as Balances


def _amount_text(value: object) -> object:
    return format_amount(value) if isinstance(value, Decimal) else value


Amount = Annotated[
    str,
    BeforeValidator(_amount_text),
    Field(pattern=r"^-?\d+(\.\d+)?$", examples=["119"], description="An exact amount, as a decimal string."),
]


class Entry(BaseModel):
    """One posted movement: it moves an amount from the account `debit` to the account `credit`."""

    number: int = Field(description="Counts from 1 for each member.", examples=[1])
    unit: str = Field(examples=["points"])
    kind: str = Field(description="earn, release, spend, expire, claw_back ...", examples=["earn"])
    debit: str = Field(examples=["issued"])
    credit: str = Field(examples=["pending"])
    amount: Amount
    lot: int | None = Field(description="The lot it concerns.", examples=[1])
    event: str | None = Field(
        description="The event that caused it; null: time passed.", examples=["ord-1001"]
    )
    rule: str | None = Field(description="The rule that gave it.", examples=["base"])
    version: int = Field(description="The programme version that decided.", examples=[1])
    effective_at: datetime = Field(description="When it happened.")
    posted_at: datetime = Field(description="When it counts in the books.")
    reverses: int | None = Field(description="The entry that this one takes back.")


class TierChange(BaseModel):
    """A member moved between tiers of a set."""

    tier_set: str = Field(examples=["club"])
    before: str | None = Field(examples=["basic"])
    after: str | None = Field(examples=["gold"])
    at: datetime
    why: str = Field(examples=["earned"])


class Reason(BaseModel):
    """Why something did or did not happen; members not given do not apply."""

    code: str = Field(examples=["awarded"])
    rule: str | None = Field(None, examples=["base"])
    unit: str | None = None
    amount: Amount | None = None
    base: Amount | None = Field(None, description="The award before multiplier and cap.")
    multiplier: Amount | None = None
    clipped: Amount | None = Field(None, description="What a cap cut off.")
    values: dict[str, str] | None = Field(None, description="What condition and award read.")
    lines: list[Amount] | None = Field(None, description="The split over the lines of the order.")
    lot: int | None = None
    order: str | None = None
    note: str | None = None


class Wallet(BaseModel):
    """A member's balances in one unit."""

    active: Amount = Field(description="Can be spent.")
    pending: Amount = Field(description="Earned, not released yet.")
    held: Amount = Field(description="Reserved.")
    debt: Amount = Field(description="Taken back beyond the balance; the next points pay it.")
    spent: Amount
    expired: Amount
    issued: Amount
    clawed_back: Amount
    written_off: Amount
    in_transit: Amount = Field(description="Sent to other members, less what came from them.")


def wallet_of(wallet: WalletView | Balances) -> dict[str, str]:
    """The fields of `Wallet`."""
    return {name: format_amount(getattr(wallet, name, ZERO)) for name in _BALANCES}


def entry_of(entry: LedgerEntry) -> dict[str, Any]:
    """The fields of `Entry`."""
    return {
        "number": entry.number,
        "unit": entry.unit,
        "kind": entry.kind,
        "debit": entry.debit,
        "credit": entry.credit,
        "amount": format_amount(entry.amount),
        "lot": entry.lot or None,
        "event": entry.event or None,
        "rule": entry.rule or None,
        "version": entry.version,
        "effective_at": entry.effective_at,
        "posted_at": entry.posted_at,
        "reverses": entry.reverses or None,
    }


def tier_change_of(change: EngineTierChange) -> dict[str, Any]:
    """The fields of `TierChange`."""
    return {
        "tier_set": change.tier_set,
        "before": change.before,
        "after": change.after,
        "at": change.at,
        "why": change.why,
    }


def reason_of(reason: EngineReason) -> dict[str, Any]:
    """The fields of `Reason`; null for what does not apply."""
    return {
        "code": reason.code,
        "rule": reason.rule or None,
        "unit": reason.unit or None,
        "amount": _text(reason.amount),
        "base": _text(reason.base),
        "multiplier": _text(reason.multiplier),
        "clipped": _text(reason.clipped),
        "values": reason.values or None,
        "lines": list(map(format_amount, reason.lines)) or None,
        "lot": reason.lot or None,
        "order": reason.order or None,
        "note": reason.note or None,
    }


def _text(amount: Decimal | None) -> str | None:
    return format_amount(amount) if amount else None


_BALANCES: Final = tuple(Wallet.model_fields)
