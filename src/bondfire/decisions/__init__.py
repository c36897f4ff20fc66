"""Is it worth the energy, and what is next best: actions weighed by what they bring beyond nothing.

Owns: uplift learners and their measures, the net value gate, policies over several actions, off-policy
evaluation (what another policy would have brought), the choice under a budget, holdout and exploration.
Does not own: which actions exist and who may have them (rewards, campaigns), scores about members (insights),
files and words of the command line (cli). Invariants: "nothing" is always a candidate; an action whose lower
bound is not above 0 is never chosen; a budget is never exceeded; whom to act on is decided on training data
alone; chance is a hash or a seed, so the same question has the same answer.
"""

from bondfire.decisions.arms import ArmsPolicy, fit_arms
from bondfire.decisions.assignment import (
    Assignment,
    BadDesign,
    Design,
    assign,
    check_design,
    is_held_out,
    propensity_of,
)
from bondfire.decisions.calibration import Calibration, Ensemble, Learned, fit_ensemble
from bondfire.decisions.evaluating import Evaluation, evaluate_gate
from bondfire.decisions.gate import (
    CannotLearn,
    Gate,
    Judged,
    NoGate,
    Terms,
    apply_gate,
    fit_gate,
    load_gate,
    save_gate,
)
from bondfire.decisions.learners import LEARNERS, Effect, Trial, ensemble_of
from bondfire.decisions.measures import (
    Placebo,
    auuc,
    placebo,
    qini_auc,
    qini_curve,
    uplift_at,
    uplift_curve,
)
from bondfire.decisions.model import (
    DO_NOTHING,
    NOTHING,
    BadCandidate,
    Candidate,
    check_candidates,
    choose,
    fill_budget,
    worth_doing,
)
from bondfire.decisions.off_policy import (
    BadLog,
    Estimate,
    Log,
    always,
    best_single,
    bootstrap,
    check_log,
    doubly_robust,
    estimate,
    inverse_propensity,
    self_normalised,
    weights_of,
)
from bondfire.decisions.rules import Rule, best_rule

__all__ = [
    "DO_NOTHING",
    "LEARNERS",
    "NOTHING",
    "ArmsPolicy",
    "Assignment",
    "BadCandidate",
    "BadDesign",
    "BadLog",
    "Calibration",
    "Candidate",
    "CannotLearn",
    "Design",
    "Effect",
    "Ensemble",
    "Estimate",
    "Evaluation",
    "Gate",
    "Judged",
    "Learned",
    "Log",
    "NoGate",
    "Placebo",
    "Rule",
    "Terms",
    "Trial",
    "always",
    "apply_gate",
    "assign",
    "auuc",
    "best_rule",
    "best_single",
    "bootstrap",
    "check_candidates",
    "check_design",
    "check_log",
    "choose",
    "doubly_robust",
    "ensemble_of",
    "estimate",
    "evaluate_gate",
    "fill_budget",
    "fit_arms",
    "fit_ensemble",
    "fit_gate",
    "inverse_propensity",
    "is_held_out",
    "load_gate",
    "placebo",
    "propensity_of",
    "qini_auc",
    "qini_curve",
    "save_gate",
    "self_normalised",
    "uplift_at",
    "uplift_curve",
    "weights_of",
    "worth_doing",
]
