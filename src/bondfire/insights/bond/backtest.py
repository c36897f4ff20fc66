"""Judges the bond on days that it has not seen, beside plain recency and the models alone."""

from typing import Final, NamedTuple

import numpy as np
from scipy.special import expit

from bondfire.insights.bond.judging import (
    Bin,
    Difference,
    Judgement,
    auc,
    bins_of,
    brier_difference,
    judge,
)
from bondfire.insights.bond.logit import Window, fit_logit, level_for
from bondfire.insights.bond.score import LEAST_MEMBERS, LEAST_WINDOWS, Bond, Method, Past, learn
from bondfire.insights.bond.signals import Signals, purchases_within, signals_on
from bondfire.insights.errors import HistoryError
from bondfire.insights.newton import Floats
from bondfire.insights.reading import day_of
from bondfire.insights.rfm import Purchases, buying_days

ACT: Final = "buys again"
"""The loyal act that the score foretells."""
_SEED: Final = 20_110_909
_PAST_SHOWN: Final = 2


class Judged(NamedTuple):
    """One window, judged.

    Attributes:
        until: the last day that was known.
        horizon_days: its length.
        n: how many members were scored.
        base_rate: the share of them that bought.
        method: "bond", or "mbgnbd" where the past is too short or too small for more.
        shown: what the product shows by this window: "bond", or "recency" where the bond is not proven.
        why: the reason in a sentence.
        bond: the score; recency: the time since the last purchase; bgnbd, mbgnbd: the models alone.
        better_than: by how much the bond's Brier score lies below the others', with intervals.
        bins: reliability of the bond.
    """

    until: int
    horizon_days: int
    n: int
    base_rate: float
    method: Method
    shown: str
    why: str
    bond: Judgement
    recency: Judgement
    bgnbd: Judgement
    mbgnbd: Judgement
    better_than: dict[str, Difference]
    bins: list[Bin]


class Backtest(NamedTuple):
    """The bond on a window that it has not seen, and on windows before.

    Attributes:
        judged: the window that was asked for.
        past: earlier windows, newest first, each learned from what came before it.
        members: the name of each member that was scored.
        scores: the strength of the bond of each.
        bond: how they were scored.
        signals: what was known of them.
    """

    judged: Judged
    past: list[Judged]
    members: list[str]
    scores: Floats
    bond: Bond
    signals: Signals


def backtest(purchases: Purchases, until: int, horizon: int) -> Backtest:
    """Learn up to a day, score everybody seen by then, and judge by what came in the days after.

    Args:
        purchases: the history, which reaches beyond the window.
        until: the last day that may be learned from.
        horizon: the length of the window in days.

    Raises:
        TooFew: too few members or repeat buyers for any model.
        HistoryError: the window is longer than the data, or all or none bought within it.
    """
    _see_window(purchases, until, horizon)
    bought = buying_days(purchases)
    judged, bond, signals, windows = _judge(bought, until, horizon)
    past = [_judge_past(bought, one) for one in _apart(windows)]
    members = [purchases.names[one] for one in signals.member.tolist()]
    scores = bond.score(signals).chance
    return Backtest(judged, [one for one in past if one is not None], members, scores, bond, signals)


