"""Measures gate, learners and intervals on open data.

`python -m bondfire.benchmarks.decisions DATA [SECTION ...]` prints a line of JSON for each result.
DATA is a folder with starbucks_promo/training.csv.gz, hillstrom/hillstrom.csv.gz and
telco_churn/telco_customer_churn.csv.gz. Nothing here chooses anything: each part fits a gate as a user would.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bondfire.decisions import (
    Log,
    Terms,
    always,
    apply_gate,
    best_single,
    doubly_robust,
    estimate,
    evaluate_gate,
    fit_arms,
    fit_gate,
    qini_auc,
    uplift_at,
)
from bondfire.insights import Table, cross_validate, fit_churn, learn_encoder, load_table

Numbers = NDArray[np.float64]
Rows = NDArray[np.bool_]
_RULE: Final = (("V4", "2"), ("V5", "3"))
_PROGRAMMES: Final = 200
_SHUFFLES: Final = 100
_TOLD_EVERY: Final = 20


def starbucks(data: Path) -> Iterator[dict[str, Any]]:
    """Profit of the gate by four parts, beside the two-clause rule and treating all; money a member."""
    table = load_table(data / "starbucks_promo" / "training.csv.gz")
    treated = np.array([one == "Yes" for one in table.texts("Promotion")], dtype=np.float64)
    bought = table.numbers("purchase")
    clauses = [np.array([one == value for one in table.texts(name)]) for name, value in _RULE]
    for seed in range(3):
        act = np.zeros(len(table))
        for number, held in _parts(len(table), 4, seed):
            terms = Terms("Promotion", "Yes", "purchase", 10, 0.15, seed=seed * 10 + number)
            act[held] = apply_gate(fit_gate(_rows(table, ~held), terms), _rows(table, held)).act
        scores = _net(bought, treated, gain=10, cost=0.15)
        policies = {"gate": act, "rule": clauses[0] & clauses[1], "all": np.ones(len(table))}
        nir = {name: _nir(bought, treated, one > 0) for name, one in policies.items()}
        values = {name: _shown(scores * one) for name, one in policies.items()}
        yield {"seed": seed, "share": act.mean(), "value": values, "nir": nir} | {
            f"gate - {name}": _shown(scores * (act - one)) for name, one in policies.items() if name != "gate"
        }


def hillstrom(data: Path) -> Iterator[dict[str, Any]]:
    """Ranking by the net of women's e-mail on visits, ten seeds of five parts."""
    table = _hillstrom(data, "visit", {"Womens E-Mail", "No E-Mail"})
    treated = np.array([one == "Womens E-Mail" for one in table.texts("segment")], dtype=np.float64)
    visit = table.numbers("visit")
    for seed in range(10):
        net, by_part = np.zeros(len(table)), []
        for number, held in _parts(len(table), 5, seed):
            terms = Terms("segment", "Womens E-Mail", "visit", 1, 0, seed=seed * 10 + number)
            gate = fit_gate(_rows(table, ~held), terms)
            net[held] = apply_gate(gate, _rows(table, held)).net
            by_part.append(
                (
                    qini_auc(visit[held], net[held], treated[held]),
                    uplift_at(visit[held], net[held], treated[held]),
                )
            )
        qini, at_30 = np.mean(by_part, axis=0)
        yield {
            "seed": seed,
            "qini_auc": qini,
            "uplift_at_30": at_30,
            "qini_auc_pooled": qini_auc(visit, net, treated),
            "uplift_at_30_pooled": uplift_at(visit, net, treated),
        }


def three_arms(data: Path) -> Iterator[dict[str, Any]]:
    """A policy over men's e-mail, women's and none on visits, beside men's e-mail to all."""
    arms = ["No E-Mail", "Mens E-Mail", "Womens E-Mail"]
    table = _hillstrom(data, "visit", set(arms))
    features = learn_encoder(table, [one for one in table.columns if one not in {"segment", "visit"}]).encode(
        table
    )
    action = np.array([arms.index(one) for one in table.texts("segment")])
    visit, third = table.numbers("visit"), np.full(len(table), 1 / 3)
    expected = np.tile([visit[action == arm].mean() for arm in range(3)], (len(table), 1))
    log = Log(action, visit, third, expected)
    for seed in range(5):
        chosen = np.zeros(len(table), dtype=np.int64)
        for number, held in _parts(len(table), 5, seed):
            policy = fit_arms(
                features[~held], action[~held], visit[~held], gain=1, costs=[0, 0, 0], seed=seed * 10 + number
            )
            chosen[held] = policy.decide(features[held])
        scores = doubly_robust(log, np.eye(3)[chosen])
        best = best_single(log)
        gain = estimate(scores - doubly_robust(log, always(best, log)))
        yield {
            "seed": seed,
            "best single action": arms[best],
            "gain over it": gain._asdict(),
            "in standard errors": gain.value / gain.error if gain.error else 0.0,
            "verdict": gain.verdict,
        }


def shuffled(data: Path) -> Iterator[dict[str, Any]]:
    """How often a gate chooses nobody when outcomes are shuffled and an action costs next to nothing."""
    table = load_table(data / "starbucks_promo" / "training.csv.gz")
    bought, nobody = np.array(table.texts("purchase")), 0
    for seed in range(_SHUFFLES):
        chance = np.random.default_rng(seed)
        drawn = np.zeros(len(table), dtype=bool)
        drawn[chance.permutation(len(table))[:10_000]] = True
        columns = {**table.columns, "purchase": chance.permutation(bought).tolist()}
        terms = Terms("Promotion", "Yes", "purchase", 10, 0.001, seed=seed)
        nobody += fit_gate(_rows(replace(table, columns=columns), drawn), terms).share == 0
        if seed % _TOLD_EVERY == _TOLD_EVERY - 1:
            yield {"runs": seed + 1, "cost": 0.001, "rows": 10_000, "chose nobody": nobody / (seed + 1)}


