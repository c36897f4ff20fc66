"""Nothing is always a candidate, and a budget is never exceeded."""

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bondfire.decisions import (
    DO_NOTHING,
    NOTHING,
    BadCandidate,
    Candidate,
    check_candidates,
    choose,
    fill_budget,
    worth_doing,
)


def candidate(action: str, net: str, cost: str, lower: str | None = None) -> Candidate:
    return Candidate(action, Decimal(net), Decimal(lower if lower is not None else net), Decimal(cost))


def test_an_action_that_may_be_worth_nothing_is_not_done() -> None:
    assert choose([candidate("mail", "3.00", "1", lower="-0.01")]) == DO_NOTHING
    assert choose([candidate("mail", "3.00", "1", lower="0")]) == DO_NOTHING
    assert choose([]) == DO_NOTHING


def test_without_a_budget_the_highest_net_is_chosen_and_ties_go_to_the_cheaper() -> None:
    mail, gift = candidate("mail", "2", "1"), candidate("gift", "3", "9")

    assert choose([mail, gift]) == gift
    assert choose([mail, candidate("call", "2", "0.5")]).action == "call"


def test_a_budget_goes_where_it_brings_most_and_upgrades_when_there_is_more() -> None:
    offered = {
        "ann": [candidate("mail", "2", "1"), candidate("gift", "5", "4")],
        "bob": [candidate("mail", "1.5", "1")],
    }

    assert [one.action for one in fill_budget(offered, Decimal(0)).values()] == [NOTHING, NOTHING]
    assert [one.action for one in fill_budget(offered, Decimal(1)).values()] == ["mail", NOTHING]
    assert [one.action for one in fill_budget(offered, Decimal(2)).values()] == ["mail", "mail"]
    assert [one.action for one in fill_budget(offered, Decimal(5)).values()] == ["gift", "mail"]


def test_what_is_free_and_worth_doing_is_done_without_a_budget() -> None:
    assert fill_budget({"ann": [candidate("thanks", "0.1", "0")]}, Decimal(0))["ann"].action == "thanks"


amounts = st.integers(1, 9).map(Decimal)
candidates = st.lists(
    st.builds(lambda net, cost: Candidate(f"a{net}{cost}", net, net, cost), amounts, amounts), max_size=3
)


@given(st.lists(candidates, min_size=1, max_size=4), st.integers(0, 20))
def test_a_budget_is_never_exceeded_and_misses_the_best_by_less_than_one_action(
    members: list[list[Candidate]], budget: int
) -> None:
    offered = {f"m{number}": some for number, some in enumerate(members)}

    chosen = fill_budget(offered, Decimal(budget))

    ways = product(*(worth_doing(some) for some in members))
    affordable = (way for way in ways if sum(one.cost for one in way) <= budget)
    best = max(sum(one.net for one in way) for way in affordable)
    dearest = max((one.net for some in members for one in some), default=Decimal(0))
    assert sum(one.cost for one in chosen.values()) <= budget
    assert sum(one.net for one in chosen.values()) >= best - dearest


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (candidate("mail", "1", "-1"), "costs less than 0"),
        (candidate("mail", "1", "1", lower="2"), "lower bound above"),
        (candidate(NOTHING, "1", "0"), "is not nothing"),
    ],
)
def test_a_candidate_that_cannot_be_meant_is_refused(bad: Candidate, said: str) -> None:
    with pytest.raises(BadCandidate) as refusal:
        check_candidates([bad])
    assert said in refusal.value.message