def _see_window(purchases: Purchases, until: int, horizon: int) -> None:
    if horizon < 1:
        raise HistoryError(
            f"A window of {horizon} days has no day.", next_step="Give a day or more (--horizon)."
        )
    days = np.unique(purchases.day)
    first, last = int(days[0]), int(days[-1])
    if until < first:
        raise HistoryError(
            f"Nothing is known up to {day_of(until)}: the first purchase is of {day_of(first)}.",
            next_step="Give a later day (--until).",
        )
    quiet = int(np.diff(days).max(initial=0))
    if until + horizon > last + min(quiet, horizon // 10):
        raise HistoryError(
            f"The window ends on {day_of(until + horizon)}, but the last purchase is of {day_of(last)}.",
            code="window_too_long",
            next_step=f"Give at most {max(last - until, 0)} days (--horizon) or an earlier day (--until).",
        )


def _apart(windows: list[Past]) -> list[Past]:
    """Past windows that do not overlap, newest first."""
    chosen: list[Past] = []
    for one in windows:
        if not chosen or one.day + one.horizon <= chosen[-1].day:
            chosen.append(one)
    return chosen[:_PAST_SHOWN]


def _judge_past(bought: Purchases, window: Past) -> Judged | None:
    try:
        return _judge(bought.until(window.day + window.horizon), window.day, window.horizon)[0]
    except HistoryError:
        return None


def _judge(bought: Purchases, until: int, horizon: int) -> tuple[Judged, Bond, Signals, list[Past]]:
    bond, windows = learn(bought.until(until), until, horizon)
    signals = signals_on(bought, until)
    purchases = purchases_within(bought, until, horizon, signals.member)
    came = (purchases > 0).astype(np.float64)
    if not 0 < came.sum() < len(came):
        who = "Everybody" if came.all() else "Nobody"
        raise HistoryError(
            f"{who} bought within the {horizon} days after {day_of(until)}, so nothing can be told apart.",
            code="constant_label",
            next_step="Give another window (--until, --horizon).",
        )
    score, (plain, modified) = bond.score(signals), bond.rhythm.forecasts(signals, horizon)
    by_recency = _by_recency(windows, signals, float(score.chance.mean()))
    made = float(purchases.sum())
    others = {"recency": by_recency, "bgnbd": plain.chance, "mbgnbd": modified.chance}
    better = {
        name: brier_difference(came, score.chance, other, seed=_SEED)
        for name, other in others.items()
        if other is not None
    }
    shown, why = _shown(bond.method, better, len(came), len(windows))
    judged = Judged(
        until=until,
        horizon_days=horizon,
        n=len(came),
        base_rate=float(came.mean()),
        method=bond.method,
        shown=shown,
        why=why,
        bond=judge(came, score.chance, expected=float(score.purchases.sum()), made=made),
        recency=_judge_recency(came, signals, by_recency),
        bgnbd=judge(came, plain.chance, expected=float(plain.purchases.sum()), made=made),
        mbgnbd=judge(came, modified.chance, expected=float(modified.purchases.sum()), made=made),
        better_than=better,
        bins=bins_of(came, score.chance),
    )
    return judged, bond, signals, windows


def _shown(method: Method, better: dict[str, Difference], members: int, windows: int) -> tuple[str, str]:
    if method == "mbgnbd":
        return "mbgnbd", (
            f"There are {members:,} members and {windows} past windows; the bond needs {LEAST_MEMBERS} and "
            f"{LEAST_WINDOWS}, so the MBG/NBD alone is shown."
        )
    behind = [name for name in ("recency", "mbgnbd") if name in better and better[name].better_by <= 0]
    if behind:
        return "recency", f"Not proven: on this window the bond is no better than {' and '.join(behind)}."
    return "bond", "On this window the bond is better than recency and than the model alone."


def _judge_recency(came: Floats, signals: Signals, chance: Floats | None) -> Judgement:
    ranked = auc(came, -signals.silence)
    return Judgement(ranked) if chance is None else judge(came, chance)._replace(auc=ranked)


def _by_recency(windows: list[Past], signals: Signals, mean: float) -> Floats | None:
    """Chances by the time since the last purchase alone, at the bond's level: they differ in order only."""
    if not windows:
        return None
    fitted = fit_logit(
        [
            Window(np.log1p(one.signals.silence)[:, None], np.zeros(len(one.bought)), one.bought)
            for one in windows
        ]
    )
    log_odds = fitted.shares(np.log1p(signals.silence)[:, None])[:, 0]
    return np.asarray(expit(log_odds + level_for(log_odds, mean)), dtype=np.float64)
