"""`bondfire check`: everything that is wrong with a programme, each with its place in the document."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from bondfire.cli.endings import DONE, REFUSED
from bondfire.cli.options import AsJson
from bondfire.cli.output import count, print_json
from bondfire.errors import BadInput

if TYPE_CHECKING:
    from bondfire.programs import Problem, Report

ProgramFile = Annotated[Path, Parameter(help="The programme document, YAML or JSON.")]


def check(program: ProgramFile, /, *, as_json: AsJson = False) -> int:
    """Check a programme and say everything that is wrong with it.

    Each mistake comes with file, line and column, the line itself, and what to do next. The exit code is
    1 when there is one.

    Example: bondfire check summer.yaml
    """
    from bondfire.programs import check_program

    text = read_document(program)
    report = check_program(text, name=str(program))
    if as_json:
        print_json(report.as_dict())
    else:
        print("\n".join(report_lines(report, text)))
    return DONE if report.program is not None else REFUSED


def read_document(program: Path) -> bytes:
    """The bytes of a programme document.

    Raises:
        BadInput: the file is not there or cannot be read.
    """
    try:
        return program.read_bytes()
    except OSError as reason:
        raise BadInput(
            f"{program} cannot be read: {reason.strerror}.", next_step="Check the path.", code="no_such_file"
        ) from None


def report_lines(report: "Report", document: bytes) -> list[str]:
    """What was found, for people: place, message, the line with a caret, the next step."""
    source = document.decode("utf-8", "replace").splitlines()
    lines: list[str] = []
    for word, found in (("error", report.problems), ("warning", report.warnings), ("note", report.notes)):
        lines += _finding_lines(word, found, source)
    if report.program is None:
        lines.append(f"{count(len(report.problems), 'problem')}: it cannot be published.")
    else:
        program = report.program
        held = [
            count(len(program.rules), "rule"),
            count(len(program.units), "unit"),
            count(len(program.tier_sets), "tier set"),
        ]
        lines.append(f"{program.name} can be published: {', '.join(held)}.")
    return lines


def _finding_lines(word: str, found: "Sequence[Problem]", source: Sequence[str]) -> list[str]:
    lines = []
    for problem in found:
        lines.append(
            f"{problem.path}:{problem.line}:{problem.column}: {word}: {problem.message} [{problem.code}]"
        )
        if 0 < problem.line <= len(source):
            lines += excerpt(source[problem.line - 1], problem.line, problem.column)
        if problem.next_step:
            lines.append(f"    {problem.next_step}")
        lines.append("")
    return lines


def excerpt(text: str, line: int, column: int, *, width: int = 100) -> list[str]:
    """One line of source and a caret under a column; of a long line the part around it."""
    start = max(0, column - 1 - width * 2 // 3) if len(text) > width else 0
    shown = text[start : start + width]
    margin = f"{line:>5} | "
    under = "".join("\t" if sign == "\t" else " " for sign in shown[: column - 1 - start])
    return [f"{margin}{shown}", f"{' ' * (len(margin) - 2)}| {under}^"]
