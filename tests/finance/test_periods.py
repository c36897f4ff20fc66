"""Accounting periods: what a final one says never changes, whatever comes or is published later."""

from datetime import date, datetime
from decimal import Decimal

from bondfire.db import connect
from bondfire.finance import Figures, checked_day, liability_of, read_owed, today_of
from finance.makers import CLUB, Books, at, books_of, happened, order, spent

JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)
BY_ADA = {"reason": "goodwill", "actor": "ada"}
DEARER = CLUB.replace("value: 0.01, redemption: 0.8", "value: 0.03, redemption: 0.5")


def figures(books: Books, month: date, now: datetime) -> Figures:
    """What was posted of points in a month."""
    return next(step.figures for step in books.period(month, now).steps if step.unit == "points")


def said(books: Books, now: datetime) -> list[object]:
    """Everything that is reported about January: the period, each of its days, and the export."""
    history = books.history(date(2026, 1, 31), "day")
    owed = [liability_of(history, books.timeline, "points", date(2026, 1, day)) for day in range(1, 32)]
    return [books.period(JANUARY, now), owed, *books.export(JANUARY, date(2026, 1, 31))]


def january_of(books: Books) -> Books:
    """A January: two orders, a return, a spending."""
    books.send(at("2026-01-10"), order("1", "2026-01-10", "500"))
    books.send(at("2026-01-20"), order("2", "2026-01-20", "300"), spent("1", "2026-01-20T13:00", "120"))
    books.send(
        at("2026-01-25"),
        happened("order.returned", "r-1", "2026-01-25", order="2", currency="EUR", total="100"),
    )
    return books


def test_a_final_period_never_changes(database: str) -> None:
    books = january_of(books_of(database))
    now = at("2026-02-12T00:00")
    before = said(books, now)
    assert books.period(JANUARY, now).is_final

    books.send(at("2026-02-12T00:01"), order("3", "2026-01-15", "1000"))
    books.send(at("2026-02-13"), spent("2", "2026-01-30", "50"))
    books.send(
        at("2026-03-02"),
        happened("order.cancelled", "x-1", "2026-01-31", order="1"),
        happened(
            "points.adjusted", "a-1", "2026-03-02", unit="points", amount="-10", reason="x", actor="ada"
        ),
    )
    far_away = DEARER.replace("Europe/Berlin", "Pacific/Auckland")
    far_away = far_away.replace("units:", "units:\n  stars: {value: 1}")
    books.publish(f"{far_away}books: {{close_after: 90 days}}\n", at("2026-03-03"))
    books.work(at("2026-12-31"))

    assert said(books, at("2026-12-31")) == before


def test_what_comes_after_the_close_is_posted_when_it_comes(database: str) -> None:
    books = january_of(books_of(database))

    books.send(at("2026-02-10"), order("3", "2026-01-15", "1000"))
    books.send(at("2026-02-11T00:00"), order("4", "2026-01-15", "7"))

    now = at("2026-03-01")
    assert figures(books, JANUARY, now).issued == 1_800
    assert figures(books, FEBRUARY, now).issued == 7


def test_an_expiry_that_the_worker_came_to_late_is_posted_when_it_was_done(database: str) -> None:
    punctual, july = books_of(database), date(2026, 7, 1)
    punctual.send(at("2026-01-10"), order("1", "2026-01-10", "500"))
    punctual.work(at("2026-08-10T23:59"))
    assert figures(punctual, date(2026, 8, 1), at("2026-08-20")).expired == 500

    punctual.send(at("2026-08-11"), order("2", "2026-08-11", "40"))
    punctual.work(at("2027-04-20"))

    assert figures(punctual, date(2027, 3, 1), at("2027-05-20")).expired == 0
    assert figures(punctual, date(2027, 4, 1), at("2027-05-20")).expired == 40
    assert figures(punctual, july, at("2027-05-20")).expired == 0


def test_a_brand_that_lives_by_its_events_has_no_final_period_and_punctual_expiries(
    database: str,
) -> None:
    books = books_of(database, clock="events")
    books.send(at("2026-01-10"), order("1", "2026-01-10", "500"))
    books.work(at("2027-04-20"))

    assert not books.period(JANUARY, at("2030-01-01")).is_final
    assert figures(books, date(2026, 8, 1), at("2030-01-01")).expired == 500


