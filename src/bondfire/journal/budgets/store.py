"""The tables of budgets: what all members used together, under one lock, and what of it each bucket did."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from bondfire.engine import BudgetKey
from bondfire.journal.log.arrays import array_of, in_columns
from bondfire.journal.log.store import Connection

OPEN: Final = """
INSERT INTO budget_use (brand_id, budget, moment, used)
SELECT %(brand_id)s, asked.budget, asked.moment, 0
FROM unnest(%(budgets)s::text[], %(moments)s::timestamptz[]) AS asked (budget, moment)
WHERE NOT EXISTS (
    SELECT 1 FROM budget_use AS known
    WHERE known.brand_id = %(brand_id)s AND known.budget = asked.budget AND known.moment = asked.moment
)
ORDER BY asked.budget, asked.moment
ON CONFLICT (brand_id, budget, moment) DO NOTHING
"""
LOCK: Final = """
SELECT budget.budget, budget.moment, budget.used
FROM unnest(%(budgets)s::text[], %(moments)s::timestamptz[]) AS asked (budget, moment),
LATERAL (
    SELECT budget, moment, used FROM budget_use
    WHERE brand_id = %(brand_id)s AND budget = asked.budget AND moment = asked.moment
    LIMIT 1 FOR UPDATE
) AS budget
"""
PEEK: Final = """
SELECT used.budget, used.moment, used.used
FROM unnest(%(budgets)s::text[], %(moments)s::timestamptz[]) AS asked (budget, moment)
JOIN budget_use AS used
    ON used.brand_id = %(brand_id)s AND used.budget = asked.budget AND used.moment = asked.moment
"""
USE: Final = """
UPDATE budget_use AS known SET used = known.used + taken.amount
FROM unnest(%(budgets)s::text[], %(moments)s::timestamptz[], %(amounts)s::numeric[])
    AS taken (budget, moment, amount)
WHERE known.brand_id = %(brand_id)s AND known.budget = taken.budget AND known.moment = taken.moment
"""
ADD_SHARES: Final = """
INSERT INTO budget_share (brand_id, bucket, budget, moment, used)
SELECT %(brand_id)s, taken.*
FROM unnest(%(bucket)s::int[], %(budget)s::text[], %(moment)s::timestamptz[], %(used)s::numeric[]) AS taken
ON CONFLICT (brand_id, bucket, budget, moment) DO UPDATE SET used = budget_share.used + excluded.used
"""
REPORT_UNEQUAL: Final = """
SELECT known.budget, known.moment, known.used, coalesce(shares.used, 0)
FROM budget_use AS known
LEFT JOIN (
    SELECT budget, moment, sum(used) AS used FROM budget_share
    WHERE brand_id = %(brand_id)s GROUP BY budget, moment
) AS shares ON shares.budget = known.budget AND shares.moment = known.moment
WHERE known.brand_id = %(brand_id)s AND known.used <> coalesce(shares.used, 0)
ORDER BY known.budget, known.moment
"""
_FIELDS: Final = ("bucket", "budget", "moment", "used")

Shares = Mapping[tuple[int, str, datetime], Decimal]
"""What the members of a bucket used, by bucket, budget and window."""


class UnequalBudget(NamedTuple):
    """A budget of which the buckets together used something else than was written down."""

    budget: str
    moment: datetime
    used: Decimal
    shares: Decimal


def lock_budgets(conn: Connection, brand_id: int, keys: Sequence[BudgetKey]) -> dict[BudgetKey, Decimal]:
    """Own budgets until the transaction ends; how much was used of each.

    Whoever comes here has every bucket that they will touch, and takes budgets in ascending order: rows that
    are not there yet first, and only then those that are. So nobody waits for somebody who waits for them.

    Args:
        conn: in a transaction that holds the locks of its buckets.
        brand_id: whose budgets.
        keys: ascending.
    """
    values = _asked(brand_id, keys)
    conn.execute(OPEN, values)
    return {(budget, moment): used for budget, moment, used in conn.execute(LOCK, values).fetchall()}


def peek_budgets(conn: Connection, brand_id: int, keys: Sequence[BudgetKey]) -> dict[BudgetKey, Decimal]:
    """How much was used of budgets just now; nothing is locked."""
    rows = conn.execute(PEEK, _asked(brand_id, keys)).fetchall()
    return {(budget, moment): used for budget, moment, used in rows}


def _asked(brand_id: int, keys: Sequence[BudgetKey]) -> dict[str, Any]:
    budgets, moments = [budget for budget, _ in keys], [moment for _, moment in keys]
    return {"brand_id": brand_id, "budgets": array_of(budgets), "moments": array_of(moments)}


def use_budgets(conn: Connection, brand_id: int, shares: Shares) -> None:
    """Write what was taken of budgets that are locked, in all and by bucket; below zero it is given back."""
    total: dict[BudgetKey, Decimal] = {}
    for (_, budget, moment), amount in shares.items():
        total[budget, moment] = total.get((budget, moment), Decimal(0)) + amount
    conn.execute(USE, {**_asked(brand_id, list(total)), "amounts": array_of([*total.values()])})
    rows = [share_values(*key, shares[key]) for key in sorted(shares)]
    conn.execute(ADD_SHARES, {"brand_id": brand_id, **in_columns(_FIELDS, rows)})


def share_values(bucket: int, budget: str, moment: datetime, used: Decimal) -> tuple[Any, ...]:
    """The columns of a bucket's share, from the bucket on."""
    return bucket, budget, moment, used


def unequal_budgets(conn: Connection, brand_id: int) -> list[UnequalBudget]:
    """Budgets whose use is not the sum of what the buckets used."""
    return [UnequalBudget(*row) for row in conn.execute(REPORT_UNEQUAL, {"brand_id": brand_id}).fetchall()]
