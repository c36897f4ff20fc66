"""Collects everything that is to say about a document while it is read, each with its place."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from bondfire.kit import nearest
from bondfire.programs.errors import Problem
from bondfire.programs.reader import Node, Scalar


@dataclass(slots=True)
class Findings:
    """What was found in one file: `problems` forbid publishing, `warnings` and `notes` do not."""

    path: str
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Place:
    """A key of the document with its value: where something can be said.

    Attributes:
        where: the path of keys, such as `earn.base.cap`.
        node: the value.
        key: the key it stands under, if it has one.
    """

    findings: Findings
    where: str
    node: Node
    key: Scalar | None = None

    def refuse(
        self, code: str, message: str, next_step: str = "", *, at: tuple[int, int] | None = None
    ) -> None:
        """Record a mistake here."""
        self.findings.problems.append(self._problem(code, message, next_step, at))

    def warn(
        self, code: str, message: str, next_step: str = "", *, at: tuple[int, int] | None = None
    ) -> None:
        """Record a doubt that does not forbid publishing."""
        self.findings.warnings.append(self._problem(code, message, next_step, at))

    def note(self, code: str, message: str, next_step: str = "") -> None:
        """Record what the reader should know."""
        self.findings.notes.append(self._problem(code, message, next_step, self.head.position))

    def unknown(self, kind: str, name: str, known: Iterable[str]) -> None:
        """Record that a name means nothing, with the nearest that does."""
        self.refuse(
            f"unknown_{kind.replace(' ', '_')}", f"{self.where}: no {kind} {name!r}.", suggest(name, known)
        )

    @property
    def position(self) -> tuple[int, int]:
        """Line and column of the value, from 1."""
        return self.node.line, self.node.column

    @property
    def head(self) -> "Place":
        """The key itself, for what is said about the entry as a whole."""
        return Place(self.findings, self.where, self.key, self.key) if self.key else self

    def under(self, key: Scalar, value: Node) -> "Place":
        """The place of a key below this one."""
        return Place(self.findings, f"{self.where}.{key.text}" if self.where else key.text, value, key)

    def item(self, index: int, value: Node) -> "Place":
        """The place of an item of the list here, counted from 0."""
        return Place(self.findings, f"{self.where}[{index}]", value, self.key)

    def _problem(self, code: str, message: str, next_step: str, at: tuple[int, int] | None) -> Problem:
        line, column = at or self.position
        return Problem(self.findings.path, line, column, self.where, code, message, next_step)


@dataclass(frozen=True, slots=True)
class Fields:
    """What was read of a mapping: only keys that are there and could be read."""

    place: Place
    values: dict[str, Any]
    places: dict[str, Place]

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a key, or the default when it is absent or could not be read."""
        return self.values.get(key, default)


def suggest(name: str, known: Iterable[str]) -> str:
    """The nearest known name as a question, else the list of known names."""
    known = sorted(known)
    best = nearest(name, known)
    if best:
        return f"Did you mean {best!r}?"
    return f"Known are: {', '.join(known)}." if 0 < len(known) <= 20 else "Check the spelling."
