"""What remains of a fitted model: plain numbers that predict the same on any machine, in any year.

A model file holds these and no code. They are read from scikit-learn's estimators when these are fitted, so a
loaded model and a fresh one run through the same few lines.
"""

from typing import Any

import msgspec
import numpy as np

from bondfire.insights.columns import Numbers
from bondfire.insights.features import Basis


class Trees(msgspec.Struct, frozen=True, tag="trees"):
    """A sum of regression trees; a leaf points to itself, so every row may go down equally often.

    Attributes:
        start: what the first tree adds to.
        depth: how often a row goes down.
        roots: where each tree begins in the lists below.
        column: which column a node looks at.
        threshold: a row goes left when its value is at most this.
        missing_left: whether a missing value goes left.
        left: the node to the left.
        right: the node to the right.
        value: what a leaf adds.
    """

    start: float
    depth: int
    roots: list[int]
    column: list[int]
    threshold: list[float]
    missing_left: list[bool]
    left: list[int]
    right: list[int]
    value: list[float]

    def predict(self, matrix: Numbers) -> Numbers:
        """The sum of the leaves that each row of the matrix ends in."""
        column, threshold = np.array(self.column), np.array(self.threshold)
        missing_left, left, right = np.array(self.missing_left), np.array(self.left), np.array(self.right)
        value, rows = np.array(self.value), np.arange(len(matrix))
        total = np.full(len(matrix), self.start)
        for root in self.roots:
            node = np.full(len(matrix), root)
            for _ in range(self.depth):
                seen = matrix[rows, column[node]]
                goes_left = np.where(np.isnan(seen), missing_left[node], seen <= threshold[node])
                node = np.where(goes_left, left[node], right[node])
            total += value[node]
        return total


class Linear(msgspec.Struct, frozen=True, tag="linear"):
    """A linear model on splines, as it is or through the logistic curve."""

    basis: Basis
    intercept: float
    weights: list[float]
    logistic: bool = False

    def predict(self, matrix: Numbers) -> Numbers:
        """The prediction for each row of the matrix."""
        raw: Numbers = self.intercept + self.basis.expand(matrix) @ np.array(self.weights)
        return 1 / (1 + np.exp(-np.clip(raw, -500, 500))) if self.logistic else raw


Predictor = Trees | Linear


def trees_of(estimator: Any) -> Trees:
    """The trees of a fitted `HistGradientBoostingRegressor`, or those of a classifier in log-odds.

    Its `_predictors` are not public, though they have had this form since they exist; a test compares every
    prediction, and the model file needs no scikit-learn afterwards.
    """
    grown = [stage[0].nodes for stage in estimator._predictors]  # noqa: SLF001 - see above
    roots = np.cumsum([0, *map(len, grown)])[:-1].tolist()
    nodes = np.concatenate(grown)
    base = np.repeat(roots, [len(each) for each in grown])
    leaf, itself = nodes["is_leaf"].astype(bool), np.arange(len(nodes))
    return Trees(
        start=float(np.ravel(estimator._baseline_prediction)[0]),  # noqa: SLF001 - see above
        depth=int(nodes["depth"].max()),
        roots=roots,
        column=nodes["feature_idx"].tolist(),
        threshold=np.where(np.isfinite(nodes["num_threshold"]), nodes["num_threshold"], 1e300).tolist(),
        missing_left=nodes["missing_go_to_left"].astype(bool).tolist(),
        left=np.where(leaf, itself, nodes["left"] + base).tolist(),
        right=np.where(leaf, itself, nodes["right"] + base).tolist(),
        value=np.where(leaf, nodes["value"], 0.0).tolist(),
    )
