"""What columns about members can tell: tables read strictly, features, leaks, and who will leave a contract.

Owns: reading a stranger's table, features, what remains of a fitted model, the leak detector, churn for
contracts. Does not own: what is done about a score (upper folders), files' words on the command line (cli).
Invariants: nothing is learned from the rows that judge it; what cannot be learned is refused.
"""

from bondfire.insights.columns import BadTable, Table, id_columns, load_table
from bondfire.insights.features import Basis, Encoder, Feature, MissingColumns, learn_basis, learn_encoder
from bondfire.insights.predictors import Linear, Predictor, Trees, trees_of

__all__ = [
    "BadTable",
    "Basis",
    "Encoder",
    "Feature",
    "Linear",
    "MissingColumns",
    "Predictor",
    "Table",
    "Trees",
    "id_columns",
    "learn_basis",
    "learn_encoder",
    "load_table",
    "trees_of",
]
