"""Regular expressions that cannot run away: RE2's syntax as far as Python shares it, and a bound.

CEL asks for RE2, which takes linear time. Python backtracks, so what could take exponential time is
refused (a repeat or an alternative inside an unbounded repeat), and the rest counts in the cost bound:
each unbounded repeat multiplies by the length of the text.
"""

import importlib
import re
from functools import lru_cache
from typing import Any, Final

from bondfire.rules.errors import EvaluationError

_reader: Final[Any] = importlib.import_module("re._parser")
_REPEATS: Final = frozenset({"MAX_REPEAT", "MIN_REPEAT"})
_STEPS: Final = frozenset({"LITERAL", "NOT_LITERAL", "ANY", "IN", "AT", "RANGE", "CATEGORY", "NEGATE"})
_MANY: Final = 100


def _refused(reason: str) -> EvaluationError:
    return EvaluationError(f"This pattern {reason}.", code="invalid_pattern")


@lru_cache(maxsize=512)
def compiled(pattern: str) -> tuple[re.Pattern[str], int, int]:
    """The pattern, how many unbounded repeats it has, and the factor of its bounded ones.

    Raises:
        EvaluationError: no regular expression, or one that RE2 does not have or that is not safe.
    """
    text = _with_strict_end(pattern)
    try:
        tree = _reader.parse(text, re.ASCII)
        ready = re.compile(text, re.ASCII)
    except (re.error, RecursionError, OverflowError) as reason:
        raise _refused(f"is not a regular expression: {reason}") from None
    unbounded, factor = _weight(tree, inside=False)
    return ready, unbounded, factor


def _with_strict_end(pattern: str) -> str:
    r"""`$` is only the very end in RE2; in Python that is `\Z`."""
    out: list[str] = []
    here, in_class = 0, False
    while here < len(pattern):
        letter = pattern[here]
        width = 2 if letter == "\\" else 1
        in_class = (letter == "[" or in_class) and letter != "]"
        out.append(r"\Z" if letter == "$" and not in_class else pattern[here : here + width])
        here += width
    return "".join(out)


def _weight(tree: Any, *, inside: bool) -> tuple[int, int]:
    """Unbounded repeats and the factor of everything else in a sequence."""
    unbounded, factor = 0, 1
    for code, argument in tree:
        more, times = _weight_of(str(code), argument, inside=inside)
        unbounded += more
        factor *= times
    return unbounded, factor


def _weight_of(code: str, argument: Any, *, inside: bool) -> tuple[int, int]:
    if code in _STEPS:
        return 0, 1
    if code == "SUBPATTERN":
        return _weight(argument[3], inside=inside)
    if inside:
        raise _refused("has a repeat or an alternative inside a repeat, which can take very long")
    if code in _REPEATS:
        return _weight_of_repeat(*argument)
    if code == "BRANCH":
        weights = [_weight(branch, inside=False) for branch in argument[1]]
        return max(w[0] for w in weights), sum(w[1] for w in weights)
    raise _refused("uses a construct that RE2 does not have")


def _weight_of_repeat(low: int, high: int, body: Any) -> tuple[int, int]:
    if high <= _MANY:
        unbounded, factor = _weight(body, inside=False)
        return unbounded * high, int(factor) ** high * (high - low + 1)
    _weight(body, inside=True)
    return 1, 1


def matches(text: str, pattern: str) -> bool:
    """Whether some part of the text matches."""
    ready, unbounded, factor = compiled(pattern)
    if factor * (len(text) + 1) ** (unbounded + 1) > 10**9:
        raise _refused("could take too long on this text")
    return ready.search(text) is not None
