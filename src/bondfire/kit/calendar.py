"""Calendar arithmetic in the programme's time zone: periods, ends of days and months, windows."""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from bondfire.errors import BadInput

End = Literal["day", "month", "half_year", "year"]
Window = Literal["day", "week", "month", "quarter", "year", "membership_year", "lifetime"]
EPOCH: Final = datetime(1, 1, 1, tzinfo=UTC)
_PERIOD: Final = re.compile(r"(\d{1,4}) (day|week|month|year)s?", re.ASCII)
_TIME: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)


class Day(NamedTuple):
    """A calendar day in a time zone.

    Attributes:
        start, end: its first instant and that of the next day, in UTC.
        is_plain: whether its clocks stand still: 24 hours at one offset from UTC.
    """

    date: date
    start: datetime
    end: datetime
    is_plain: bool


def day_of(moment: datetime, zone: ZoneInfo) -> Day:
    """The local calendar day that holds a moment."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    for day in _days_over(moment.date(), zone):
        if moment < day.end:
            return day
    return _day(moment.astimezone(zone).date(), zone)


@lru_cache(maxsize=8192)
def _days_over(utc_day: date, zone: ZoneInfo) -> tuple[Day, ...]:
    """The local days that a day of UTC touches, in order; remembered, because events share their days."""
    first = datetime(utc_day.year, utc_day.month, utc_day.day, tzinfo=UTC).astimezone(zone).date()
    return tuple(_day(first + timedelta(days=number), zone) for number in range(2))


@lru_cache(maxsize=8192)
def _day(day: date, zone: ZoneInfo) -> Day:
    start, end = local_midnight(day, zone), local_midnight(day + timedelta(days=1), zone)
    hours = (start + timedelta(hours=number) for number in range(25))
    offsets = {hour.astimezone(zone).utcoffset() for hour in hours if hour < end}
    return Day(day, start, end, is_plain=len(offsets) == 1 and end - start == timedelta(days=1))


class Period(NamedTuple):
    """A length of calendar time: whole days or whole months, never both."""

    months: int = 0
    days: int = 0

    def after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """The same local time of day this long after `moment`, as UTC.

        A day that does not exist falls on the last of its month (31 January + 1 month is the last of
        February); a time that a change of clocks skips moves forward by the gap.
        """
        shift = self.shift(day_of(moment, zone), zone)
        return _after(self, moment, zone) if shift is None else moment + shift

    def shift(self, day: Day, zone: ZoneInfo) -> timedelta | None:
        """How long the period is for every moment of a day; None where the clocks change on either end."""
        target = _day_after(self, day.date, zone)
        return target.start - day.start if day.is_plain and target.is_plain else None

    def __str__(self) -> str:
        number, word = (self.months, "month") if self.months else (self.days, "day")
        return f"{number} {word}{'' if number == 1 else 's'}"


@lru_cache(maxsize=8192)
def _day_after(period: Period, day: date, zone: ZoneInfo) -> Day:
    return _day(_date_after(period, day), zone)


def _date_after(period: Period, day: date) -> date:
    months = day.year * 12 + day.month - 1 + period.months
    year, month = divmod(months, 12)
    if year > 9998:
        raise BadInput(f"{period} after {day} is beyond the calendar.")
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1])) + timedelta(days=period.days)


@lru_cache(maxsize=8192)
def first_day_within(period: Period, day: date, zone: ZoneInfo) -> datetime:
    """The first instant of the earliest local day from which a period reaches beyond `day`.

    What is of that day or a later one lies within the period up to and including `day`: of 12 months up to
    28 February 2025, 1 March 2024 is the first, because the year from 29 February 2024 ends before that day.
    """
    months = day.year * 12 + day.month - 1 - period.months
    year, month = divmod(months, 12)
    first = date(year, month + 1, min(day.day, monthrange(year, month + 1)[1])) - timedelta(days=period.days)
    while _date_after(period, first) <= day:
        first += timedelta(days=1)
    return local_midnight(first, zone)


def _after(period: Period, moment: datetime, zone: ZoneInfo) -> datetime:
    """The same for days on which the clocks change."""
    local = moment.astimezone(zone)
    day = _date_after(period, local.date())
    shifted = local.replace(tzinfo=None, year=day.year, month=day.month, day=day.day)
    return local_time(shifted.replace(fold=local.fold), zone)


def parse_period(text: object, name: str) -> Period:
    """Read "14 days", "2 weeks", "24 months" or "1 year".

    Raises:
        BadInput: anything else.
    """
    match = _PERIOD.fullmatch(text.strip()) if isinstance(text, str) else None
    if not match:
        raise BadInput(
            f"{name} is {text!r}, which is not a period.", next_step='Write it like "24 months" or "14 days".'
        )
    number, word = int(match[1]), match[2]
    return {
        "day": Period(days=number),
        "week": Period(days=7 * number),
        "month": Period(months=number),
        "year": Period(months=12 * number),
    }[word]


def parse_time(text: object, name: str) -> datetime:
    """Read an RFC 3339 time with its offset, as UTC.

    Raises:
        BadInput: no offset, an impossible date, or another form.
    """
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        lacks_offset = isinstance(text, str) and _TIME.fullmatch(text + "Z")
        raise BadInput(
            f"{name} is {str(text)[:60]!r}, "
            + ("which has no offset from UTC." if lacks_offset else "which is not a time of RFC 3339."),
            next_step='Write it like "2026-03-29T01:59:59+01:00".',
            code="bad_time",
        )
    try:
        moment = datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as reason:
        raise BadInput(
            f"{name} is {text!r}, which does not exist: {reason}.",
            next_step="Send a day of the calendar and a time up to 23:59:59; a leap second is its second 59.",
            code="bad_time",
        ) from None
    if not 1900 <= moment.year <= 9000:
        raise BadInput(
            f"{name} is {text!r}, outside the years 1900 to 9000.",
            next_step="Check the sender's clock.",
            code="bad_time",
        )
    return moment


def local_time(naive: datetime, zone: ZoneInfo) -> datetime:
    """A wall-clock time as UTC; one that a change of clocks skips is the first instant after the gap."""
    aware = naive.replace(tzinfo=zone)
    offset = aware.utcoffset()
    if offset is not None and aware.replace(fold=1 - naive.fold).utcoffset() == offset:
        return (naive - offset).replace(tzinfo=UTC, fold=0)
    late = aware.astimezone(UTC)
    if late.astimezone(zone).replace(tzinfo=None, fold=0) == naive.replace(fold=0):
        return late
    early = naive.replace(tzinfo=zone, fold=1).astimezone(UTC)
    offset_before = early.astimezone(zone).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) // 2
        if middle.astimezone(zone).utcoffset() == offset_before:
            early = middle
        else:
            late = middle
    return late.replace(microsecond=0)


@lru_cache(maxsize=8192)
def local_midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a calendar day in a time zone, as UTC."""
    return local_time(datetime(day.year, day.month, day.day), zone)  # noqa: DTZ001 - the zone is given next


