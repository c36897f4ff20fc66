"""One way to fit any of the models, and what each needs to be told of the buyers."""

from typing import Any, Literal, NamedTuple

from bondfire.insights.beta_binomial import fit_beta_binomial
from bondfire.insights.beta_geo import fit_beta_geo
from bondfire.insights.errors import HistoryError
from bondfire.insights.gamma_gamma import fit_gamma_gamma
from bondfire.insights.newton import Fitted, Floats
from bondfire.insights.pareto import fit_pareto
from bondfire.insights.rfm import Purchases, summarise

ModelName = Literal["bgnbd", "mbgnbd", "paretonbd", "bgbb", "gammagamma"]


class Buyers(NamedTuple):
    """What is known of each buyer (or of each kind of buyer, with weights); None is not known."""

    frequency: Floats | None = None
    recency: Floats | None = None
    age: Floats | None = None
    value: Floats | None = None
    weights: Floats | None = None


def buyers_of(purchases: Purchases, until: int | None = None, *, days_in_unit: int = 1) -> Buyers:
    """The buyers of a history up to a day (its last without one), with times in a unit of so many days."""
    if until is None:
        until = int(purchases.day.max())
    summary = summarise(purchases, until)
    return Buyers(
        summary.frequency, summary.recency / days_in_unit, summary.age / days_in_unit, summary.value
    )


def fit_model(name: ModelName, buyers: Buyers) -> Fitted[Any]:
    """Fit a model by its name.

    Raises:
        HistoryError: something is not known that the model needs, or cannot be.
        TooFew: too few buyers or repeat buyers.
    """
    frequency, weights = _needed(buyers, name, "frequency"), buyers.weights
    if name == "gammagamma":
        return fit_gamma_gamma(frequency, _needed(buyers, name, "value"), weights)
    recency, age = _needed(buyers, name, "recency"), _needed(buyers, name, "age")
    if name == "paretonbd":
        return fit_pareto(frequency, recency, age, weights)
    if name == "bgbb":
        return fit_beta_binomial(frequency, recency, age, weights)
    return fit_beta_geo(frequency, recency, age, weights, modified=name == "mbgnbd")


def _needed(buyers: Buyers, model: str, name: str) -> Floats:
    found: Floats | None = getattr(buyers, name)
    if found is None:
        raise HistoryError(
            f"{model} needs the {name} of each buyer.", next_step=f"Name its column (--{name})."
        )
    return found
