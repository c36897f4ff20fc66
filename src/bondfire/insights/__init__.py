"""What columns about members can tell: tables read strictly, features, leaks, and who will leave a contract.

Owns: reading a stranger's table, features, what remains of a fitted model, the leak detector, churn for
contracts. Does not own: what is done about a score (upper folders), files' words on the command line (cli).
Invariants: nothing is learned from the rows that judge it; what cannot be learned is refused.
"""

from bondfire.insights.columns import BadTable, Table, id_columns, load_table
from bondfire.insights.contracts import (
    Churn,
    NoChurnModel,
    Quality,
    auc_of,
    cross_validate,
    evaluate_churn,
    fit_churn,
    load_churn,
    quality_of,
    save_churn,
)
from bondfire.insights.features import Basis, Encoder, Feature, MissingColumns, learn_basis, learn_encoder
from bondfire.insights.leaks import Leak, find_leaks
from bondfire.insights.predictors import Linear, Predictor, Trees, trees_of

__all__ = [
    "BadTable",
    "Basis",
    "Churn",
    "Encoder",
    "Feature",
    "Leak",
    "Linear",
    "MissingColumns",
    "NoChurnModel",
    "Predictor",
    "Quality",
    "Table",
    "Trees",
    "auc_of",
    "cross_validate",
    "evaluate_churn",
    "find_leaks",
    "fit_churn",
    "id_columns",
    "learn_basis",
    "learn_encoder",
    "load_churn",
    "load_table",
    "quality_of",
    "save_churn",
    "trees_of",
]
