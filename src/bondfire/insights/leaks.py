"""Finds columns and rows that know the answer, and make a model look better than it can ever be.

Four kinds, after Kaufman et al. 2012 (ACM TKDD 6(4)) and Kapoor and Narayanan 2023 (Patterns 4(9)): a single
column that answers almost alone; a column that is filled only once the answer is known; rows that come twice,
or a column with the answer of a neighbouring row; and a model that is good on random parts and not on whole
groups or on later rows.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bondfire.insights.columns import BadTable, Numbers, Table, id_columns, is_missing
from bondfire.insights.contracts import auc_of, grow_classifier
from bondfire.insights.features import learn_encoder

_KNOWS: Final = 0.95
_BINS: Final = 20
_LEAST_PURE: Final = 20
_PURE_SHARE: Final = 0.05
_FILLED_APART: Final = 0.9
_DOUBLED: Final = 0.01
_TIMES_BY_CHANCE: Final = 5
_GAP: Final = 0.03
_PARTS: Final = 5
_LEAST_ROWS: Final = 100


class Leak(NamedTuple):
    """A suspicion, with what it rests on.

    Attributes:
        kind: `knows_the_answer`, `known_afterwards`, `shifted`, `doubled_rows`, `grouped_gap` or `later_gap`.
        column: the column, or empty where it is about rows.
        strength: an AUC, a share or a gap, as `why` says.
        why: one sentence.
    """

    kind: str
    column: str
    strength: float
    why: str


def find_leaks(
    table: Table, label: str, *, group: str | None = None, time: str | None = None, seed: int = 0
) -> list[Leak]:
    """Look for leaks; an empty list says that none of these kinds was found, not that there is none.

    Args:
        table: what a model would be trained on.
        label: the column with the answer, yes or no.
        group: a column whose rows belong together (a household, a shop): is the model good on new ones?
        time: a column that orders rows: is the model good on later ones?
        seed: of the random parts.

    Raises:
        BadTable: a column is missing, the label is constant or not yes and no, or there are under 100 rows.
    """
    answer = table.binary(label)
    if len(table) < _LEAST_ROWS:
        raise BadTable(
            f"{table.name} has {len(table)} rows.", next_step=f"Leaks show from {_LEAST_ROWS} rows on."
        )
    columns = [name for name in table.columns if name != label]
    features = [name for name in columns if name not in id_columns(table, columns)]
    found = [leak for name in features for leak in _of_column(table, name, answer, seed=seed)]
    found += _doubled(table, [*features, label])
    suspects = {leak.column for leak in found}
    rest = [name for name in features if name not in {group, time, *suspects}]
    if rest and (group or time):
        found += _gaps(table, rest, answer, group=group, time=time, seed=seed)
    return found


def _of_column(table: Table, name: str, answer: Numbers, *, seed: int) -> Iterator[Leak]:
    cells = _bins(table, name)
    filled = np.array([not is_missing(text) for text in table.texts(name)])
    apart = abs(float(filled[answer == 1].mean() - filled[answer == 0].mean()))
    if apart >= _FILLED_APART:
        yield Leak("known_afterwards", name, apart, "It is filled for one answer and empty for the other.")
        return
    auc = auc_of(answer, _told_by(cells, answer, seed))
    pure = _pure_share(cells, answer)
    if auc >= _KNOWS:
        yield Leak("knows_the_answer", name, auc, f"Alone it ranks with an AUC of {auc:.3f}.")
    elif pure >= _PURE_SHARE:
        why = f"{pure:.0%} of all rows have values at which everybody gave the rarer answer."
        yield Leak("knows_the_answer", name, pure, why)
    else:
        yield from _shifted(cells, answer, name, seed=seed)


def _bins(table: Table, name: str) -> NDArray[np.int64]:
    """A number for each row's value: its level, or its twentieth of the numbers; missing is one of them."""
    if not table.is_numeric(name) or len(set(table.texts(name))) <= _BINS:
        _, level = np.unique(np.array(table.texts(name)), return_inverse=True)
        return level.astype(np.int64)
    values = table.numbers(name)
    cuts = np.unique(np.nanquantile(values, np.linspace(0, 1, _BINS + 1)[1:-1]))
    return np.where(np.isnan(values), len(cuts) + 1, np.searchsorted(cuts, values)).astype(np.int64)


