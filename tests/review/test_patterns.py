"""The report of unusual patterns: robust, with its measures, and deciding nothing."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from acceptance.referral_makers import CLUB, DAY, club, joins, rounds
from bondfire.db import connect
from bondfire.errors import BadInput
from bondfire.kit import member_id_of
from bondfire.review import period_of, unusual_patterns
from bondfire.review.outliers import median, outliers
from journal.store_makers import T0, back, event_of, order, spent


def test_the_modified_z_score_of_iglewicz_and_hoaglin_1993() -> None:
    """By hand: 0.6745 * (5.56 - 3.555) / 0.015 = 90.158."""
    sizes = ("3.58", "3.56", "3.52", "3.54", "3.55", "3.57", "3.53", "3.56", "3.55", "5.56")
    found = outliers({place: Decimal(size) for place, size in enumerate(sizes)})

    assert list(found) == [9]
    assert (found[9].median, found[9].score) == (Decimal("3.555"), Decimal("90.1"))


def test_where_most_are_equal_the_mean_distance_is_taken_and_few_peers_say_nothing() -> None:
    equal = {str(place): Decimal(10) for place in range(20)}

    assert outliers(equal) == {}
    assert list(outliers(equal | {"rich": Decimal(500)})) == ["rich"]
    assert outliers({str(place): Decimal(10**place) for place in range(9)}) == {}
    assert median([Decimal(3), Decimal(1), Decimal(2), Decimal(10)]) == Decimal("2.5")


def test_who_stands_out_is_found_with_the_measure_and_nothing_is_decided(shared_database: str) -> None:
    rules = "earn: {base: {on: order.placed, award: {points: floor(event.total)}}}\n"
    store = club(shared_database, CLUB + rules)
    store.send(*(order(n, T0 + DAY, total=20 + n, member=f"m{n}") for n in range(12)))
    store.send(order("rich", T0 + DAY, total=5000, member="rich"))
    for n in range(3):
        store.send(order(f"b{n}", T0 + 2 * DAY, total=2, member="m1"), spent(n, T0 + 3 * DAY, 1, member="m1"))
        store.send(back(n, T0 + 4 * DAY, member="m1", order=f"b{n}", total="2"))
    why = {"unit": "points", "amount": "1", "reason": "goodwill"}
    corrected = [
        event_of("points.adjusted", T0 + 5 * DAY, id=f"{actor}-{n}", member=f"m{n}", actor=actor, **why)
        for actor, most in (("ada", 10), ("bea", 9))
        for n in range(most)
    ]
    crowd = [joins(f"f{n}", 6, by="m2") for n in range(10)]
    store.send(*corrected, *crowd)
    rounds(store)
    before = store.digest()

    with connect(store.dsn) as conn:
        everything = unusual_patterns(conn, store.brand, since=T0, until=T0 + 30 * DAY)
        earlier = unusual_patterns(conn, store.brand, since=T0 - 30 * DAY, until=T0)

    who = {member_id_of(store.brand.name, name): name for name in ("rich", "m1", "m2")}
    assert [
        (one.pattern, who.get(one.member_id) if one.member_id else one.actor, int(one.value))
        for one in everything
    ] == [
        ("earning", "rich", 5000),
        ("returns", "m1", 3),
        ("corrections", "ada", 10),
        ("referrals", "m2", 10),
    ]
    assert everything[0].score is not None
    assert everything[0].score > Decimal("3.5")
    assert (earlier, store.digest()) == ([], before)


def test_a_period_is_whole_days_of_the_programme_or_the_last_thirty() -> None:
    now, zone = datetime(2026, 4, 1, 12, tzinfo=UTC), ZoneInfo("Europe/Berlin")

    march = period_of("2026-03-01", "2026-03-31", now=now, zone=zone)
    assert march.since == datetime(2026, 2, 28, 23, tzinfo=UTC)
    assert march.until == datetime(2026, 3, 31, 22, tzinfo=UTC)
    assert period_of(None, None, now=now, zone=zone) == (now - timedelta(days=30), now)
    for since, until in (("2026-13-01", None), ("2026-03-02", "2026-03-01")):
        with pytest.raises(BadInput):
            period_of(since, until, now=now, zone=zone)
