"""Timestamps and durations: reading, writing, arithmetic and calendar parts."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from bondfire.rules.errors import EvaluationError
from bondfire.rules.values import EPOCH, FineSpan, FineTime, Moment, Span, nanoseconds_of

_SECOND: Final = 10**9
_EARLIEST: Final = -62135596800 * _SECOND
_LATEST: Final = 253402300800 * _SECOND
_LONGEST: Final = 2**63
"""A duration is 64 bits of nanoseconds, 292 years, as in Google's implementations."""

_TIME: Final = re.compile(
    r"(\d{4,5})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:([Zz])|([+-])(\d\d):(\d\d))", re.ASCII
)
_PART: Final = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(h|ms|us|µs|ns|m|s)", re.ASCII)
_UNITS: Final = {
    "h": 3600 * _SECOND,
    "m": 60 * _SECOND,
    "s": _SECOND,
    "ms": 10**6,
    "us": 1000,
    "µs": 1000,
    "ns": 1,
}
_OFFSET: Final = re.compile(r"([+-]?)(\d\d):(\d\d)", re.ASCII)


def _range(what: str) -> EvaluationError:
    return EvaluationError(f"The {what} is out of range.", code="range")


def moment_of(nanoseconds: int) -> Moment:
    """A timestamp from nanoseconds since 1970; finer than a microsecond only when needed."""
    if not _EARLIEST <= nanoseconds < _LATEST:
        raise _range("timestamp")
    if nanoseconds % 1000:
        return FineTime(nanoseconds)
    return EPOCH + timedelta(microseconds=nanoseconds // 1000)


def span_of(nanoseconds: int) -> Span:
    """A duration from nanoseconds."""
    if not -_LONGEST <= nanoseconds < _LONGEST:
        raise _range("duration")
    return FineSpan(nanoseconds) if nanoseconds % 1000 else timedelta(microseconds=nanoseconds // 1000)


def read_timestamp(text: str) -> Moment:
    """RFC 3339."""
    match = _TIME.fullmatch(text)
    if not match:
        raise EvaluationError(f"{text[:60]!r} is not a time of RFC 3339.", code="invalid_argument")
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        raise _range("timestamp") from None
    fraction = int((match[7] or "0").ljust(9, "0"))
    offset = (int(match[10]) * 60 + int(match[11])) * 60 * _SECOND if match[9] else 0
    return moment_of(nanoseconds_of(moment) + fraction - (-offset if match[9] == "-" else offset))


def timestamp_of_seconds(seconds: int) -> Moment:
    """Seconds since 1970."""
    return moment_of(seconds * _SECOND)


def read_duration(text: str) -> Span:
    """A sum of parts such as `1h30m` or `-1.5s`."""
    body = text[1:] if text[:1] in ("+", "-") else text
    if body == "0":
        return timedelta(0)
    parts = list(_PART.finditer(body))
    if not parts or "".join(part[0] for part in parts) != body or len(text) > 60:
        raise EvaluationError(
            f"{text[:60]!r} is not a duration such as 90s or 1h30m.", code="invalid_argument"
        )
    total = sum(_nanoseconds(part[1], _UNITS[part[2]]) for part in parts)
    return span_of(-total if text[0] == "-" else total)


def _nanoseconds(number: str, unit: int) -> int:
    whole, _, fraction = number.partition(".")
    return int(whole or "0") * unit + int(fraction.ljust(18, "0")[:18] or "0") * unit // 10**18


def _fraction(nanoseconds: int) -> str:
    return f".{nanoseconds:09d}".rstrip("0") if nanoseconds else ""


def write_timestamp(moment: Moment) -> str:
    """RFC 3339 in UTC, with as many digits as needed."""
    seconds, rest = divmod(nanoseconds_of(moment), _SECOND)
    whole = EPOCH + timedelta(seconds=seconds)
    return f"{whole.year:04d}-{whole:%m-%dT%H:%M:%S}{_fraction(rest)}Z"


def write_duration(span: Span) -> str:
    """Seconds, such as `1.5s`."""
    total = nanoseconds_of(span)
    seconds, rest = divmod(abs(total), _SECOND)
    return f"{'-' if total < 0 else ''}{seconds}{_fraction(rest)}s"


def seconds_of(moment: Moment) -> int:
    """Whole seconds since 1970."""
    return nanoseconds_of(moment) // _SECOND


def later(moment: Moment, span: Span) -> Moment:
    """The moment after that span."""
    return moment_of(nanoseconds_of(moment) + nanoseconds_of(span))


def later_by(span: Span, moment: Moment) -> Moment:
    """The same, written the other way round."""
    return later(moment, span)


def earlier(moment: Moment, span: Span) -> Moment:
    """The moment before that span."""
    return moment_of(nanoseconds_of(moment) - nanoseconds_of(span))


def between(left: Moment, right: Moment) -> Span:
    """How long after the right one the left one is."""
    return span_of(nanoseconds_of(left) - nanoseconds_of(right))


def longer(left: Span, right: Span) -> Span:
    """The sum of two spans."""
    return span_of(nanoseconds_of(left) + nanoseconds_of(right))


def shorter(left: Span, right: Span) -> Span:
    """The difference of two spans."""
    return span_of(nanoseconds_of(left) - nanoseconds_of(right))


@lru_cache(maxsize=256)
def _zone(name: str) -> tzinfo:
    match = _OFFSET.fullmatch(name)
    if match:
        minutes = int(match[2]) * 60 + int(match[3])
        return timezone(timedelta(minutes=-minutes if match[1] == "-" else minutes))
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise EvaluationError(f"There is no time zone {name[:60]!r}.", code="invalid_argument") from None


def _local(moment: Moment, zone: str) -> datetime:
    whole = EPOCH + timedelta(microseconds=nanoseconds_of(moment) // 1000)
    try:
        return whole if zone == "UTC" else whole.astimezone(_zone(zone))
    except (OverflowError, ValueError):
        raise _range("local time") from None


def full_year(moment: Moment, zone: str = "UTC") -> int:
    """The year."""
    return _local(moment, zone).year


def month(moment: Moment, zone: str = "UTC") -> int:
    """The month, January is 0."""
    return _local(moment, zone).month - 1


def date_of_month(moment: Moment, zone: str = "UTC") -> int:
    """The day of the month, the first is 1."""
    return _local(moment, zone).day


def day_of_month(moment: Moment, zone: str = "UTC") -> int:
    """The day of the month, the first is 0."""
    return _local(moment, zone).day - 1


def day_of_year(moment: Moment, zone: str = "UTC") -> int:
    """The day of the year, the first is 0."""
    return _local(moment, zone).timetuple().tm_yday - 1


def day_of_week(moment: Moment, zone: str = "UTC") -> int:
    """The day of the week, Sunday is 0."""
    return _local(moment, zone).isoweekday() % 7


def hours(moment: Moment, zone: str = "UTC") -> int:
    """The hour of the day."""
    return _local(moment, zone).hour


def minutes(moment: Moment, zone: str = "UTC") -> int:
    """The minute of the hour."""
    return _local(moment, zone).minute


def seconds(moment: Moment, zone: str = "UTC") -> int:
    """The second of the minute."""
    return _local(moment, zone).second


def milliseconds(moment: Moment, zone: str = "UTC") -> int:
    """The millisecond of the second."""
    return _local(moment, zone).microsecond // 1000


def _whole(span: Span, unit: int) -> int:
    total = nanoseconds_of(span)
    return -(-total // unit) if total < 0 else total // unit


def span_hours(span: Span) -> int:
    """Whole hours of the span."""
    return _whole(span, 3600 * _SECOND)


def span_minutes(span: Span) -> int:
    """Whole minutes of the span."""
    return _whole(span, 60 * _SECOND)


def span_seconds(span: Span) -> int:
    """Whole seconds of the span."""
    return _whole(span, _SECOND)


def span_milliseconds(span: Span) -> int:
    """Milliseconds beyond the last whole second."""
    return _whole(span, 10**6) - 1000 * _whole(span, _SECOND)
