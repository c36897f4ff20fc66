"""A programme adds event types and attributes; the built-in ones stay as they are."""

from decimal import Decimal

import pytest

from bondfire.events import CATALOGUE, Catalogue, CatalogueError, EventType, Field
from events.makers import from_journal, parsed, raw, refusal

QUIZ = {
    "score": Field("decimal", "How well.", "required", decimals=1),
    "day": Field("date"),
    "level": Field("enum", values=("easy", "hard")),
    "won": Field("boolean"),
    "rounds": Field("integer", minimum=1),
    "ended_at": Field("time"),
    "answers": Field("map"),
    "note": Field("string", personal=True),
}


def with_quiz(**fields: Field) -> Catalogue:
    return CATALOGUE.with_types({"quiz.finished": EventType("", "A quiz.", {**QUIZ, **fields})})


def test_each_built_in_type_says_what_it_is() -> None:
    assert len(CATALOGUE.types) == 53
    for declared in CATALOGUE.types.values():
        assert declared.doc.endswith(".")
        assert all(spec.doc.endswith(".") for spec in declared.fields.values())


def test_what_is_free_for_the_member_is_known() -> None:
    costs = {declared.cost: name for name, declared in CATALOGUE.types.items()}
    assert set(costs) == {"money", "effort", "free"}
    assert [name for name, declared in CATALOGUE.types.items() if declared.cost == "money"] == [
        "order.placed"
    ]


def test_a_programmes_own_event_is_read_like_a_built_in_one() -> None:
    # given a type with a field of each kind
    catalogue = with_quiz()
    sent = raw(
        "quiz.finished",
        score="7.50",
        day="2026-02-28",
        level="hard",
        won=True,
        rounds=3,
        ended_at="2026-03-02T13:00:00+01:00",
        answers={"b": "2", "a": ""},
        note="mine",
    )
    # when it is read
    event = parsed(sent, catalogue)
    # then each value is one that rules can use, and what is personal is apart
    assert event.body["score"] == Decimal("7.5")
    assert event.body["day"] == "2026-02-28"
    assert event.body["ended_at"] == event.occurred_at
    assert list(event.body["answers"]) == ["a", "b"]  # type: ignore[call-overload]  # a map
    assert event.personal == {"note": "mine"}
    assert from_journal(event, catalogue) == event


@pytest.mark.parametrize(
    ("fields", "code", "where"),
    [
        ({"score": "7.55"}, "bad_amount", "score"),
        ({"score": 1, "day": "2026-02-30"}, "bad_date", "day"),
        ({"score": 1, "day": "2 March"}, "bad_date", "day"),
        ({"score": 1, "won": 1}, "wrong_kind", "won"),
        ({"score": 1, "rounds": 0}, "out_of_range", "rounds"),
        ({"score": 1, "answers": ["a"]}, "wrong_kind", "answers"),
        ({"score": 1, "answers": {"a": 1}}, "wrong_kind", "answers.a"),
        ({"score": 1, "answers": {str(number): "" for number in range(101)}}, "too_many", "answers"),
        ({}, "missing_field", "score"),
        ({"score": 1, "scor": 1}, "unknown_field", "scor"),
    ],
)
def test_a_programmes_own_event_is_checked(fields: dict[str, object], code: str, where: str) -> None:
    assert refusal(raw("quiz.finished", **fields), with_quiz())[:2] == (code, where)


def test_null_in_a_programmes_own_field_is_a_value() -> None:
    event = parsed({**raw("quiz.finished", score=1), "won": None}, with_quiz())
    assert event.body["won"] is None
    assert from_journal(event, with_quiz()) == event
    assert refusal({**raw("quiz.finished"), "score": None}, with_quiz())[:2] == ("missing_field", "score")


@pytest.mark.parametrize(
    "types",
    [
        {"quiz": EventType("", "", {})},
        {"Quiz.done": EventType("", "", {})},
        {"order.placed": EventType("", "", {})},
        {"quiz.done": EventType("", "", {"id": Field("string")})},
        {"quiz.done": EventType("", "", {"No Name": Field("string")})},
        {"quiz.done": EventType("", "", {"level": Field("enum")})},
        {"quiz.done": EventType("", "", {"age": Field("integer", personal=True)})},
        {"quiz.done": EventType("", "", {"made": Field("string", presence="derived")})},
        {"quiz.done": EventType("", "", {"rows": Field("records", fields={"No": Field("string")})})},
        {
            "quiz.done": EventType(
                "", "", {"rows": Field("records", fields={"no": Field("string", personal=True)})}
            )
        },
    ],
)
def test_a_type_that_cannot_be_is_refused(types: dict[str, EventType]) -> None:
    with pytest.raises(CatalogueError) as caught:
        CATALOGUE.with_types(types)
    assert caught.value.next_step
    assert "quiz.done" not in CATALOGUE.types


def test_attributes_are_those_that_the_programme_declares() -> None:
    # given a programme that knows a member's city, birthday and e-mail
    catalogue = CATALOGUE.with_attributes(
        {
            "city": Field("string", presence="required"),
            "birthday": Field("date"),
            "email": Field("string", personal=True),
        }
    )
    # when some of them are told
    event = parsed(raw("member.updated", attributes={"birthday": None, "email": "a@example.org"}), catalogue)
    # then null stays null, what is personal is apart, and no attribute must be there
    assert event.body["attributes"] == {"birthday": None}
    assert event.personal == {"attributes.email": "a@example.org"}
    assert from_journal(event, catalogue) == event
    code, where, text = refusal(raw("member.joined", attributes={"town": "Kiel", "citi": "x"}), catalogue)
    assert (code, where) == ("unknown_field", "attributes.town")
    assert "birthday, city, email" in text


def test_a_personal_attribute_is_forgotten_by_null() -> None:
    catalogue = CATALOGUE.with_attributes({"email": Field("string", personal=True)})
    event = parsed(raw("member.updated", attributes={"email": None}), catalogue)
    assert event.body["attributes"] == {}
    assert event.personal == {"attributes.email": ""}
