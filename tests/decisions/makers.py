"""Makes randomised tests whose effects are known, and tables of them."""

from collections.abc import Sequence

import numpy as np

from bondfire.decisions import Terms, Trial
from bondfire.insights import Table

TERMS = Terms("mail", "yes", "bought", 10.0, 0.5, seed=3)


def made_trial(rows: int, *, seed: int, effect: float = 0.2) -> Trial:
    """Members of whom those with a positive first feature are moved, and nobody else."""
    chance = np.random.default_rng(seed)
    features = chance.normal(size=(rows, 3))
    treated = (chance.random(rows) < 0.5).astype(np.float64)
    likely = 0.1 + 0.1 * (features[:, 1] > 0) + effect * treated * (features[:, 0] > 0)
    bought = (chance.random(rows) < likely).astype(np.float64)
    return Trial(features, treated, bought, np.full(rows, 0.5), seed)


def made_table(rows: int, *, seed: int, effect: float = 0.2, name: str = "test.csv") -> Table:
    """The same as a file has it, with a category, an id and some blanks."""
    trial = made_trial(rows, seed=seed, effect=effect)
    chance = np.random.default_rng(seed + 1)
    moved = trial.features[:, 0] > 0
    columns: dict[str, Sequence[str]] = {
        "id": [str(number) for number in range(rows)],
        "mail": ["yes" if one else "no" for one in trial.treated],
        "bought": [f"{one:g}" for one in trial.outcome],
        "channel": ["web" if one else "shop" for one in moved],
        "age": ["" if chance.random() < 0.02 else f"{one:.3f}" for one in trial.features[:, 1]],
    }
    return Table(name, columns, f"digest of {name} {seed}")
