"""What can be wrong with a programme document, and where; and what can be refused when it is published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bondfire.errors import BadInput, Conflict, NotFound


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake, warning or note about a place in a programme document.

    Attributes:
        path: the file.
        line, column: where in the file, both from 1.
        where: the key it is about, such as `earn.base.cap`.
        code: stable word for programs.
        message: one sentence for people.
        next_step: what to do about it.
    """

    path: str
    line: int
    column: int
    where: str
    code: str
    message: str
    next_step: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.message} {self.next_step}".strip()

    def as_dict(self) -> dict[str, str | int]:
        """The problem for JSON output."""
        return {
            "path": self.path,
            "line": self.line,
            "column": self.column,
            "where": self.where,
            "code": self.code,
            "message": self.message,
            "next_step": self.next_step,
        }


class ProgramError(BadInput):
    """A programme document that cannot be published; it carries all its problems at once."""

    code = "bad_program"

    def __init__(self, problems: Sequence[Problem]) -> None:
        first, *others = problems
        more = f" ({len(others)} more {'problem' if len(others) == 1 else 'problems'})" if others else ""
        super().__init__(
            f"{first.path}:{first.line}:{first.column}: {first.message}{more}",
            next_step=first.next_step or "Correct it and check again.",
        )
        self.problems = tuple(problems)

    def details(self) -> Sequence[Mapping[str, object]]:
        """Every problem with its place."""
        return [problem.as_dict() for problem in self.problems]


class PublishError(Conflict):
    """A version that would change what has already been decided."""

    code = "valid_too_early"


class NoProgram(NotFound):
    """The brand is unknown or has no published programme."""

    code = "no_program"