def _told_by(cells: NDArray[np.int64], answer: Numbers, seed: int) -> Numbers:
    """What the mean answer of a row's value says, counted on other rows."""
    part = np.random.default_rng(seed).permutation(len(answer)) % _PARTS
    told, size = np.zeros(len(answer)), int(cells.max()) + 1
    for number in range(_PARTS):
        held = part == number
        ones = np.bincount(cells[~held], weights=answer[~held], minlength=size)
        rows = np.bincount(cells[~held], minlength=size)
        told[held] = ((ones + answer.mean()) / (rows + 1))[cells[held]]
    return told


def _pure_share(cells: NDArray[np.int64], answer: Numbers) -> float:
    """The share of rows at whose value, of 20 rows at least, everybody gave the rarer answer."""
    rare = answer if answer.mean() <= 0.5 else 1 - answer
    rows, ones = np.bincount(cells), np.bincount(cells, weights=rare)
    return float(rows[(rows >= _LEAST_PURE) & (ones == rows)].sum() / len(answer))


def _shifted(cells: NDArray[np.int64], answer: Numbers, name: str, *, seed: int) -> Iterator[Leak]:
    for step in (-1, 1):
        neighbour = np.roll(answer, step)
        auc = auc_of(neighbour, _told_by(cells, neighbour, seed))
        if auc >= _KNOWS:
            whose = "next" if step < 0 else "previous"
            why = f"It knows the answer of the {whose} row (AUC {auc:.3f}): rows are shifted."
            yield Leak("shifted", name, auc, why)


def _doubled(table: Table, names: Sequence[str]) -> Iterator[Leak]:
    """Rows that come twice in all but their id, far more often than rows so short are alike by chance."""
    rows = len(table)
    counted = Counter(zip(*(table.texts(name) for name in names), strict=True))
    again = sum(number - 1 for number in counted.values()) / rows
    alike = 1.0
    for name in names:
        pairs = sum(number * (number - 1) for number in Counter(table.texts(name)).values())
        alike *= pairs / (rows * (rows - 1))
    if again >= max(_DOUBLED, _TIMES_BY_CHANCE * alike * rows / 2):
        why = f"{again:.1%} of the rows are copies of others, so parts that judge have been learned from."
        yield Leak("doubled_rows", "", again, why)


def _gaps(
    table: Table,
    names: Sequence[str],
    answer: Numbers,
    *,
    group: str | None,
    time: str | None,
    seed: int,
) -> Iterator[Leak]:
    """A model judged on random parts, beside whole groups and later rows."""
    matrix = learn_encoder(table, names).encode(table)
    chance = np.random.default_rng(seed)
    random = _judged(matrix, answer, chance.permutation(len(answer)) % _PARTS, seed)
    if group is not None:
        _, which = np.unique(np.array(table.texts(group)), return_inverse=True)
        part = chance.permutation(int(which.max()) + 1)[which] % _PARTS
        yield from _gap("grouped_gap", group, random, _judged(matrix, answer, part, seed))
    if time is not None:
        order = np.argsort(_moments(table, time), kind="stable")
        later = np.zeros(len(answer), dtype=np.int64)
        later[order[int(0.8 * len(answer)) :]] = 1
        score = grow_classifier(matrix[later == 0], answer[later == 0], seed=seed).predict(matrix[later == 1])
        truth = answer[later == 1]
        if 0 < truth.mean() < 1:
            yield from _gap("later_gap", time, random, auc_of(truth, score))


def _moments(table: Table, time: str) -> NDArray[np.generic]:
    """What orders rows: numbers, or text that sorts as dates of ISO 8601 do."""
    return table.numbers(time) if table.is_numeric(time) else np.array(table.texts(time))


def _judged(matrix: Numbers, answer: Numbers, part: NDArray[np.int64], seed: int) -> float:
    score = np.zeros(len(answer))
    for number in np.unique(part):
        held = part == number
        score[held] = grow_classifier(matrix[~held], answer[~held], seed=seed).predict(matrix[held])
    return auc_of(answer, score)


def _gap(kind: str, column: str, random: float, honest: float) -> Iterator[Leak]:
    if random - honest >= _GAP:
        new = "whole groups it has not seen" if kind == "grouped_gap" else "later rows"
        why = f"AUC {random:.3f} on random parts, {honest:.3f} on {new}."
        yield Leak(kind, column, random - honest, why)
