"""The rule of thumb that a gate must beat: one or two clauses, the best of all on the training file."""

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np

from bondfire.decisions.arrays import Numbers

_FEW_VALUES: Final = 10
_QUANTILES: Final = (0.2, 0.4, 0.6, 0.8)
_LEAST_SHARE: Final = 0.01


class Clause(msgspec.Struct, frozen=True):
    """A condition on one column of the matrix: equal to, at most, or above a value; missing is neither."""

    column: int
    name: str
    sign: str
    value: float

    def holds(self, matrix: Numbers) -> Numbers:
        """1 for each row that meets it, else 0."""
        seen = matrix[:, self.column]
        tests = {"==": seen == self.value, "<=": seen <= self.value, ">": seen > self.value}
        met: Numbers = tests[self.sign].astype(np.float64)
        return met

    def __str__(self) -> str:
        return f"{self.name} {self.sign} {self.value:g}"


class Rule(msgspec.Struct, frozen=True):
    """Clauses that must all hold; without any it is for nobody, because no rule was worth its cost."""

    clauses: list[Clause]

    def holds(self, matrix: Numbers) -> Numbers:
        """1 for each row that the rule acts on."""
        if not self.clauses:
            return np.zeros(len(matrix))
        met: Numbers = np.prod([clause.holds(matrix) for clause in self.clauses], axis=0)
        return met

    def __str__(self) -> str:
        return " and ".join(map(str, self.clauses)) or "nobody"


def best_rule(matrix: Numbers, gain: Numbers, names: Sequence[str]) -> Rule:
    """The rule of one or two clauses with the highest total gain among those that reach 1 % of the rows.

    Args:
        matrix: what was known of each member.
        gain: what acting on each member brought, an unbiased score, cost taken off.
        names: of the matrix's columns.
    """
    clauses = [clause for column, name in enumerate(names) for clause in _clauses(matrix, column, name)]
    if not clauses:
        return Rule([])
    held = np.column_stack([clause.holds(matrix) for clause in clauses])
    totals, reached = held.T @ (held * gain[:, None]), held.T @ held
    totals[reached < _LEAST_SHARE * len(matrix)] = -np.inf
    first, second = np.unravel_index(int(np.argmax(totals)), totals.shape)
    if totals[first, second] <= 0:
        return Rule([])
    return Rule([clauses[number] for number in sorted({int(first), int(second)})])


def _clauses(matrix: Numbers, column: int, name: str) -> list[Clause]:
    seen = matrix[:, column]
    distinct = np.unique(seen[~np.isnan(seen)])
    if len(distinct) <= _FEW_VALUES:
        return [Clause(column, name, "==", float(value)) for value in distinct]
    cuts = np.unique(np.nanquantile(seen, _QUANTILES))
    return [Clause(column, name, sign, float(cut)) for cut in cuts for sign in ("<=", ">")]
