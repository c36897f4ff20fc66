"""The document is read exactly, with places, in YAML and JSON, and within limits."""

import json
from decimal import Decimal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bondfire.programs.reader import Scalar, Table, UnreadableDocument, as_plain, read_document
from programs.documents import DOCUMENT, SKETCH, only_problem, problems_of, program, rule

HOSTILE = {
    "not YAML": ("units: [", "not_yaml", (1, 9)),
    "a key given twice": ("a: 1\nb: 2\na: 3\n", "duplicate_key", (3, 1)),
    "an object": ("a: !!python/object/apply:os.system [x]\n", "bad_tag", (1, 4)),
    "a tag of our own": ("a: !secret x\n", "bad_tag", (1, 4)),
    "an alias inside itself": ("a: &x [*x]\n", "bad_alias", (1, 8)),
    "an alias of nothing": ("a: *x\n", "bad_alias", (1, 4)),
    "a key that is a list": ("? [a]\n: 1\n", "bad_key", (1, 3)),
    "two documents": ("a: 1\n---\nb: 2\n", "two_documents", (2, 1)),
    "nothing": ("# only a comment\n", "empty", (1, 1)),
    "a control character": ("a: b\x07\n", "not_yaml", (1, 5)),
    "too deep": ("[" * 5000, "too_deep", (1, 26)),
    "too many values": ("[" + "1," * 20_001 + "]", "too_large", (1, 40_000)),
    "too long": ("#" * 1_000_001, "too_large", (1, 1)),
    "not UTF-8": (b"a: b\nc: \xff\n", "not_utf8", (2, 1)),
}


@pytest.mark.parametrize(("text", "code", "place"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_document_is_refused_at_its_place(
    text: str | bytes, code: str, place: tuple[int, int]
) -> None:
    with pytest.raises(UnreadableDocument) as refused:
        read_document(text)
    assert refused.value.code == code
    assert (refused.value.line, refused.value.column) == place
    problem = only_problem(text)
    assert (problem.code, problem.line, problem.column) == (code, *place)
    assert problem.next_step


def test_a_bomb_of_aliases_is_refused_before_it_unrolls() -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in range(1, 12):
        bomb += f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n"
    assert only_problem(bomb).code == "too_large"


def test_an_alias_stands_for_what_it_names() -> None:
    assert as_plain(read_document("a: &x {b: 1}\nc: *x\n")) == {"a": {"b": 1}, "c": {"b": 1}}


def test_numbers_are_exact_and_words_stay_words() -> None:
    plain = as_plain(read_document("a: 0.1\nb: no\nc: 12:30\nd: 2026-12-01\non: 7\ne: 1e9\nf: ~\ng: 010\n"))
    assert plain == {
        "a": Decimal("0.1"),
        "b": "no",
        "c": "12:30",
        "d": "2026-12-01",
        "on": 7,
        "e": "1e9",
        "f": None,
        "g": 10,
    }
    assert isinstance(plain["a"], Decimal)


def test_json_is_read_like_yaml_also_with_tabs_and_escapes() -> None:
    plain = as_plain(read_document(SKETCH))
    text = json.dumps(plain, indent="\t", default=str)
    assert program(text).digest == program(SKETCH).digest
    odd = '{\n\t"a":\t"\\ud83d\\udd25 \\u00e9 \\/ \\" \\n",\n\t"b": [1.50, true, null]\n}'
    assert as_plain(read_document(odd)) == {"a": '🔥 é / " \n', "b": [Decimal("1.50"), True, None]}


def test_a_mistake_in_json_has_its_place() -> None:
    text = json.dumps(as_plain(read_document(DOCUMENT)), indent=2, default=str)
    problem = only_problem(text.replace('"floor(event.total)"', '"floor(event.totl)"', 1))
    line = text.splitlines()[problem.line - 1]
    assert line.index("event.total") + len("event.") + 1 == problem.column


def test_layout_and_comments_do_not_change_the_digest() -> None:
    other = "# a comment\n" + DOCUMENT.replace("{qualifying: true}", "\n    qualifying: true")
    assert program(other).digest == program().digest
    assert program(DOCUMENT.replace("24 months", "23 months")).digest != program().digest


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        (["when: event.total > 1 && event.totl > 2"], (17, 36)),
        (["when: 'event.order == ''x'' && event.totl > 2'"], (17, 42)),
        (['when: "event.order == \\"x\\" && event.totl > 2"'], (17, 42)),
        (["when: event.total > 1 &&", "  event.totl > 2"], (18, 13)),
        (["when: >-", "  event.total > 1 &&", "  event.totl > 2"], (19, 13)),
        (["when: |", "  event.total > 1 &&", "", "    event.totl > 2"], (20, 15)),
        (["when: 'event.total > 1", "", "  && event.totl > 2'"], (19, 16)),
        (['when: "event.total > 1 \\', '  && event.totl > 2"'], (18, 16)),
    ],
)
def test_a_place_inside_an_expression_is_its_place_in_the_file(
    lines: list[str], place: tuple[int, int]
) -> None:
    problem = only_problem(rule(*lines))
    assert (problem.code, problem.line, problem.column) == ("unknown_field", *place)
    assert rule(*lines).splitlines()[place[0] - 1][place[1] - 1 :].startswith("totl")


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn"]), max_size=60),
    st.sampled_from(["'", '"', None, "|", ">"]),
    st.sampled_from([20, 4096]),
)
def test_every_letter_of_a_scalar_is_found_where_it_stands(text: str, style: str | None, width: int) -> None:
    dumped = yaml.dump({"a": text}, default_style=style, allow_unicode=True, width=width)
    document = read_document(dumped)
    assert isinstance(document, Table)
    scalar = document.entries["a"][1]
    assert isinstance(scalar, Scalar)
    rows = dumped.split("\n")
    for row, line in enumerate(scalar.text.split("\n")):
        for column, letter in enumerate(line):
            at = scalar.place_of(row + 1, column + 1)
            assert letter.isspace() or rows[at[0] - 1][at[1] - 1] in (letter, "\\")


def test_garbage_never_crashes_the_check() -> None:
    for cut in range(0, len(SKETCH), 7):
        problems_of(SKETCH[:cut] + "\x00" + SKETCH[cut:])
        problems_of(SKETCH[:cut])
