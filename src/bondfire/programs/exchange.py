"""The section `exchange`: what other currencies are worth, from which day on (U11)."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from bondfire.events import CURRENCIES
from bondfire.programs.findings import Fields
from bondfire.programs.leaves import positive
from bondfire.programs.shapes import MapOf

EXCHANGE: Final = MapOf(
    "Rates of other currencies, by currency. An order counts at the rate of its day in the programme's "
    "time zone.",
    MapOf(
        "By first day: how much of the programme's currency one of the other is worth from that day on.",
        positive("How much of the programme's currency one of the other is worth."),
        noun="day",
        pattern=r"\d{4}-\d{2}-\d{2}",
        least=1,
        most=4_000,
    ),
    noun="currency",
    pattern=r"[A-Z]{3}",
)


@dataclass(frozen=True, slots=True)
class Rates:
    """What one of a currency is worth, from which day on.

    Attributes:
        days: ascending. worth: in the programme's currency, from each of these days on.
    """

    days: tuple[date, ...]
    worth: tuple[Decimal, ...]

    def on(self, day: date) -> tuple[date, Decimal] | None:
        """The rate of a day and since when it holds; None before the first."""
        place = bisect_right(self.days, day)
        return (self.days[place - 1], self.worth[place - 1]) if place else None


def read_exchange(fields: Fields | None, currency: str) -> Mapping[str, Rates]:
    """The rates that could be read, by currency."""
    if fields is None:
        return {}
    for code, place in fields.places.items():
        if code not in CURRENCIES:
            place.head.unknown("currency", code, CURRENCIES)
        elif code == currency:
            place.head.refuse(
                "bad_value",
                f"{place.where} is the programme's own currency, which is worth 1.",
                "Leave it out.",
            )
    return {code: _rates(read) for code, read in fields.values.items()}


def _rates(fields: Fields) -> Rates:
    known: dict[date, Decimal] = {}
    for text, place in fields.places.items():
        try:
            day = date.fromisoformat(text)
        except ValueError as reason:
            place.head.refuse(
                "bad_value", f"{place.where}: {text} does not exist: {reason}.", "Write it like 2026-01-31."
            )
        else:
            if text in fields.values:
                known[day] = fields.values[text]
    return Rates(tuple(sorted(known)), tuple(known[day] for day in sorted(known)))
