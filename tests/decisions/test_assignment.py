"""Holdout and exploration are fixed by a hash, and every decision knows how likely it was."""

from collections import Counter
from fractions import Fraction

import pytest

from bondfire.decisions import BadDesign, Design, assign, check_design, is_held_out, propensity_of

DESIGN = Design("winter-1", Fraction(10, 100), Fraction(5, 100))
MEMBERS = [f"c-{number}" for number in range(4000)]


def test_a_member_stays_where_they_are_for_ever() -> None:
    known = {"c-1": False, "c-2": False, "c-9": False, "c-17": True}

    assert {member: is_held_out(DESIGN, member) for member in known} == known


def test_the_holdout_has_its_share_and_another_seed_another_holdout() -> None:
    held = {member for member in MEMBERS if is_held_out(DESIGN, member)}
    other = {member for member in MEMBERS if is_held_out(DESIGN._replace(seed="winter-2"), member)}

    assert 0.085 < len(held) / len(MEMBERS) < 0.115
    assert len(held & other) < len(held) / 4


def test_decisions_are_as_frequent_as_their_propensity_says() -> None:
    made = [assign(DESIGN, member, "d1", best="mail", candidates=["mail", "gift"]) for member in MEMBERS]
    counted = Counter(one.action for one in made)

    for action in ("mail", "gift", "nothing"):
        likely = propensity_of(DESIGN, action, best="mail", candidates=["mail", "gift"])
        assert abs(counted[action] / len(MEMBERS) - likely) < 0.015
        assert {one.propensity for one in made if one.action == action} == {likely}
    assert {one.why for one in made} == {"holdout", "explored", "chosen"}


def test_propensities_add_up_to_one_and_what_cannot_happen_has_none() -> None:
    likely = [
        propensity_of(DESIGN, one, best="mail", candidates=["gift"]) for one in ("mail", "gift", "nothing")
    ]

    assert sum(likely) == 1
    assert propensity_of(DESIGN, "car", best="mail", candidates=["gift"]) == 0


def test_asking_twice_answers_the_same_and_the_holdout_gets_nothing() -> None:
    first = assign(DESIGN, "c-17", "d1", best="mail", candidates=["mail"])

    assert first == assign(DESIGN, "c-17", "d1", best="mail", candidates=["mail"])
    assert (first.action, first.why) == ("nothing", "holdout")


@pytest.mark.parametrize(
    "design",
    [
        DESIGN._replace(holdout=Fraction(1)),
        DESIGN._replace(explored=Fraction(1, 100)),
        DESIGN._replace(explored=Fraction(6, 100)),
    ],
)
def test_a_design_that_teaches_nothing_or_costs_too_much_is_refused(design: Design) -> None:
    with pytest.raises(BadDesign):
        check_design(design)