def test_a_period_is_final_a_day_after_it_closed(database: str) -> None:
    books = january_of(books_of(database))

    assert books.period(JANUARY, at("2026-02-12T00:00")).closes_at == at("2026-02-11T00:00")
    told = [
        books.period(JANUARY, at(f"2026-02-{now}")).is_final for now in ("11T00:00", "11T23:59", "12T00:00")
    ]
    assert told == [False, False, True]


def test_a_month_of_two_versions_closes_with_the_later_of_them(database: str) -> None:
    books = books_of(database, CLUB + "books: {close_after: 60 days}\n")
    books.publish(CLUB, at("2026-01-20"))

    assert books.period(JANUARY, at("2026-03-01")).closes_at == at("2026-04-02T00:00")
    assert books.period(FEBRUARY, at("2026-03-01")).closes_at == at("2026-03-11T00:00")


def test_nothing_is_posted_before_what_came_before_it_in_its_lot(database: str) -> None:
    books = books_of(database)
    books.send(at("2026-01-01"), happened("member.joined", "j", "2026-01-01"))
    books.send(at("2026-02-20"), order("1", "2026-01-10", "500"))

    books.send(at("2026-02-21"), spent("1", "2026-02-05", "100"))

    history = books.history(date(2026, 2, 28), "day")
    assert liability_of(history, books.timeline, "points", date(2026, 2, 19)).open == 0
    assert liability_of(history, books.timeline, "points", date(2026, 2, 20)).open == 400
    assert history.broken == 0


def test_a_lot_keeps_its_value_and_takes_the_redemption_of_today(database: str) -> None:
    books = books_of(database)
    books.send(at("2026-01-10"), order("1", "2026-01-10", "500"))
    books.publish(
        CLUB.replace("value: 0.01, redemption: 0.8", "value: 0.03, redemption: 0.5"), at("2026-02-01")
    )
    books.send(at("2026-02-10"), order("2", "2026-02-10", "100"))

    history = books.history(date(2026, 2, 28), "day")
    january = liability_of(history, books.timeline, "points", date(2026, 1, 31))
    february = liability_of(history, books.timeline, "points", date(2026, 2, 28))

    assert january.deferred == 4
    assert [(row.earned_by, row.value, row.deferred) for row in february.vintages] == [
        (1, Decimal("0.01"), Decimal("2.5")),
        (2, Decimal("0.03"), Decimal("1.5")),
    ]
    assert february.deferred == 4


def test_lots_without_a_value_take_the_first_that_is_declared_from_then_on(
    database: str,
) -> None:
    plain = CLUB.replace(", value: 0.01, redemption: 0.8", "")
    books = books_of(database, plain)
    books.send(at("2026-01-10"), order("1", "2026-01-10", "500"))
    books.publish(CLUB, at("2026-02-01"))
    history = books.history(date(2026, 2, 28), "day")

    assert liability_of(history, books.timeline, "points", date(2026, 1, 31)).deferred is None
    assert liability_of(history, books.timeline, "points", date(2026, 2, 28)).deferred == 4


def test_cents_are_divided_so_that_vintages_add_up(database: str) -> None:
    books = books_of(database, CLUB.replace("value: 0.01, redemption: 0.8", "value: 0.0013"))
    for number, month in enumerate(("01", "02", "03"), 1):
        books.send(at(f"2026-{month}-10"), order(str(number), f"2026-{month}-10", "5"))

    owed = liability_of(books.history(date(2026, 3, 31)), books.timeline, "points", date(2026, 3, 31))

    assert (owed.basis, owed.deferred) == ("assumed", Decimal("0.02"))
    assert sum(row.deferred or 0 for row in owed.vintages) == owed.deferred


def test_a_brand_without_a_history_owes_nothing_wherever_it_is(database: str) -> None:
    books = books_of(database, CLUB.replace("Europe/Berlin", "America/New_York"), clock="events")
    today = today_of(books.brand, books.timeline, at("2026-03-01"))

    with connect(database) as conn:
        (owed,) = read_owed(conn, books.brand, books.timeline, checked_day(None, today))

    assert owed.months == ()
    assert owed.liability.open == owed.liability.deferred == 0