def coverage(_data: Path) -> Iterator[dict[str, Any]]:
    """How often 90 % intervals of a gate's value hold the truth, on programmes whose effects are known."""
    held: dict[str, list[bool]] = {"gate": [], "all": [], "gate - all": []}
    for seed in range(_PROGRAMMES):
        train, _ = _programme(600, 3 * seed)
        judged, _ = _programme(2000, 3 * seed + 1)
        everyone, effects = _programme(50_000, 3 * seed + 2)
        gate = fit_gate(train, Terms("mail", "1", "spent", 1.0, 0.2, seed=seed))
        act, net = apply_gate(gate, everyone).act, effects - 0.2
        found = evaluate_gate(gate, judged)
        truth = {"gate": act * net, "all": net, "gate - all": (act - 1) * net}
        for name, one in {**found.values, "gate - all": found.gains["all"]}.items():
            if (
                name in truth and one.error > 0
            ):  # a gate for nobody, or everybody, is surely right about itself
                held[name].append(bool(one.low <= truth[name].mean() <= one.high))
        if seed % _TOLD_EVERY == _TOLD_EVERY - 1:
            shares = {name: {"intervals": len(each), "held": np.mean(each)} for name, each in held.items()}
            yield {"programmes": seed + 1, **shares}


def telco(data: Path) -> Iterator[dict[str, Any]]:
    """Churn by five parts, five seeds."""
    table = load_table(data / "telco_churn" / "telco_customer_churn.csv.gz")
    for seed in range(5):
        started = time.perf_counter()
        quality = cross_validate(table, fit_churn(table, "Churn", seed=seed))
        yield {"seed": seed, **quality._asdict(), "seconds": time.perf_counter() - started}


SECTIONS: Final[Mapping[str, Callable[[Path], Iterator[dict[str, Any]]]]] = {
    one.__name__: one for one in (starbucks, hillstrom, three_arms, shuffled, coverage, telco)
}


def _programme(rows: int, seed: int) -> tuple[Table, Numbers]:
    """A programme drawn at random: how effects depend on two features differs from one to the next."""
    shape = np.random.default_rng(seed // 3)
    bend, level, noise = shape.normal(size=2), shape.normal(0.1, 0.2), shape.uniform(0.5, 2)
    chance = np.random.default_rng([seed, 1])
    features = chance.normal(size=(rows, 3))
    effects = level + 0.3 * np.tanh(bend[0] * features[:, 0]) + 0.3 * (bend[1] * features[:, 1] > 0.5)
    treated = (chance.random(rows) < 0.5).astype(np.float64)
    spent = features[:, 2] + effects * treated + noise * chance.normal(size=rows)
    columns = {f"f{number}": [repr(float(one)) for one in column] for number, column in enumerate(features.T)}
    columns["mail"] = [f"{one:g}" for one in treated]
    columns["spent"] = [repr(float(one)) for one in spent]
    return Table(f"programme {seed}", columns, str(seed)), effects


def _hillstrom(data: Path, outcome: str, arms: set[str]) -> Table:
    """The rows of these arms with one outcome; the others came afterwards too and would be leaks."""
    table = load_table(data / "hillstrom" / "hillstrom.csv.gz")
    kept = np.array([one in arms for one in table.texts("segment")])
    later = {"visit", "conversion", "spend"} - {outcome}
    columns = {name: cells for name, cells in table.columns.items() if name not in later}
    return _rows(replace(table, columns=columns), kept)


def _parts(rows: int, parts: int, seed: int) -> Iterator[tuple[int, Rows]]:
    part = np.random.default_rng(seed).permutation(rows) % parts
    return ((number, part == number) for number in range(parts))


def _rows(table: Table, kept: Rows) -> Table:
    numbers = np.flatnonzero(kept).tolist()
    columns = {name: [cells[number] for number in numbers] for name, cells in table.columns.items()}
    return replace(table, columns=columns, digest=f"{table.digest} {len(numbers)} {sum(numbers)}")


def _net(outcome: Numbers, treated: Numbers, *, gain: float, cost: float) -> Numbers:
    """What acting brought each row, an unbiased score."""
    share = treated.mean()
    odds = treated / share - (1 - treated) / (1 - share)
    scores: Numbers = gain * odds * (outcome - outcome.mean()) - cost
    return scores


def _nir(outcome: Numbers, treated: Numbers, act: Rows) -> float:
    """Starbucks' net incremental revenue over the rows that a policy would treat."""
    one, zero = act & (treated == 1), act & (treated == 0)
    return float(10 * outcome[one].sum() - 0.15 * one.sum() - 10 * outcome[zero].sum())


def _shown(scores: Numbers) -> dict[str, float]:
    return estimate(scores)._asdict()


if __name__ == "__main__":
    for section in sys.argv[2:] or SECTIONS:
        for found in SECTIONS[section](Path(sys.argv[1])):
            sys.stdout.write(json.dumps({"section": section, **found}, default=float) + "\n")
            sys.stdout.flush()
