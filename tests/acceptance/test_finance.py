"""F1 to F3: prices shared and recognised under IFRS 15; deferred revenue ties to the ledger every day."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from bondfire.db import Connection, connect, transaction
from bondfire.finance import (
    History,
    allocate,
    liability_of,
    read_history,
    read_owed,
    read_reconciliation,
    read_redemption,
    recognise,
    stand_alone_price,
)
from bondfire.journal import import_events, pass_time, report
from bondfire.kit import EPOCH, quantise
from bondfire.ledger import ZERO, Account
from bondfire.programs import Brand, Timeline, ensure_brand, load_timeline, publish_program
from finance.makers import GIFTS, entries_in, year_of_a_shop

HELD = {Account.PENDING, Account.ACTIVE}
LONDON = ZoneInfo("Europe/London")
FIRST, LAST = date(2010, 12, 1), date(2011, 12, 9)


def test_f1_ifrs_15_example_52_is_allocated_and_recognised_to_the_unit() -> None:
    expected = 10_000 * Decimal("0.95")
    points = stand_alone_price(Decimal(10_000), Decimal(1), Decimal("0.95"))

    shared = allocate(Decimal(100_000), product=Decimal(100_000), points=points, decimals=0)
    first = recognise(shared.points, redeemed=Decimal(4_500), expected=expected, decimals=0)
    second = recognise(
        shared.points, redeemed=Decimal(8_500), expected=Decimal(9_700), before=first.in_all, decimals=0
    )

    assert shared.product == 91_324
    assert shared.points == 8_676
    assert first.in_all == first.now == 4_110
    assert second.now == 3_493


def test_f2_an_airline_shares_a_fare_between_flight_and_miles() -> None:
    miles = stand_alone_price(Decimal(2_000), Decimal("0.012"), Decimal("0.8"))

    shared = allocate(Decimal(800), product=Decimal(800), points=miles, decimals=2)

    assert shared == (Decimal("781.25"), Decimal("18.75"))


def year_of_books(dsn: str) -> tuple[Brand, Timeline]:
    """The Online Retail history in a database, with points that were also spent and given back."""
    with connect(dsn) as conn, transaction(conn):
        brand = ensure_brand(conn, "lantern-ribbon", "events", created_at=EPOCH)
        publish_program(conn, brand.id, GIFTS, published_at=EPOCH, published_by="test")
        timeline = load_timeline(conn, brand.id)
    events = list(year_of_a_shop())
    import_events(dsn, brand, timeline, events, batch=2_000)
    pass_time(dsn, brand, timeline, until=events[-1].occurred_at)
    return brand, timeline


def open_by_day(conn: Connection, brand: Brand) -> dict[date, Decimal]:
    """What all lots held at the end of each day, counted lot by lot from the entries."""
    left: dict[tuple[object, int], Decimal] = defaultdict(lambda: ZERO)
    changes: dict[date, Decimal] = defaultdict(lambda: ZERO)
    for member, entry in entries_in(conn, brand):
        if entry.unit != "points":
            continue
        change = entry.amount * ((entry.credit in HELD) - (entry.debit in HELD))
        left[member, entry.lot] += change
        changes[entry.posted_at.astimezone(LONDON).date()] += change
        assert left[member, entry.lot] >= 0
    held, day, by_day = ZERO, FIRST, {}
    while day <= LAST:
        held += changes[day]
        by_day[day], day = held, day + timedelta(days=1)
    assert held == sum(left.values())
    return by_day


def test_f3_deferred_revenue_is_open_lots_times_value_times_redemption_on_every_day(database: str) -> None:
    brand, timeline = year_of_books(database)
    with connect(database) as conn:
        by_day = open_by_day(conn, brand)
        history = read_history(conn, brand, timeline, LAST, grain="day")
        stored = report(conn, brand).totals["points"].liability

        for day, held in by_day.items():
            owed = liability_of(history, timeline, "points", day)
            assert owed.open == held
            assert owed.deferred == quantise(held * Decimal("0.01") * Decimal("0.75"), 2, "half_up")
            assert sum(row.open for row in owed.vintages) == held
            assert sum(row.deferred or ZERO for row in owed.vintages) == owed.deferred
        assert (len(by_day), by_day[LAST]) == (374, stored)

        alone_is_as_in_the_whole(conn, brand, timeline, history)
        every_day_ties_out(conn, brand, timeline)
        the_estimate_is_judged_on_what_it_has_not_seen(conn, brand, timeline)


def alone_is_as_in_the_whole(conn: Connection, brand: Brand, timeline: Timeline, history: History) -> None:
    """The report of one day reads no more than it needs, and says the same."""
    for day in (date(2011, 6, 15), LAST):
        (owed,) = read_owed(conn, brand, timeline, day)
        assert owed.liability == liability_of(history, timeline, "points", day)
        assert owed.months[-1].deferred == owed.liability.deferred
        added = sum(end.added or ZERO for end in owed.months)
        assert added - sum(end.recognised or ZERO for end in owed.months) == owed.liability.deferred


def every_day_ties_out(conn: Connection, brand: Brand, timeline: Timeline) -> None:
    """The accounts, the lots and what is stored agree, in a history in which everything happens."""
    found = read_reconciliation(conn, brand, timeline, grain="day")
    points = [step.figures for step in found.steps if step.unit == "points"]
    assert (found.untied, found.ties) == ((), True)
    assert all(step.closing == step.open_lots for step in found.steps)
    assert len(points) > 300
    for figure in ("issued", "spent", "restored", "expired", "clawed_back"):
        assert sum(getattr(one, figure) for one in points) > 10_000


def the_estimate_is_judged_on_what_it_has_not_seen(
    conn: Connection, brand: Brand, timeline: Timeline
) -> None:
    """Fitted on nine months, compared with the three that followed."""
    (found,) = read_redemption(conn, brand, timeline, LAST, fit_until=date(2011, 8, 1))
    test = found.back_test
    assert test is not None
    came = sum(row.spent[-1] - row.spent[-4] for row in found.estimate.vintages if row.age > 3)
    assert (test.fitted_until, test.tested_until) == (date(2011, 8, 1), date(2011, 11, 1))
    assert test.total.came == came
    assert test.total.error is not None
    assert abs(test.total.error) < Decimal("0.25")
    assert found.estimate.basis == "estimated"
