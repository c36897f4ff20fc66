"""A model as a file: one JSON object of numbers and words, so that nothing in it can run."""

from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from bondfire.errors import BondfireError


class Kept(Protocol):
    """What is kept says in which format."""

    @property
    def format(self) -> str:
        """The name and version of the format."""


Model = TypeVar("Model", bound=Kept)


def save_model(model: Kept, path: Path) -> None:
    """Write a model as one JSON file, whole or not at all."""
    draft = path.with_name(f".{path.name}.part")
    draft.write_bytes(msgspec.json.encode(model))
    draft.replace(path)


def load_model(path: Path, kind: type[Model], *, form: str, name: str, refusal: type[BondfireError]) -> Model:
    """Read a model.

    Args:
        path: the file.
        kind: what it should hold.
        form: the format that can be read.
        name: what people call it; `bondfire <first word> fit` makes one.
        refusal: raised when the file is something else, or of another format.
    """
    command = f"bondfire {name.split(maxsplit=1)[0]} fit"
    try:
        model = msgspec.json.decode(path.read_bytes(), type=kind)
    except msgspec.DecodeError as error:
        raise refusal(f"{path.name} is no {name}: {error}.", next_step=f"Make one with: {command}") from None
    if model.format != form:
        raise refusal(
            f"{path.name} has the format {model.format!r}, and this bondfire reads {form!r}.",
            next_step=f"Train it again with: {command}",
        )
    return model
