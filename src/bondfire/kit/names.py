"""The nearest valid name, for messages that help."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like `name`, or None when nothing is close."""
    matches = get_close_matches(name[:80], sorted(known), n=1, cutoff=0.6)
    return matches[0] if matches else None
