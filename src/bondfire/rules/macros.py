"""The macros of CEL: which names they have and what tree they become."""

from typing import Final

from bondfire.rules.errors import Fault
from bondfire.rules.lexer import Token
from bondfire.rules.syntax import Macro, Name, Node

MACRO_NAMES: Final = frozenset(
    {"all", "exists", "exists_one", "existsOne", "filter", "map", "transformList", "transformMap"}
)
_CONDITIONS: Final = {"all": "all", "exists": "exists", "exists_one": "exists_one", "existsOne": "exists_one"}


def macro(token: Token, target: Node, arguments: tuple[Node, ...]) -> Macro | None:
    """The macro of that name, or None when the number of arguments says it is an ordinary method.

    Raises:
        Fault: a variable that is not a plain name.
    """
    shape = _shape(token.text, len(arguments))
    if shape is None:
        return None
    kind, variables, parts = shape
    names = tuple(_variable(argument) for argument in arguments[:variables])
    if len(set(names)) < len(names):
        raise Fault("The two variables have the same name.", arguments[1].offset, code="syntax")
    given = dict(zip(parts, arguments[variables:], strict=True))
    return Macro(
        offset=token.offset,
        kind=kind,
        target=target,
        variables=names,
        condition=given.get("condition"),
        result=given.get("result"),
    )


def _shape(name: str, count: int) -> tuple[str, int, tuple[str, ...]] | None:
    """Kind, number of variables and what the other arguments are."""
    if name in _CONDITIONS and count in (2, 3):
        return _CONDITIONS[name], count - 1, ("condition",)
    if name == "filter" and count == 2:
        return "filter", 1, ("condition",)
    variables = 1 if name == "map" else 2
    kind = "map_of" if name == "transformMap" else "map"
    if name in ("map", "transformList", "transformMap") and count == variables + 1:
        return kind, variables, ("result",)
    if name in ("map", "transformList", "transformMap") and count == variables + 2:
        return kind, variables, ("condition", "result")
    return None


def _variable(node: Node) -> str:
    if not isinstance(node, Name) or node.root:
        raise Fault(
            "A macro's variable must be a plain name.",
            node.offset,
            code="syntax",
            next_step="Write it like event.lines.exists(line, line.amount > 10).",
        )
    return node.name
