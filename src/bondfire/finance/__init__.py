"""What is owed and what became revenue: the books as a finance department and an auditor read them.

Owns: liability by unit, vintage and month; expected redemption by run-off triangles; allocation and
recognition under IFRS 15; accounting periods; reconciliation; the export of the journal. Does not own:
entries and the day on which each is posted (journal), what a unit is worth (programs), who asks (api, cli).
Invariants: every figure is added up from entries and ties to them; the report of a final period never
changes; amounts are exact, and an estimate says how it is rounded; nothing is written.
"""

from bondfire.finance.allocation import (
    Allocation,
    BadAllocation,
    Recognition,
    allocate,
    recognise,
    stand_alone_price,
)
from bondfire.finance.export import COLUMNS, Control, as_text
from bondfire.finance.liability import (
    Liability,
    MonthEnd,
    VintageLiability,
    liability_of,
    month_ends,
    spendable,
)
from bondfire.finance.model import (
    ADDING,
    FIGURES,
    BadDate,
    Figures,
    History,
    history_of,
    last_day,
    parse_day,
    parse_month,
)
from bondfire.finance.queries import (
    Allocated,
    Owed,
    Period,
    Redemption,
    Sale,
    checked_day,
    export_lines,
    read_allocation,
    read_history,
    read_owed,
    read_period,
    read_reconciliation,
    read_redemption,
    today_of,
)
from bondfire.finance.reconciling import Reconciliation, Step, Untied, reconcile, roll_forward
from bondfire.finance.triangle import BackTest, Estimate, Foreseen, Vintage, back_test, estimate

__all__ = [
    "ADDING",
    "COLUMNS",
    "FIGURES",
    "Allocated",
    "Allocation",
    "BackTest",
    "BadAllocation",
    "BadDate",
    "Control",
    "Estimate",
    "Figures",
    "Foreseen",
    "History",
    "Liability",
    "MonthEnd",
    "Owed",
    "Period",
    "Recognition",
    "Reconciliation",
    "Redemption",
    "Sale",
    "Step",
    "Untied",
    "Vintage",
    "VintageLiability",
    "allocate",
    "as_text",
    "back_test",
    "checked_day",
    "estimate",
    "export_lines",
    "history_of",
    "last_day",
    "liability_of",
    "month_ends",
    "parse_day",
    "parse_month",
    "read_allocation",
    "read_history",
    "read_owed",
    "read_period",
    "read_reconciliation",
    "read_redemption",
    "recognise",
    "reconcile",
    "roll_forward",
    "spendable",
    "stand_alone_price",
    "today_of",
]
