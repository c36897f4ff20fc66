"""The compiled function says what the interpreter says, and both say what Google's CEL says."""

from collections.abc import Mapping
from typing import Any

from cel_expr_python import cel
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bondfire.rules import Environment, EvaluationError, Expression, compile_expression
from bondfire.rules.values import kind_of
from rules.expressions import BOOLS, EXAMPLES, MEMBER, NUMBERS, PLAIN_BOOLS, ROWS, SEGMENTS

MODEST = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def rows_with_nulls(draw: st.DrawFn) -> Mapping[str, Any]:
    """Members of which some fields are missing and some are null."""
    row: Mapping[str, Any] = draw(ROWS)
    nulls = draw(
        st.sets(st.sampled_from(["visits", "rank", "spent", "name", "vip", "tags", "scores", "stay"]))
    )
    return {**row, "member": {**row["member"], **dict.fromkeys(nulls)}}


def outcome(expression: Expression, row: Mapping[str, Any], *, exactly: bool) -> tuple[str, object]:
    """Kind and value, or the code of the error and its place."""
    try:
        value = (expression.exactly if exactly else expression.evaluate)(row)
    except EvaluationError as error:
        return "error", (error.code, error.line, error.column, error.path)
    return kind_of(value), value


@MODEST
@given(source=st.one_of(BOOLS, NUMBERS), row=rows_with_nulls())
def test_the_compiled_function_and_the_interpreter_agree(source: str, row: Mapping[str, Any]) -> None:
    expression = compile_expression(source, SEGMENTS)

    assert outcome(expression, row, exactly=False) == outcome(expression, row, exactly=True)


PLAIN = Environment(
    {name: kind for name, kind in [*MEMBER.items(), *SEGMENTS.variables.items()] if name != "member"},
    specification=True,
)
GOOGLE_NAMES = frozenset({"visits", "rank", "s", "name", "t", "vip", "tags", "scores"})
GOOGLE = cel.NewEnv(
    variables={
        **dict.fromkeys(("visits", "rank", "s"), cel.Type.INT),
        **dict.fromkeys(("name", "t"), cel.Type.STRING),
        "vip": cel.Type.BOOL,
        "tags": cel.Type.List(cel.Type.STRING),
        "scores": cel.Type.List(cel.Type.INT),
    }
)


@MODEST
@given(source=PLAIN_BOOLS, row=ROWS)
def test_the_compiled_function_and_google_agree(source: str, row: Mapping[str, Any]) -> None:
    given_values = {**row["member"], **{name: row[name] for name in ("t", "s") if name in row}}
    known = {name: value for name, value in given_values.items() if name in GOOGLE_NAMES}

    theirs = GOOGLE.compile(source).eval(data=known)
    ours = outcome(compile_expression(source, PLAIN), known, exactly=False)

    if ours[0] == "error":
        assert theirs.type() in (cel.Type.ERROR, cel.Type.UNKNOWN), (source, known)
    else:
        assert theirs.value() is ours[1], (source, known)
