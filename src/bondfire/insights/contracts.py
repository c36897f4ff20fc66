"""Who will leave a contract: a logit on splines blended with grown trees, judged on rows not seen."""

from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

import bondfire
from bondfire.errors import BadInput
from bondfire.insights.columns import Numbers, Table, id_columns
from bondfire.insights.features import Encoder, learn_basis, learn_encoder
from bondfire.insights.model_files import load_model, save_model
from bondfire.insights.predictors import Linear, Trees, trees_of

FORMAT: Final = "bondfire-churn-1"
_LEAST_ROWS: Final = 200
_LEAST_OF_EACH: Final = 50
_PARTS: Final = 5
_SETS: Final = 4
_OF_LOGIT: Final = 0.3


class NoChurnModel(BadInput):
    """A file is no churn model of this bondfire, or a table cannot teach one."""

    code = "no_churn_model"


class Churn(msgspec.Struct, frozen=True):
    """A trained model as plain numbers and words.

    Attributes:
        format: of this structure.
        version: of the bondfire that trained it.
        label: the column that says who left.
        training_digest: SHA-256 of the training file.
        rows: of the training file.
        seed: of its divisions.
        left_out: columns that only name rows.
        encoder: from columns to features.
        logit: the probability by a logit on splines.
        trees: the log-odds by sets of grown trees, each from other columns.
    """

    format: str
    version: str
    label: str
    training_digest: str
    rows: int
    seed: int
    left_out: list[str]
    encoder: Encoder
    logit: Linear
    trees: list[Trees]

    def probability(self, table: Table) -> Numbers:
        """The probability to leave, for each row.

        Raises:
            MissingColumns: the table lacks a feature.
            BadTable: a cell is of the wrong type.
        """
        matrix = self.encoder.encode(table)
        return _blended(self.logit, self.trees, matrix)


class Quality(NamedTuple):
    """How good probabilities were.

    Attributes:
        n: rows judged.
        base_rate: how many left.
        auc: how often one who left has a higher probability than one who stayed.
        brier: the mean squared error of the probabilities.
        top_decile_lift: how many times the base rate leave among the tenth with the highest probability.
    """

    n: int
    base_rate: float
    auc: float
    brier: float
    top_decile_lift: float


def fit_churn(table: Table, label: str, *, seed: int) -> Churn:
    """Learn who leaves.

    Raises:
        BadTable: the label is missing, constant or not yes and no; a column is of the wrong type.
        NoChurnModel: there are too few rows of either kind.
    """
    left = table.binary(label)
    _check_enough(table, left)
    others = [name for name in table.columns if name != label]
    left_out = id_columns(table, others)
    encoder = learn_encoder(table, [name for name in others if name not in left_out])
    logit, trees = _fit(encoder.encode(table), left, seed)
    return Churn(
        FORMAT,
        bondfire.__version__,
        label,
        table.digest,
        len(table),
        seed,
        left_out,
        encoder,
        logit,
        trees,
    )


def cross_validate(table: Table, model: Churn) -> Quality:
    """Judge the same way of learning on the rows of a table by five parts, each scored by the other four.

    The features' types, levels and medians are learned without the label, so they may be those of the model.
    """
    matrix, left = model.encoder.encode(table), table.binary(model.label)
    part = np.random.default_rng(model.seed).permutation(len(left)) % _PARTS
    probability = np.zeros(len(left))
    for number in range(_PARTS):
        held = part == number
        logit, trees = _fit(matrix[~held], left[~held], model.seed)
        probability[held] = _blended(logit, trees, matrix[held])
    return quality_of(left, probability)


def evaluate_churn(model: Churn, table: Table) -> Quality:
    """Judge a model on a table with the label.

    Raises:
        BadTable: the label is missing, constant or not yes and no.
    """
    return quality_of(table.binary(model.label), model.probability(table))


def quality_of(left: Numbers, probability: Numbers) -> Quality:
    """How good probabilities were for what came true."""
    top = np.argsort(-probability, kind="stable")[: max(len(left) // 10, 1)]
    rate = float(left.mean())
    return Quality(
        len(left),
        rate,
        auc_of(left, probability),
        float(((probability - left) ** 2).mean()),
        float(left[top].mean() / rate),
    )


def auc_of(label: Numbers, score: Numbers) -> float:
    """The area under the ROC curve by ranks, ties counted by half (Mann and Whitney 1947)."""
    _, place, count = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[place]
    ones = float(label.sum())
    return float((rank[label == 1].sum() - ones * (ones + 1) / 2) / (ones * (len(label) - ones)))


def save_churn(model: Churn, path: Path) -> None:
    """Write a model as one JSON file, whole or not at all."""
    save_model(model, path)


def load_churn(path: Path) -> Churn:
    """Read a model; the file holds numbers and words only.

    Raises:
        NoChurnModel: it is something else, or of another format.
    """
    return load_model(path, Churn, form=FORMAT, name="churn model", refusal=NoChurnModel)


def grow_classifier(matrix: Numbers, label: Numbers, *, seed: int) -> Trees:
    """The log-odds of a yes by gradient boosting; each split looks at a quarter of the columns."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    model = HistGradientBoostingClassifier(
        max_iter=100,
        max_depth=3,
        learning_rate=0.08,
        min_samples_leaf=30,
        l2_regularization=5.0,
        max_features=0.25,
        early_stopping=False,
        random_state=seed,
    )
    with threadpool_limits(1):  # threads on matrices this small mostly wait for each other
        return trees_of(model.fit(matrix, label))


def _fit(matrix: Numbers, left: Numbers, seed: int) -> tuple[Linear, list[Trees]]:
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    basis = learn_basis(matrix)
    with threadpool_limits(1):
        found = LogisticRegression(C=0.1, max_iter=1000).fit(basis.expand(matrix), left)
    logit = Linear(basis, float(found.intercept_[0]), found.coef_[0].tolist(), logistic=True)
    sets = [grow_classifier(matrix, left, seed=_SETS * seed + number) for number in range(_SETS)]
    return logit, sets


def _blended(logit: Linear, trees: list[Trees], matrix: Numbers) -> Numbers:
    """The mean of the sets of trees, and some of the logit, which errs elsewhere than they do."""
    grown = np.mean([_logistic(each.predict(matrix)) for each in trees], axis=0)
    blended: Numbers = _OF_LOGIT * logit.predict(matrix) + (1 - _OF_LOGIT) * grown
    return blended


def _logistic(log_odds: NDArray[np.float64]) -> Numbers:
    odds: Numbers = 1 / (1 + np.exp(-log_odds))
    return odds


def _check_enough(table: Table, left: Numbers) -> None:
    fewest = int(min(left.sum(), (1 - left).sum()))
    if len(left) < _LEAST_ROWS or fewest < _LEAST_OF_EACH:
        raise NoChurnModel(
            f"{table.name} has {len(left)} rows, {int(left.sum())} of whom left.",
            next_step=f"A model needs {_LEAST_ROWS} rows, and {_LEAST_OF_EACH} of each kind.",
        )
