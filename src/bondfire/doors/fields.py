"""Looks into JSON whose shape nobody promised: each answer is of the kind asked for, or names a field."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from bondfire.events import CURRENCIES, EventError
from bondfire.kit import MAX_AMOUNT, format_amount, quantise

_NOTHING: Final[Mapping[str, object]] = {}
_NUMBER: Final = re.compile(r"[+-]?\d{1,16}(\.\d{1,60})?", re.ASCII)
_LONG_FRACTION: Final = re.compile(r"(\.\d{6})\d+", re.ASCII)
_WIDEST: Final = 60
_LARGEST_ID: Final = 10**30
_NOISE: Final = Decimal("0.000001")
"""How far a number may lie from whole cents and still be meant as them: what binary floats leave behind."""


def record(value: object) -> Mapping[str, object]:
    """The object, or an empty one in place of anything else."""
    return value if isinstance(value, Mapping) else _NOTHING


def records(value: object) -> list[Mapping[str, object]]:
    """The objects of a list, or none."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def text(value: object) -> str:
    """A text without blanks around it, or a whole number as text; empty for everything else."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LARGEST_ID:
        return str(value)
    if isinstance(value, Decimal) and abs(value.adjusted()) < _WIDEST and value == value.to_integral_value():
        return format(value.to_integral_value(), "f")
    return ""


def first_text(*values: object) -> str:
    """The first of them that says something."""
    return next((found for value in values if (found := text(value))), "")


def needed(value: object, field: str) -> str:
    """A text that must be there.

    Raises:
        EventError: `missing_field`.
    """
    found = text(value)
    if not found:
        raise EventError("is missing.", code="missing_field", field=field, next_step=f"Send {field}.")
    return found


def amount(value: object, field: str) -> Decimal | None:
    """An exact amount, from a JSON number or a decimal text; None when nothing was sent.

    Raises:
        EventError: `bad_amount`: something else, or beyond 10^15.
    """
    if value is None or value == "":
        return None
    shown = _plain(value)
    if shown is None or not _NUMBER.fullmatch(shown) or abs(Decimal(shown)) > MAX_AMOUNT:
        raise EventError(
            f"is {str(shown if shown is not None else type(value).__name__)[:40]!r}, which is not an amount.",
            code="bad_amount",
            field=field,
            next_step="Send a plain decimal number, at most 10^15.",
        )
    return Decimal(shown)


def _plain(value: object) -> str | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return str(value) if abs(value) < _LARGEST_ID else "a very large number"
    if isinstance(value, Decimal):
        wide = not value.is_finite() or abs(value.adjusted()) >= _WIDEST
        return str(value)[:40] if wide else format(value, "f")
    return value.strip() if isinstance(value, str) else None


def sum_of(amounts: Iterable[Decimal | None]) -> Decimal:
    """What they add up to; None counts as nothing."""
    return sum((one for one in amounts if one is not None), Decimal(0))


def money(value: Decimal, currency: str) -> str:
    """An amount of money for an event, freed of what binary floats leave (27.500000000000004 is 27.50).

    More decimals than that are left as they are, for `parse_event` to refuse.
    """
    rounded = quantise(value, decimals_of(currency), "half_even")
    return format_amount(rounded if abs(rounded - value) < _NOISE else value)


def decimals_of(currency: str) -> int:
    """Digits after the point of a currency; 2 for one nobody knows, which is refused later."""
    return CURRENCIES.get(currency, 2)


def moment(value: object) -> object:
    """A time for an event: digits beyond microseconds are cut off, everything else is left for the parser."""
    return _LONG_FRACTION.sub(r"\1", value.strip()) if isinstance(value, str) else value


def unix_time(value: object, field: str) -> datetime:
    """A time given as seconds since 1970.

    Raises:
        EventError: `bad_time`.
    """
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 200_000_000_000:
        return datetime.fromtimestamp(value, UTC)
    raise EventError(
        "is not a time in seconds since 1970.",
        code="bad_time",
        field=field,
        next_step="Send whole seconds.",
    )
