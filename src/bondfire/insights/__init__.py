"""How strong the tie to each member is: rhythm of buying, lifetime value, bond.

Owns: frequency, recency, age and value of buyers; models of repeat buying with their fit; the strength of the
bond, its causes and its proof on past windows. Does not own: who a member is (members), what is done about a
score (upper folders), files and words of the command line (cli). Invariants: a score learns from what was
known on its day alone; a method that does not beat plain recency on the last past window is not shown; a
number that cannot be learned from the data is refused or named, never made up.
"""

from bondfire.insights.beta_binomial import BetaBinomial, fit_beta_binomial
from bondfire.insights.beta_geo import BetaGeo, fit_beta_geo
from bondfire.insights.bond.backtest import ACT, Backtest, Judged, backtest
from bondfire.insights.bond.explaining import Explained, explain
from bondfire.insights.bond.judging import Bin, Difference, Judgement
from bondfire.insights.bond.picture import reliability_picture
from bondfire.insights.bond.score import Bond, learn_bond
from bondfire.insights.bond.signals import TERMS, Signals
from bondfire.insights.errors import HistoryError, TooFew
from bondfire.insights.fitting import Buyers, ModelName, buyers_of, fit_model
from bondfire.insights.gamma_gamma import GammaGamma, fit_gamma_gamma
from bondfire.insights.newton import Fitted
from bondfire.insights.pareto import Pareto, fit_pareto
from bondfire.insights.reading import day_number, day_of, numbers, read_purchases, read_table
from bondfire.insights.rfm import Purchases, Summary, summarise

__all__ = [
    "ACT",
    "TERMS",
    "Backtest",
    "BetaBinomial",
    "BetaGeo",
    "Bin",
    "Bond",
    "Buyers",
    "Difference",
    "Explained",
    "Fitted",
    "GammaGamma",
    "HistoryError",
    "Judged",
    "Judgement",
    "ModelName",
    "Pareto",
    "Purchases",
    "Signals",
    "Summary",
    "TooFew",
    "backtest",
    "buyers_of",
    "day_number",
    "day_of",
    "explain",
    "fit_beta_binomial",
    "fit_beta_geo",
    "fit_gamma_gamma",
    "fit_model",
    "fit_pareto",
    "learn_bond",
    "numbers",
    "read_purchases",
    "read_table",
    "reliability_picture",
    "summarise",
]
