"""What can go wrong with an expression: when it is written, and when it meets an event."""

from bondfire.errors import BadInput, BondfireError


class ExpressionError(BadInput):
    """The expression cannot be accepted; it names the place inside its source.

    Attributes:
        line: 1-based line inside the source of the expression.
        column: 1-based column, counted in characters.
    """

    code = "expression"

    def __init__(
        self, message: str, *, code: str, next_step: str = "", line: int = 1, column: int = 1
    ) -> None:
        super().__init__(message, next_step=next_step, code=code)
        self.line = line
        self.column = column


class Fault(Exception):
    """An ExpressionError that knows only an offset yet."""

    def __init__(self, message: str, offset: int, *, code: str = "type", next_step: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.code = code
        self.next_step = next_step

    def at(self, source: str) -> ExpressionError:
        """The same with line and column."""
        line, column = position_of(source, self.offset)
        return ExpressionError(
            self.message, code=self.code, next_step=self.next_step, line=line, column=column
        )


class EvaluationError(BondfireError):
    """The expression has no value for these inputs: CEL's error.

    Attributes:
        path: what was read when it happened, such as `event.total`, or nothing.
        offset: place in the source, or -1 while unknown.
        line: 1-based line, 0 while unknown.
        column: 1-based column, 0 while unknown.
    """

    status = 422
    code = "evaluation"

    def __init__(self, message: str, *, code: str, path: str = "", next_step: str = "") -> None:
        super().__init__(message, code=code, next_step=next_step)
        self.path = path
        self.offset = -1
        self.line = 0
        self.column = 0


def position_of(source: str, offset: int) -> tuple[int, int]:
    """1-based line and column of an offset."""
    before = source[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1