def end_of(unit: End, moment: datetime, zone: ZoneInfo) -> datetime:
    """The first instant after the local day, month, half-year or year that holds `moment`, as UTC."""
    day = day_of(moment, zone)
    return day.end if unit == "day" else _end_of(unit, day.date, zone)


@lru_cache(maxsize=8192)
def _end_of(unit: End, day: date, zone: ZoneInfo) -> datetime:
    if unit == "year":
        return local_midnight(date(day.year + 1, 1, 1), zone)
    length = 1 if unit == "month" else 6
    months = (day.year * 12 + day.month - 1) // length * length + length
    return local_midnight(date(months // 12, months % 12 + 1, 1), zone)


def window_of(
    window: Window, moment: datetime, zone: ZoneInfo, *, since: datetime, week_starts: int = 0
) -> datetime:
    """The first instant (UTC) of the calendar window that holds `moment`.

    Args:
        window: day, week, month, quarter, year, membership_year or lifetime, all in the time zone.
        moment: aware time.
        zone: the programme's time zone.
        since: when the member joined; anniversaries of 29 February fall on 28 February.
        week_starts: 0 is Monday, 6 is Sunday.
    """
    return window_on(window, day_of(moment, zone), zone, since=since, week_starts=week_starts)


def window_on(window: Window, day: Day, zone: ZoneInfo, *, since: datetime, week_starts: int = 0) -> datetime:
    """The first instant of the calendar window that holds a local day; arguments as of `window_of`."""
    if window == "day":
        return day.start
    if window == "lifetime":
        return EPOCH
    if window == "membership_year":
        return _year_since(day_of(since, zone).date, day.date, zone)
    return _window_of(window, day.date, week_starts, zone)


@lru_cache(maxsize=8192)
def _window_of(window: Window, day: date, week_starts: int, zone: ZoneInfo) -> datetime:
    if window == "week":
        day -= timedelta(days=(day.weekday() - week_starts) % 7)
    else:
        months = {"month": 1, "quarter": 3, "year": 12}[window]
        day = date(day.year, (day.month - 1) // months * months + 1, 1)
    return local_midnight(day, zone)


@lru_cache(maxsize=8192)
def _year_since(joined: date, day: date, zone: ZoneInfo) -> datetime:
    this_year = _anniversary(joined, day.year)
    return local_midnight(this_year if this_year <= day else _anniversary(joined, day.year - 1), zone)


def _anniversary(day: date, year: int) -> date:
    return day.replace(year=year, day=min(day.day, monthrange(year, day.month)[1]))
