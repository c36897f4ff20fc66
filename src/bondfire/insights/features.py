"""Columns of a table as a matrix that models read: numbers as they are, categories as one column a level.

What was learned from the training file is a plain structure, so that it can stand in a model's JSON: which
columns there were, of which type, with which levels and knots.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np

from bondfire.errors import BadInput
from bondfire.insights.columns import BadTable, Numbers, Table, is_missing

_MOST_LEVELS: Final = 20
_KNOTS: Final = (0.1, 0.3, 0.5, 0.7, 0.9)
_FEW_VALUES: Final = 10


class MissingColumns(BadInput):
    """A file lacks columns that the model was trained on."""

    code = "missing_columns"


class Feature(msgspec.Struct, frozen=True):
    """A column as the model knows it: a number (no levels), or a category and its known levels."""

    name: str
    levels: list[str] | None = None


class Encoder(msgspec.Struct, frozen=True):
    """Turns tables into matrices, always with the columns of the table it was learned from.

    A missing number is NaN; a missing category is a level of its own; a level that training did not know,
    or knew too rarely, is none of the levels: zeros in all of its columns.
    """

    features: list[Feature]

    def names(self) -> list[str]:
        """The columns of the matrix: `age`, `channel=Web`."""
        return [
            feature.name if level is None else f"{feature.name}={level}"
            for feature in self.features
            for level in (feature.levels if feature.levels is not None else [None])
        ]

    def encode(self, table: Table) -> Numbers:
        """The matrix of a table.

        Raises:
            MissingColumns: the table lacks a column; all that lack are named.
            BadTable: a cell of a number column is no number.
        """
        lacking = [feature.name for feature in self.features if feature.name not in table.columns]
        if lacking:
            raise MissingColumns(
                f"{table.name} lacks {', '.join(map(repr, lacking))}.",
                next_step="Give every column that the model was trained on; an empty cell may stand in it.",
            )
        return np.column_stack([column for feature in self.features for column in _encoded(feature, table)])

    def unseen(self, table: Table) -> dict[str, int]:
        """How many cells of each category column hold a level that the model does not know."""
        counted = {
            feature.name: sum(_level(text) not in feature.levels for text in table.texts(feature.name))
            for feature in self.features
            if feature.levels is not None
        }
        return {name: number for name, number in counted.items() if number}


def learn_encoder(table: Table, columns: Sequence[str]) -> Encoder:
    """Learn the types of columns; of a category the 20 most frequent levels that 1 % of the rows have.

    Raises:
        BadTable: a column of numbers holds a word, or no column can be used.
    """
    features = [feature for column in columns if (feature := _learn(table, column)) is not None]
    if not features:
        raise BadTable(
            f"{table.name} has no column that could tell one row from another.",
            next_step="Add columns that were known beforehand.",
        )
    return Encoder(features)


def _learn(table: Table, column: str) -> Feature | None:
    """A feature; None for a column that is the same everywhere."""
    if len(set(table.texts(column))) < 2:
        return None
    if table.is_numeric(column):
        return Feature(column)
    counted = Counter(map(_level, table.texts(column)))
    least = max(2, len(table) // 100)
    levels = sorted(level for level, number in counted.most_common(_MOST_LEVELS) if number >= least)
    return Feature(column, levels) if levels else None


def _level(text: str) -> str:
    return "" if is_missing(text) else text.strip()


def _encoded(feature: Feature, table: Table) -> list[Numbers]:
    if feature.levels is None:
        return [table.numbers(feature.name)]
    texts = np.array([_level(text) for text in table.texts(feature.name)])
    return [(texts == level).astype(np.float64) for level in feature.levels]


class Basis(msgspec.Struct, frozen=True):
    """What a linear model reads of a matrix: each column, its bends at knots, and where it was missing.

    Attributes:
        medians: stands in for a missing value.
        flagged: the columns with a flag for missing.
        knots: where each column may bend (linear splines), none for a yes or no.
        centre: the mean of each column of the basis in training.
        scale: and its standard deviation.
    """

    medians: list[float]
    flagged: list[int]
    knots: list[list[float]]
    centre: list[float]
    scale: list[float]

    def expand(self, matrix: Numbers) -> Numbers:
        """The basis of a matrix, standardised as in training."""
        wide: Numbers = (self._raw(matrix) - np.array(self.centre)) / np.array(self.scale)
        return wide

    def _raw(self, matrix: Numbers) -> Numbers:
        filled = np.where(np.isnan(matrix), np.array(self.medians), matrix)
        bends = [
            np.maximum(filled[:, column] - knot, 0)
            for column, knots in enumerate(self.knots)
            for knot in knots
        ]
        flags = [np.isnan(matrix[:, column]).astype(np.float64) for column in self.flagged]
        return np.column_stack([filled, *bends, *flags])


def learn_basis(matrix: Numbers) -> Basis:
    """Learn medians, knots (every inner value of ten at most, else five quantiles), means and deviations."""
    medians = [float(np.nanmedian(column)) for column in matrix.T]
    flagged = [number for number, column in enumerate(matrix.T) if np.isnan(column).any()]
    knots = [_knots(column[~np.isnan(column)]) for column in matrix.T]
    width = matrix.shape[1] + sum(map(len, knots)) + len(flagged)
    plain = Basis(medians, flagged, knots, [0.0] * width, [1.0] * width)
    raw = plain.expand(matrix)
    deviation = raw.std(axis=0)
    scale = np.where(deviation > 0, deviation, 1.0)
    return Basis(medians, flagged, knots, raw.mean(axis=0).tolist(), scale.tolist())


def _knots(values: Numbers) -> list[float]:
    distinct = np.unique(values)
    inner: Any = distinct[1:-1] if len(distinct) <= _FEW_VALUES else np.unique(np.quantile(values, _KNOTS))
    return [float(knot) for knot in inner]
