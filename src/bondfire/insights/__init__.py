"""What the past tells of members: rhythm of buying, lifetime value, bond, churn, and models that cheat.

Owns: frequency, recency, age and value of buyers; models of repeat buying with their fit; the strength of
the bond, its causes and its proof on past windows; tables of a stranger, features, what remains of a fitted
model, the leak detector, churn for contracts. Does not own: who a member is (members), what is done about a
score (upper folders), words of the command line (cli). Invariants: a score learns from what was known on
its day alone, and nothing is learned from the rows that judge it; a method that does not beat plain recency
on the last past window is not shown; a number that cannot be learned from the data is refused or named,
never made up.
"""

from bondfire.insights.beta_binomial import BetaBinomial, fit_beta_binomial
from bondfire.insights.beta_geo import BetaGeo, fit_beta_geo
from bondfire.insights.bond.backtest import ACT, Backtest, Judged, backtest
from bondfire.insights.bond.explaining import Explained, explain
from bondfire.insights.bond.judging import Bin, Difference, Judgement
from bondfire.insights.bond.picture import reliability_picture
from bondfire.insights.bond.score import Bond, learn_bond
from bondfire.insights.bond.signals import TERMS, Signals
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
from bondfire.insights.errors import HistoryError, TooFew
from bondfire.insights.features import Basis, Encoder, Feature, MissingColumns, learn_basis, learn_encoder
from bondfire.insights.fitting import Buyers, ModelName, buyers_of, fit_model
from bondfire.insights.gamma_gamma import GammaGamma, fit_gamma_gamma
from bondfire.insights.leaks import Leak, find_leaks
from bondfire.insights.model_files import load_model, save_model
from bondfire.insights.newton import Fitted
from bondfire.insights.pareto import Pareto, fit_pareto
from bondfire.insights.predictors import Linear, Predictor, Trees, trees_of
from bondfire.insights.reading import day_number, day_of, numbers, read_purchases, read_table
from bondfire.insights.rfm import Purchases, Summary, summarise

__all__ = [
    "ACT",
    "TERMS",
    "Backtest",
    "BadTable",
    "Basis",
    "BetaBinomial",
    "BetaGeo",
    "Bin",
    "Bond",
    "Buyers",
    "Churn",
    "Difference",
    "Encoder",
    "Explained",
    "Feature",
    "Fitted",
    "GammaGamma",
    "HistoryError",
    "Judged",
    "Judgement",
    "Leak",
    "Linear",
    "MissingColumns",
    "ModelName",
    "NoChurnModel",
    "Pareto",
    "Predictor",
    "Purchases",
    "Quality",
    "Signals",
    "Summary",
    "Table",
    "TooFew",
    "Trees",
    "auc_of",
    "backtest",
    "buyers_of",
    "cross_validate",
    "day_number",
    "day_of",
    "evaluate_churn",
    "explain",
    "find_leaks",
    "fit_beta_binomial",
    "fit_beta_geo",
    "fit_churn",
    "fit_gamma_gamma",
    "fit_model",
    "fit_pareto",
    "id_columns",
    "learn_basis",
    "learn_bond",
    "learn_encoder",
    "load_churn",
    "load_model",
    "load_table",
    "numbers",
    "quality_of",
    "read_purchases",
    "read_table",
    "reliability_picture",
    "save_churn",
    "save_model",
    "summarise",
    "trees_of",
]
