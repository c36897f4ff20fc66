"""L21: a correction by hand has a reason and an actor, above a limit a second person, and is an entry."""

import pytest

from acceptance.makers import PLAIN, adjusted, balances, order, program, published, reason, told
from bondfire.events import EventError
from bondfire.ledger import Kind

FOUR_EYES = PLAIN + "adjustments: {approval_above: {points: 50}}\n"
EARNED = order("1", "2026-01-10", "100.00")


@pytest.mark.parametrize("field", ["reason", "actor"])
def test_l21_a_correction_without_reason_or_actor_is_refused_at_the_door(field: str) -> None:
    sent = {name: value for name, value in adjusted("a", "2026-01-11", "5").items() if name != field}

    with pytest.raises(EventError) as caught:
        told(program(), EARNED, sent)

    assert (caught.value.code, caught.value.field) == ("missing_field", field)


@pytest.mark.parametrize("amount", ["50", "-50"])
def test_l21_up_to_the_limit_one_person_is_enough(amount: str) -> None:
    tale = told(program(FOUR_EYES), EARNED, adjusted("a", "2026-01-11", amount))

    assert (tale.last.outcome, len(tale.last.entries)) == ("accepted", 1)


@pytest.mark.parametrize("amount", ["51", "-51"])
def test_l21_above_the_limit_one_person_is_not_enough_and_nothing_moves(amount: str) -> None:
    tale = told(program(FOUR_EYES), EARNED, adjusted("a", "2026-01-11", amount))

    assert (tale.last.outcome, tale.last.code, tale.last.entries) == ("refused", "needs_approval", [])
    assert "50" in tale.last.message
    assert "approver" in tale.last.next_step
    assert balances(tale) == {"issued": 100, "active": 100}


def test_l21_above_the_limit_a_second_person_approves_and_the_books_say_who() -> None:
    tale = told(program(FOUR_EYES), EARNED, adjusted("a", "2026-01-11", "-51", approver="bea"))

    assert [entry.kind for entry in tale.last.entries] == [Kind.ADJUST]
    why = reason(tale.last, "adjusted")
    assert (why.note, why.values) == ("goodwill", {"actor": "ada", "approver": "bea"})
    assert balances(tale) == {"issued": 100, "active": 49, "clawed_back": 51}


@pytest.mark.parametrize("approver", ["ada", "Ada", " ADA "])
def test_l21_nobody_approves_their_own_correction(approver: str) -> None:
    with pytest.raises(EventError) as caught:
        told(program(FOUR_EYES), EARNED, adjusted("a", "2026-01-11", "-51", approver=approver))

    assert (caught.value.code, caught.value.field) == ("same_person", "approver")


def test_l21_without_a_limit_one_person_is_always_enough() -> None:
    tale = told(program(), EARNED, adjusted("a", "2026-01-11", "100000"))

    assert balances(tale) == {"issued": 100_100, "active": 100_100}


def test_l21_the_limit_is_that_of_the_version_valid_then() -> None:
    tale = told(
        published(("", PLAIN), ("2026-02-01", FOUR_EYES)),
        EARNED,
        adjusted("a", "2026-01-31 23:59", "51"),
        adjusted("b", "2026-02-02", "51"),
    )

    assert [one.code for one in tale.decisions] == ["", "", "needs_approval"]


def test_l21_a_correction_is_an_entry_and_leaves_what_it_corrects_as_it_was() -> None:
    tale = told(program(), EARNED, adjusted("a", "2026-01-11", "-30"), adjusted("b", "2026-01-12", "30"))

    assert [(one.kind, int(one.amount)) for one in tale.entries] == [
        ("earn", 100),
        ("adjust", 30),
        ("earn", 30),
    ]
    assert [one.event for one in tale.entries] == ["ord-1", "a", "b"]
    assert balances(tale) == {"issued": 130, "active": 100, "clawed_back": 30}
