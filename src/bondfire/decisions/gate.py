"""The net value gate: acts on a member only if that is surely worth more than it costs.

net = gain x effect - cost. The effect is learned from a randomised test; "nothing" is always the other choice
and is worth 0. A member is acted on when the lower bound of their net is above 0.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import numpy as np

import bondfire
from bondfire.decisions.arrays import Numbers
from bondfire.decisions.calibration import Ensemble, Learned, fit_ensemble, reach_for
from bondfire.decisions.learners import Trial, ensemble_of
from bondfire.decisions.rules import Rule, best_rule
from bondfire.errors import BadInput
from bondfire.insights import Encoder, Table, id_columns, learn_encoder, load_model, save_model
from bondfire.kit import nearest

LEAST_ROWS: Final = 200
LEAST_IN_ARM: Final = 50
LEAST_OF_OUTCOME: Final = 10
FORMAT: Final = "bondfire-gate-1"


class CannotLearn(BadInput):
    """A training file cannot teach a gate."""

    code = "cannot_learn"


class NoGate(BadInput):
    """A file is no gate of this bondfire."""

    code = "no_gate"


class Terms(msgspec.Struct, frozen=True):
    """What is asked of a test.

    Attributes:
        treatment: the column that says who got the action.
        treated: its value for who did; every row with the other value is the comparison.
        outcome: the column that says what followed.
        gain: what one unit of outcome is worth, in money.
        cost: what acting on one member costs, in the same money.
        level: how sure a member's net must be above 0, from 0.5 (just as likely as not) to below 1.
        seed: of every division and every tree.
    """

    treatment: str
    treated: str
    outcome: str
    gain: float
    cost: float
    level: float = 0.75
    seed: int = 0


class Gate(msgspec.Struct, frozen=True):
    """A trained gate: plain numbers and words, no code; what it was trained on and by.

    Attributes:
        format: of this structure.
        version: of the bondfire that trained it.
        terms: what was asked.
        training_digest: SHA-256 of the training file.
        rows: of the training file.
        left_out: its columns that only name rows.
        propensity: the share of the training file that was treated.
        encoder: from columns to features.
        ensemble: from features to effects.
        reach: how many standard errors the lower bound lies below the effect.
        share: how many of the training file would be acted on, judged by models that have not seen them.
        value: what that would have brought a member there, beside doing nothing.
        rule: the best rule of at most two clauses, for comparison.
    """

    format: str
    version: str
    terms: Terms
    training_digest: str
    rows: int
    left_out: list[str]
    propensity: float
    encoder: Encoder
    ensemble: Ensemble
    reach: float
    share: float
    value: float
    rule: Rule


class Judged(NamedTuple):
    """What a gate says of each row: expected net in money, its lower bound, and whether to act."""

    net: Numbers
    lower: Numbers
    act: Numbers


def fit_gate(table: Table, terms: Terms) -> Gate:
    """Learn a gate from a randomised test; everything, also whom to act on, is chosen on this table alone.

    Raises:
        BadTable: a column is missing or of the wrong type.
        CannotLearn: outcome or treatment are constant, or there are too few rows to learn from.
    """
    check_terms(terms)
    outcome, treated = outcome_of(table, terms), treated_of(table, terms)
    _check_enough(table, terms, outcome, treated=treated)
    others = [name for name in table.columns if name not in {terms.treatment, terms.outcome}]
    left_out = id_columns(table, others)
    encoder = learn_encoder(table, [name for name in others if name not in left_out])
    features, share = encoder.encode(table), float(treated.mean())
    trial = Trial(features, treated, outcome, np.full(len(outcome), share), terms.seed)
    learned = fit_ensemble(trial, ensemble_of(trial))
    calibration = learned.ensemble.calibration
    reach = reach_for(calibration, learned.score, worth=terms.cost / terms.gain, level=terms.level)
    act, gained = _seen(learned, terms, reach), terms.gain * learned.pseudo - terms.cost
    return Gate(
        format=FORMAT,
        version=bondfire.__version__,
        terms=terms,
        training_digest=table.digest,
        rows=len(table),
        left_out=left_out,
        propensity=share,
        encoder=encoder,
        ensemble=learned.ensemble,
        reach=reach,
        share=float(act.mean()),
        value=float((act * gained).mean()),
        rule=best_rule(features, gained, encoder.names()),
    )


def _seen(learned: Learned, terms: Terms, reach: float) -> Numbers:
    """Whom of the training file the gate would act on, by models that have not seen them."""
    return _judge(learned.ensemble, learned.score, terms, reach=reach).act


def apply_gate(gate: Gate, table: Table) -> Judged:
    """Judge every row of a table that has the gate's feature columns; others are not read.

    Raises:
        MissingColumns: a feature column is missing.
        BadTable: a cell of a number column is no number.
    """
    score = gate.ensemble.effect.predict(gate.encoder.encode(table))
    return _judge(gate.ensemble, score, gate.terms, reach=gate.reach)


def _judge(ensemble: Ensemble, score: Numbers, terms: Terms, *, reach: float) -> Judged:
    effect, error = ensemble.calibration.effect(score), ensemble.calibration.error(score)
    net = terms.gain * effect - terms.cost
    lower = net - terms.gain * reach * error
    return Judged(net, lower, (lower > 0).astype(np.float64))


def save_gate(gate: Gate, path: Path) -> None:
    """Write a gate as one JSON file, whole or not at all."""
    save_model(gate, path)


def load_gate(path: Path) -> Gate:
    """Read a gate; the file holds numbers and words only, so nothing in it can run.

    Raises:
        NoGate: it is something else, or of another format.
    """
    return load_model(path, Gate, form=FORMAT, name="gate", refusal=NoGate)


def check_terms(terms: Terms) -> None:
    """Refuse a gain, cost or level that cannot be meant.

    Raises:
        CannotLearn: which one, and what it may be.
    """
    if not 0 < terms.gain < np.inf:
        raise CannotLearn(
            f"A gain of {terms.gain} is none.", next_step="Give --gain above 0: a unit's worth."
        )
    if not 0 <= terms.cost < np.inf:
        raise CannotLearn(f"A cost of {terms.cost} is none.", next_step="Give --cost of 0 or more.")
    if not 0.5 <= terms.level < 1:
        raise CannotLearn(
            f"A level of {terms.level} is none.", next_step="Give --level from 0.5 to below 1, such as 0.75."
        )


def treated_of(table: Table, terms: Terms) -> Numbers:
    """1 for each treated row, 0 for the comparison.

    Raises:
        CannotLearn: there are not just two values, or the treated one is not among them.
    """
    texts = [text.strip() for text in table.texts(terms.treatment)]
    values = sorted(set(texts))
    if terms.treated not in values:
        near = nearest(terms.treated, values) or values[0]
        raise CannotLearn(
            f"{table.name}: no row has {terms.treated!r} in column {terms.treatment!r}.",
            next_step=f"Did you mean --treated {near!r}?",
        )
    if len(values) != 2:
        raise CannotLearn(
            f"{table.name}: column {terms.treatment!r} has {_listed(values)}; a test has two arms.",
            next_step="Keep the rows of the action and those of nothing, one gate for each action.",
        )
    return np.array([text == terms.treated for text in texts], dtype=np.float64)


def outcome_of(table: Table, terms: Terms) -> Numbers:
    """The outcome as numbers; yes and no count as 1 and 0.

    Raises:
        BadTable: a cell is neither.
    """
    lowered = {text.strip().lower() for text in table.texts(terms.outcome)}
    if len(lowered) > 1 and lowered <= {"yes", "no", "true", "false"}:
        return table.binary(terms.outcome)
    return table.numbers(terms.outcome, complete=True)


def _check_enough(table: Table, terms: Terms, outcome: Numbers, *, treated: Numbers) -> None:
    if np.all(outcome == outcome[0]):
        raise CannotLearn(
            f"{table.name}: the outcome {terms.outcome!r} is {outcome[0]:g} in every row.",
            next_step="A constant teaches nothing; wait for outcomes, or name another column.",
        )
    counts = {"rows": (len(outcome), LEAST_ROWS)}
    for arm, name in ((1, "treated rows"), (0, "rows for comparison")):
        inside = outcome[treated == arm]
        counts[name] = (len(inside), LEAST_IN_ARM)
        usual = float(np.median(outcome))
        counts[f"{name} whose outcome is not {usual:g}"] = (int((inside != usual).sum()), LEAST_OF_OUTCOME)
    for what, (number, least) in counts.items():
        if number < least:
            raise CannotLearn(
                f"{table.name} has {number} {what}; a gate needs {least}.",
                next_step="Run the test longer or on more members.",
            )


def _listed(values: Sequence[str]) -> str:
    shown = ", ".join(repr(value[:30]) for value in values[:5])
    return f"{len(values)} values ({shown}{', ...' if len(values) > 5 else ''})"
