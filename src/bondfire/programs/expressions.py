"""Compiles the expressions of a document and says of each mistake where in the file it stands."""

import re
from collections.abc import Iterator
from typing import Final

from bondfire.programs.environment import environment_of
from bondfire.programs.findings import Place, suggest
from bondfire.programs.reader import Scalar
from bondfire.programs.scope import Scope
from bondfire.rules import Expression, ExpressionError, Type, compile_expression

_DECLARE: Final = {"unknown_field": "Declare it in the section events or member, or correct its name."}
_TEXT: Final = r"'[^'\\]*'|\"[^\"\\]*\""
_TIER_THEN_TEXT: Final = re.compile(rf"member\.tiers\.(\w+)\s*(?:[=!]=|in)\s*(\[[^\]]*\]|{_TEXT})")
_TEXT_THEN_TIER: Final = re.compile(rf"({_TEXT})\s*[=!]=\s*member\.tiers\.(\w+)")


def compile_at(
    place: Place, scope: Scope, on: str, *, expects: Type | None, line: bool = False
) -> Expression | None:
    """The expression at a place, or None after recording its mistake.

    Args:
        place: a scalar with the source.
        scope: the programme's names.
        on: the event type it looks at.
        expects: what it must give; None for anything.
        line: whether it may look at one `line` of an order.
    """
    scalar = place.node
    if not isinstance(scalar, Scalar):
        return None
    try:
        expression = compile_expression(scalar.text, environment_of(scope, on, line=line), expects=expects)
    except ExpressionError as error:
        at = scalar.place_of(error.line, error.column)
        step = error.next_step or _DECLARE.get(error.code, "")
        place.refuse(error.code, f"{place.where}: {error.message}", step, at=at)
        return None
    for offset, tier_set, tier in _tiers_named(scalar.text):
        known = (
            [each.name for each in scope.tier_sets[tier_set].tiers] if tier_set in scope.tier_sets else [tier]
        )
        if tier not in known:
            row = scalar.text.count("\n", 0, offset) + 1
            column = offset - scalar.text.rfind("\n", 0, offset)
            place.warn(
                "unknown_tier",
                f"{place.where}: the tier set {tier_set!r} has no tier {tier!r}, so this is never equal.",
                suggest(tier, known),
                at=scalar.place_of(row, column),
            )
    return expression


def _tiers_named(source: str) -> Iterator[tuple[int, str, str]]:
    """Offset, tier set and tier of each comparison of a member's tier with a word."""
    for match in _TIER_THEN_TEXT.finditer(source):
        for text in re.finditer(_TEXT, match[2]):
            yield match.start(2) + text.start(), match[1], text[0][1:-1]
    for match in _TEXT_THEN_TIER.finditer(source):
        yield match.start(1), match[2], match[1][1:-1]
