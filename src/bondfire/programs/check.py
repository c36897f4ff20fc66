"""Checks a programme document: all its mistakes at once, each with its place, or the programme."""

from dataclasses import dataclass
from hashlib import sha256

from bondfire.programs.document import DOCUMENT, read_program
from bondfire.programs.errors import Problem, ProgramError
from bondfire.programs.findings import Fields, Findings, Place
from bondfire.programs.model import Program
from bondfire.programs.reach import check_exposure, check_reach
from bondfire.programs.reader import UnreadableDocument, canonical_text, read_document


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in a document.

    Attributes:
        problems: mistakes that forbid publishing, in the order of the document.
        warnings: doubts that do not.
        notes: what its reader should know.
        program: the programme, or None when there are problems.
    """

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    notes: tuple[Problem, ...]
    program: Program | None

    def as_dict(self) -> dict[str, object]:
        """The report for JSON output."""
        return {
            "ok": self.program is not None,
            "problems": [problem.as_dict() for problem in self.problems],
            "warnings": [warning.as_dict() for warning in self.warnings],
            "notes": [note.as_dict() for note in self.notes],
        }


def check_program(text: str | bytes, *, name: str = "program.yaml", runs_challenges: bool = True) -> Report:
    """Read a document in YAML or JSON and say everything that is wrong with it.

    Args:
        text: the document; bytes must be UTF-8.
        name: the file's name, for messages.
        runs_challenges: False leaves them out, as the releases did that kept them and did not decide them.
    """
    findings = Findings(name)
    program = _read(text, findings, runs_challenges=runs_challenges)
    problems = _in_order(findings.problems)
    return Report(
        problems, _in_order(findings.warnings), _in_order(findings.notes), None if problems else program
    )


def load_program(text: str | bytes, *, name: str = "program.yaml", runs_challenges: bool = True) -> Program:
    """The programme of a document; arguments as of `check_program`.

    Raises:
        ProgramError: with all mistakes of the document.
    """
    report = check_program(text, name=name, runs_challenges=runs_challenges)
    if report.program is None:
        raise ProgramError(report.problems)
    return report.program


def _read(text: str | bytes, findings: Findings, *, runs_challenges: bool) -> Program | None:
    try:
        node = read_document(text)
    except UnreadableDocument as error:
        problem = Problem(
            findings.path, error.line, error.column, "", error.code, error.message, error.next_step
        )
        findings.problems.append(problem)
        return None
    fields = DOCUMENT.read(Place(findings, "", node))
    if not isinstance(fields, Fields):
        return None
    document = text if isinstance(text, str) else text.decode("utf-8-sig")
    program, _ = read_program(
        fields,
        document=document,
        digest=sha256(canonical_text(node).encode()).hexdigest(),
        runs_challenges=runs_challenges,
    )
    check_exposure(fields, program)
    check_reach(fields, program)
    return program


def _in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    """By place; the same mistake found twice (through an alias) is said once."""
    return tuple(
        sorted(dict.fromkeys(problems), key=lambda problem: (problem.line, problem.column, problem.code))
    )
