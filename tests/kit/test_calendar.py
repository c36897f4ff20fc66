"""Days, months and windows in a time zone, also where clocks change."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bondfire.errors import BadInput
from bondfire.kit import (
    EPOCH,
    End,
    Period,
    Window,
    day_of,
    end_of,
    local_midnight,
    local_time,
    parse_period,
    parse_time,
    window_of,
)

BERLIN = ZoneInfo("Europe/Berlin")
SETTINGS = settings(derandomize=True, database=None, deadline=None)
ZONES = st.sampled_from(
    [
        *("UTC", "Europe/Berlin", "America/Sao_Paulo", "America/Havana", "America/St_Johns", "Asia/Beirut"),
        *("Asia/Kathmandu", "Africa/Casablanca", "Australia/Lord_Howe", "Pacific/Chatham"),
    ]
).map(ZoneInfo)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2080, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the zone is given apart


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        (Period(months=1), "2026-01-31 12:00", "2026-02-28 12:00"),
        (Period(months=1), "2028-01-31 12:00", "2028-02-29 12:00"),
        (Period(months=12), "2028-02-29 12:00", "2029-02-28 12:00"),
        (Period(months=1), "2026-12-31 23:59", "2027-01-31 23:59"),
        (Period(days=1), "2026-03-28 12:00", "2026-03-29 12:00"),
        (Period(days=1), "2026-10-24 12:00", "2026-10-25 12:00"),
        (Period(days=1), "2026-03-28 02:30", "2026-03-29 03:00"),
        (Period(), "2026-03-28 02:30", "2026-03-28 02:30"),
    ],
)
def test_a_period_keeps_the_local_time_of_day(period: Period, start: str, end: str) -> None:
    assert period.after(berlin(start), BERLIN) == berlin(end)


def test_a_day_of_calendar_time_may_have_23_or_25_hours() -> None:
    day = Period(days=1)

    spring, autumn = berlin("2026-03-28 12:00"), berlin("2026-10-24 12:00")

    assert day.after(spring, BERLIN) - spring == timedelta(hours=23)
    assert day.after(autumn, BERLIN) - autumn == timedelta(hours=25)


def test_the_second_of_two_equal_hours_stays_the_second() -> None:
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)

    assert second.astimezone(BERLIN).fold == 1
    assert Period().after(second, BERLIN) == second


def test_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(BadInput, match="beyond the calendar"):
        Period(months=12 * 9000).after(berlin("2026-01-01"), BERLIN)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("14 days", Period(days=14)),
        ("1 day", Period(days=1)),
        ("2 weeks", Period(days=14)),
        ("24 months", Period(months=24)),
        ("1 year", Period(months=12)),
        ("0 days", Period()),
    ],
)
def test_periods_are_read(text: str, period: Period) -> None:
    assert parse_period(text, "pending") == period


@pytest.mark.parametrize(
    "text", ["14", "days", "1.5 days", "-1 days", "14 hours", "12345 days", "14days", 14, None]
)
def test_what_is_no_period_is_refused_with_its_name(text: object) -> None:
    with pytest.raises(BadInput, match=r"^pending is "):
        parse_period(text, "pending")


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-03-29T01:59:59+01:00", "2026-03-29T00:59:59+00:00"),
        ("2026-03-29t01:59:59z", "2026-03-29T01:59:59+00:00"),
        ("2026-03-29 01:59:59.123456Z", "2026-03-29T01:59:59.123456+00:00"),
        ("2026-03-29T01:59-03:30", "2026-03-29T05:29:00+00:00"),
        ("2028-02-29T00:00:00+14:00", "2028-02-28T10:00:00+00:00"),
    ],
)
def test_times_with_an_offset_are_read_as_utc(text: str, utc: str) -> None:
    assert parse_time(text, "occurred_at").isoformat() == utc


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2026-03-29T01:59:59", "no offset"),
        ("2026-03-29", "not a time"),
        ("29.03.2026 01:59", "not a time"),
        ("2026-02-29T00:00:00Z", "does not exist"),
        ("2026-01-01T24:00:00Z", "does not exist"),
        ("2026-01-01T00:00:60Z", "does not exist"),
        ("0001-01-01T00:00:00+14:00", "does not exist"),
        ("1899-12-31T00:00:00Z", "outside the years"),
        ("9999-12-31T23:59:59Z", "outside the years"),
        (1774742399, "not a time"),
        (None, "not a time"),
    ],
)
def test_what_is_no_time_is_refused_and_says_why(text: object, says: str) -> None:
    with pytest.raises(BadInput, match=says) as refusal:
        parse_time(text, "occurred_at")

    assert refusal.value.code == "bad_time"


@pytest.mark.parametrize(
    ("zone", "skipped", "first"),
    [
        ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:00:00+00:00"),
        ("Europe/Berlin", "2026-03-29T02:00", "2026-03-29T01:00:00+00:00"),
        ("America/Sao_Paulo", "2018-11-04T00:00", "2018-11-04T03:00:00+00:00"),
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30:00+00:00"),
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00:00+00:00"),
    ],
)
def test_a_time_that_clocks_skip_is_the_first_instant_after_the_gap(
    zone: str, skipped: str, first: str
) -> None:
    assert local_time(datetime.fromisoformat(skipped), ZoneInfo(zone)).isoformat() == first


def test_of_two_equal_times_the_first_is_meant() -> None:
    assert (
        local_time(datetime.fromisoformat("2026-10-25T02:30"), BERLIN).isoformat()
        == "2026-10-25T00:30:00+00:00"
    )


@pytest.mark.parametrize(
    ("unit", "moment", "end"),
    [
        ("day", "2026-03-29 01:00", "2026-03-30 00:00"),
        ("day", "2026-10-25 00:00", "2026-10-26 00:00"),
        ("day", "2026-12-31 23:59:59.999999", "2027-01-01 00:00"),
        ("month", "2026-02-01 00:00", "2026-03-01 00:00"),
        ("month", "2026-12-15 12:00", "2027-01-01 00:00"),
        ("half_year", "2026-06-30 23:59", "2026-07-01 00:00"),
        ("half_year", "2026-07-01 00:00", "2027-01-01 00:00"),
        ("year", "2026-01-01 00:00", "2027-01-01 00:00"),
    ],
)
def test_the_end_is_the_first_instant_of_what_follows(unit: End, moment: str, end: str) -> None:
    assert end_of(unit, berlin(moment), BERLIN) == berlin(end)


@SETTINGS
@given(MOMENTS, ZONES)
def test_a_day_ends_after_every_moment_in_it_and_not_before(moment: datetime, zone: ZoneInfo) -> None:
    end = end_of("day", moment, zone)
    last = end - timedelta(microseconds=1)

    assert moment < end <= moment + timedelta(hours=26)
    assert last.astimezone(zone).date() == moment.astimezone(zone).date()
    assert end.astimezone(zone).date() > moment.astimezone(zone).date()


WINDOWS: list[Window] = ["day", "week", "month", "year", "membership_year"]


@SETTINGS
@given(MOMENTS, ZONES, MOMENTS, st.integers(0, 6))
def test_a_window_begins_at_a_midnight_that_is_not_later_and_is_its_own_window(
    moment: datetime, zone: ZoneInfo, since: datetime, week_starts: int
) -> None:
    for window in WINDOWS:
        start = window_of(window, moment, zone, since=since, week_starts=week_starts)

        assert start <= moment
        assert start == local_midnight(start.astimezone(zone).date(), zone)
        assert window_of(window, start, zone, since=since, week_starts=week_starts) == start
        assert window != "week" or start.astimezone(zone).weekday() == week_starts


def test_a_lifetime_begins_before_everything() -> None:
    assert window_of("lifetime", berlin("2026-01-01"), BERLIN, since=berlin("2026-01-01")) == EPOCH


@pytest.mark.parametrize(
    ("moment", "start"),
    [
        ("2029-02-27 23:59", date(2028, 2, 29)),
        ("2029-02-28 00:00", date(2029, 2, 28)),
        ("2032-02-28 23:59", date(2031, 2, 28)),
        ("2032-02-29 00:00", date(2032, 2, 29)),
    ],
)
def test_the_year_of_a_member_of_29_february_begins_on_the_last_of_february(moment: str, start: date) -> None:
    since = berlin("2028-02-29 15:00")

    assert window_of("membership_year", berlin(moment), BERLIN, since=since) == local_midnight(start, BERLIN)


@SETTINGS
@given(MOMENTS, ZONES, st.integers(0, 40), st.integers(0, 900))
def test_calendar_time_is_counted_on_the_wall_clock_of_any_zone(
    moment: datetime, zone: ZoneInfo, months: int, days: int
) -> None:
    period = Period(months=months) if months else Period(days=days)
    local = moment.astimezone(zone)
    months_since = local.year * 12 + local.month - 1 + period.months
    last = monthrange(months_since // 12, months_since % 12 + 1)[1]
    wall = local.replace(
        tzinfo=None, year=months_since // 12, month=months_since % 12 + 1, day=min(local.day, last)
    ) + timedelta(days=period.days)

    assert period.after(moment, zone) == local_time(wall, zone)


@SETTINGS
@given(MOMENTS, ZONES)
def test_the_day_of_a_moment_is_that_of_its_wall_clock(moment: datetime, zone: ZoneInfo) -> None:
    day = day_of(moment, zone)

    assert day.date == moment.astimezone(zone).date()
    assert day.start <= moment < day.end
    assert (day.start, day.end) == (
        local_midnight(day.date, zone),
        local_midnight(day.date + timedelta(days=1), zone),
    )
