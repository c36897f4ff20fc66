"""The shapes of what finance is told; amounts are decimal strings, months are their first day."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

import msgspec
from pydantic import BaseModel, Field

from bondfire.api.shapes import Amount

Basis = Literal["declared", "estimated", "assumed"]


def plain(value: object) -> Any:
    """What a model of pydantic reads of a result."""
    return msgspec.to_builtins(value, builtin_types=(Decimal, date, datetime))


class VintageLiability(BaseModel):
    """What is open of the lots of one month and one programme version."""

    earned_in: date = Field(description="The first day of the month of earning.")
    earned_by: int = Field(description="The programme version that gave the lots.")
    issued: Amount
    open: Amount
    value: Amount | None = Field(description="Of one unit; null where no version declares one.")
    redemption: Amount = Field(description="Which share of what is open is expected to be spent.")
    deferred: Amount | None = Field(description="Its part of the deferred revenue.")


class Liability(BaseModel):
    """What is owed in one unit at the end of a day."""

    unit: str = Field(examples=["points"])
    currency: str = Field(examples=["EUR"])
    open: Amount = Field(description="The sum of all open lots.")
    basis: Basis = Field(description="Where the expected redemption comes from.")
    urr: Amount = Field(description="The ultimate redemption rate.")
    deferred: Amount | None = Field(description="Open lots times value times expected redemption.")
    vintages: list[VintageLiability]


class MonthEnd(BaseModel):
    """What was owed at the end of one month."""

    month: date
    open: Amount
    deferred: Amount | None
    added: Amount | None = Field(description="Deferred for what was issued in the month and kept.")
    recognised: Amount | None = Field(description="What became revenue in the month.")


class Owed(BaseModel):
    """What is owed in one unit, and what was at the end of each month."""

    liability: Liability
    months: list[MonthEnd]


class LiabilityReport(BaseModel):
    """What is owed at the end of a day."""

    on: date
    units: list[Owed]


class Figures(BaseModel):
    """What changed what is open; the first three add to it, the others take from it."""

    issued: Amount
    restored: Amount
    received: Amount
    spent: Amount
    sent: Amount
    expired: Amount
    clawed_back: Amount
    corrected: Amount
    debt_paid: Amount


class Step(BaseModel):
    """One day or month of one unit."""

    unit: str = Field(examples=["points"])
    posted: date = Field(description="The day, or the first day of the month.")
    opening: Amount
    figures: Figures
    closing: Amount
    open_lots: Amount = Field(description="What the lots held then; equal to closing, or it does not tie.")


class PeriodReport(BaseModel):
    """One accounting period."""

    month: date
    until: date = Field(description="The last day in it that has come.")
    closes_at: datetime = Field(description="What comes from then on is posted later.")
    is_final: bool = Field(description="Nothing of this report will ever change.")
    steps: list[Step]
    liabilities: list[Liability]


class Untied(BaseModel):
    """Two sums of one thing that differ."""

    what: str
    expected: Amount
    found: Amount


class ReconciliationReport(BaseModel):
    """The roll-forward of every unit, and whatever does not tie."""

    ties: bool
    steps: list[Step]
    untied: list[Untied]


class Vintage(BaseModel):
    """A row of the run-off triangle: what was earned in one month, and what became of it."""

    earned_in: date
    kept: Amount = Field(description="Issued and not taken back.")
    spent: list[Amount] = Field(description="In all, at the end of each whole month since.")
    redeemed: Amount = Field(description="In all, up to now.")
    open: Amount


class Estimate(BaseModel):
    """What is expected to be spent, by chain ladder."""

    urr: Amount
    basis: Basis
    factors: list[Amount] = Field(description="By age in months: by how much what is unspent goes on.")
    vintages: list[Vintage]
    of_open: dict[date, Amount] = Field(description="By month of earning: the share of what is open.")


class Foreseen(BaseModel):
    """What was foreseen of a vintage, and what came."""

    earned_in: date | None = Field(description="Null: all together.")
    foreseen: Amount
    came: Amount
    error: Amount | None = Field(description="Foreseen less what came, as a share of what came.")


class BackTest(BaseModel):
    """The estimate on history it had not seen."""

    fitted_until: date
    tested_until: date
    urr: Amount
    vintages: list[Foreseen]
    total: Foreseen


class Redemption(BaseModel):
    """What is expected to be spent of one unit."""

    unit: str
    estimate: Estimate
    back_test: BackTest | None


class RedemptionReport(BaseModel):
    """What is expected to be spent of each unit."""

    on: date
    units: list[Redemption]


class Allocated(BaseModel):
    """A price shared between goods and points; the two parts add up to it."""

    unit: str
    currency: str
    value: Amount
    redemption: Amount
    basis: Basis
    stand_alone: Amount = Field(description="The stand-alone selling price of the points.")
    expected: Amount = Field(description="How many units are expected to be spent.")
    product: Amount
    points: Amount


class Recognised(BaseModel):
    """What of the points' share is revenue."""

    in_all: Amount
    now: Amount = Field(description="In all less what was recognised before.")
