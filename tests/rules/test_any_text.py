"""Whatever somebody writes: an expression or a refusal with a place, never a crash, and never slow."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bondfire.rules import EvaluationError, ExpressionError, compile_expression
from rules.expressions import BOOLS, EXAMPLES
from rules.made import SHOP, purchase

NAMES = "event member event.total event.lines event.categories event.coupon l x has( size( in"
VALUES = "1 2 0 1.5 2u 0x1f 1e3 .5 'a' \"b\" b'c' r'd' true false null 9223372036854775808"
MARKS = "+ - * / % == != < <= > >= && || ! ? : . , ( ) [ ] { } ) ) ) ' \" ` \\ // \n # @ $ é = &"
CALLS = (
    ".map(l, .filter(l, .all(l, .exists( .sum() .matches( .startsWith( .getHours() .split( .join( .replace("
)
MORE = "int( decimal( string( dyn( type( floor( min( max( timestamp( duration("
WORDS = [word for words in (NAMES, VALUES, MARKS, CALLS, MORE) for word in words.split(" ")]
SOUP = st.lists(st.sampled_from(WORDS), max_size=25).map("".join)


def changed(text: str, place: int, letter: str) -> str:
    """The text with one character replaced."""
    place %= len(text)
    return text[:place] + letter + text[place + 1 :]


NEARLY = st.builds(changed, BOOLS, st.integers(0, 500), st.sampled_from("()[]{}.,'\"!&|=<>+-*/%?: 01abt_"))


def complaints_about(source: str) -> list[str]:
    """What is wrong with the refusal or the error that the source ends in."""
    try:
        expression = compile_expression(source, SHOP)
    except ExpressionError as refusal:
        placed = refusal.line <= source.count("\n") + 1 and 1 <= refusal.column <= len(source) + 1
        return [] if placed and refusal.code != ExpressionError.code else [f"{refusal!r} without a place"]
    try:
        expression.evaluate(purchase())
    except EvaluationError as error:
        return [] if error.line and error.code != EvaluationError.code else [f"{error!r} without a place"]
    return []


@settings(max_examples=4 * EXAMPLES, deadline=None)
@given(source=st.one_of(SOUP, NEARLY, st.text(max_size=40)))
def test_any_text_is_an_expression_or_a_refusal_with_a_place(source: str) -> None:
    assert complaints_about(source) == []
