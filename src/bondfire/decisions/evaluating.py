"""What a gate would have brought on members it has not seen, beside all, none, and one rule."""

from typing import NamedTuple

import numpy as np

from bondfire.decisions.arrays import Numbers
from bondfire.decisions.gate import CannotLearn, Gate, apply_gate, outcome_of, treated_of
from bondfire.decisions.learners import Trial
from bondfire.decisions.measures import qini_auc, uplift_at
from bondfire.decisions.off_policy import (
    Estimate,
    Log,
    bootstrap,
    doubly_robust,
    estimate,
    inverse_propensity,
    self_normalised,
    weights_of,
)
from bondfire.insights import Table

LEAST_IN_ARM = 30


class Evaluation(NamedTuple):
    """Values are money a member beyond doing nothing, with two-sided intervals.

    Attributes:
        n: the rows judged.
        share: how many of them the gate acts on.
        level: of the intervals.
        rule: the rule that `rule` is about, as it was found in training.
        values: the value of `gate`, `all`, `none` and `rule`, doubly robust.
        gate_by: the gate's value by three estimators, and its bootstrap.
        gains: the gate's value above each of `all`, `none` and `rule`, row by row.
        qini_auc: how well the net ranks, by scikit-uplift's definition.
        uplift_at_30: the effect among the 30 % with the highest net.
        is_training: whether this is the very file that the gate was trained on, which proves nothing.
    """

    n: int
    share: float
    level: float
    rule: str
    values: dict[str, Estimate]
    gate_by: dict[str, Estimate]
    gains: dict[str, Estimate]
    qini_auc: float
    uplift_at_30: float
    is_training: bool

    @property
    def verdict(self) -> str:
        """What may be said of the gate: whether it beats the best of the plain choices, beyond chance."""
        if self.is_training:
            return "not judged: the gate was trained on these rows"
        return min(self.gains.values(), key=lambda gain: gain.value).verdict


def evaluate_gate(gate: Gate, table: Table, *, level: float = 0.9) -> Evaluation:
    """Judge a gate on a randomised test that it was not trained on.

    The values are differences to doing nothing in the same rows, so they compare with each other without
    the noise that all share.

    Raises:
        BadTable: a column is missing or of the wrong type.
        CannotLearn: fewer than 30 rows in an arm, or a level that is none.
    """
    if not 0 < level < 1:
        raise CannotLearn(f"An interval of {level} is none.", next_step="Give --level between 0 and 1.")
    terms, judged = gate.terms, apply_gate(gate, table)
    trial = _trial(gate, table)
    log = _log(gate, trial)
    policies = {
        "gate": judged.act,
        "all": np.ones(len(table)),
        "none": np.zeros(len(table)),
        "rule": gate.rule.holds(trial.features),
    }
    nothing = _policy(policies["none"])
    scores = {
        name: doubly_robust(log, _policy(act)) - doubly_robust(log, nothing) for name, act in policies.items()
    }
    weights = weights_of(log, _policy(judged.act))
    others = {
        "ips": inverse_propensity(log, _policy(judged.act)) - inverse_propensity(log, nothing),
        "self_normalised": self_normalised(log, _policy(judged.act)) - self_normalised(log, nothing),
    }
    by = {
        name: estimate(one, level=level, weights=weights)
        for name, one in {"doubly_robust": scores["gate"], **others}.items()
    }
    by["bootstrap"] = bootstrap(scores["gate"], seed=terms.seed, level=level)
    return Evaluation(
        n=len(table),
        share=float(judged.act.mean()),
        level=level,
        rule=str(gate.rule),
        values={name: estimate(one, level=level) for name, one in scores.items()},
        gate_by=by,
        gains={
            name: estimate(scores["gate"] - scores[name], level=level) for name in ("all", "none", "rule")
        },
        qini_auc=qini_auc(trial.outcome, judged.net, trial.treated),
        uplift_at_30=uplift_at(trial.outcome, judged.net, trial.treated),
        is_training=table.digest == gate.training_digest,
    )


def _trial(gate: Gate, table: Table) -> Trial:
    treated, outcome = treated_of(table, gate.terms), outcome_of(table, gate.terms)
    if min(treated.sum(), (1 - treated).sum()) < LEAST_IN_ARM:
        raise CannotLearn(
            f"{table.name} has {int(treated.sum())} treated of {len(table)} rows.",
            next_step=f"An evaluation needs {LEAST_IN_ARM} rows in each arm.",
        )
    share = np.full(len(outcome), float(treated.mean()))
    return Trial(gate.encoder.encode(table), treated, outcome, share, gate.terms.seed)


def _log(gate: Gate, trial: Trial) -> Log:
    """The test as a log of two actions: 0 nothing, 1 the action, which costs."""
    terms, outcomes = gate.terms, gate.ensemble.outcomes
    expected = np.column_stack(
        [
            terms.gain * outcomes.without.predict(trial.features),
            terms.gain * outcomes.with_action.predict(trial.features) - terms.cost,
        ]
    )
    return Log(
        action=trial.treated.astype(np.int64),
        reward=terms.gain * trial.outcome - terms.cost * trial.treated,
        propensity=np.where(trial.treated == 1, trial.propensity, 1 - trial.propensity),
        expected=expected,
    )


def _policy(act: Numbers) -> Numbers:
    return np.column_stack([1 - act, act])
