"""What can be wrong with an event or a file of events: the field, a stable code and the next step."""

from collections.abc import Mapping, Sequence
from typing import Self

from bondfire.errors import BadInput


class EventError(BadInput):
    """One field of an event cannot be accepted.

    Attributes:
        field: where it is, such as `lines[2].amount`; empty for the event as a whole.
        problem: the sentence after the field's name, such as "is missing."
    """

    code = "bad_event"

    def __init__(self, problem: str, *, code: str, next_step: str = "", field: str = "") -> None:
        super().__init__("", next_step=next_step, code=code)
        self.problem = problem
        self.field = field
        self._say()

    def within(self, outer: str) -> Self:
        """The same error seen from one level further out."""
        joint = "." if self.field and not self.field.startswith("[") else ""
        self.field = f"{outer}{joint}{self.field}"
        self._say()
        return self

    def _say(self) -> None:
        self.message = f"{self.field or 'The event'} {self.problem}"

    def as_dict(self) -> dict[str, str]:
        """The refusal for JSON output, with the field."""
        return {**super().as_dict(), "field": self.field}

    def details(self) -> Sequence[Mapping[str, object]]:
        """The field that is wrong."""
        return [self.as_dict()] if self.field else []


class FileError(BadInput):
    """A file of events cannot be read at all."""

    code = "bad_file"


class CatalogueError(BadInput):
    """A declared event type or attribute does not fit the catalogue."""

    code = "bad_catalogue"
