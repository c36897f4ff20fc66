"""The example programmes: documents that a marketer recognises, ready to be checked, tried and changed."""

from importlib.resources import files
from typing import Final

from bondfire.errors import NotFound
from bondfire.kit import nearest

EXAMPLES: Final = ("airline", "cafe", "fashion", "gift_shop")
"""By name; `gift_shop` is the programme of the demo."""


def example_program(name: str) -> str:
    """The document of an example programme, YAML.

    Raises:
        NotFound: no example has that name; says the nearest.
    """
    if name not in EXAMPLES:
        best = nearest(name, EXAMPLES)
        raise NotFound(
            f"There is no example programme {name!r}.",
            next_step=f"Did you mean {best!r}?" if best else f"There are: {', '.join(EXAMPLES)}.",
            code="unknown_example",
        )
    return files("bondfire.examples").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
