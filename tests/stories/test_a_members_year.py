"""A year of Anna, a member of the hearth club: what she does, what she has, and that it is provable."""

import pytest

from acceptance.makers import Raw, local, moment
from bondfire.db import connect, transaction
from bondfire.engine import Decision, MemberState, advance, explained, outlook, pass_until
from bondfire.events import Event, parse_event
from bondfire.journal import digest, explain_member, pass_time, process_events, replay, verify
from bondfire.kit import EPOCH, member_id_of
from bondfire.ledger import Entry
from bondfire.programs import ensure_brand, load_program, load_timeline, publish_program, timeline_of
from bondfire.simulation import Simulation, simulate

HEARTH_CLUB = """\
program: hearth-club
brand: kaminrot
timezone: Europe/Berlin
currency: EUR
units:
  points: {expires: {after: 12 months, round: end_of_month}, pending: 14 days}
  status: {qualifying: true}
tier_sets:
  flame:
    unit: status
    window: calendar_year
    grace: 60 days
    tiers:
      spark: {from: 0}
      flame: {from: 500, benefits: [early_access]}
      fire: {from: 2000, benefits: [early_access, vip_events]}
earn:
  base:
    on: order.placed
    when: event.total >= 10.00
    award: {points: floor(event.total), status: floor(event.total)}
    cap: {points: 1000, per: day}
  double_shoes:
    on: order.placed
    when: member.tiers.flame in ['flame', 'fire']
    lines: "'shoes' in line.categories"
    award: {points: line.amount}
    starts: 2026-12-01
    ends: 2026-12-24
returns: {clawback: allow_negative, window: 100 days}
"""


def event(kind: str, name: str, at: str, **fields: object) -> Raw:
    when = moment(at).isoformat()
    return {"id": name, "type": kind, "source": "shop", "member": "anna", "occurred_at": when, **fields}


def order(number: str, at: str, total: str, *lines: tuple[str, str, str]) -> Raw:
    """An order of articles, each with its amount and kind of goods (`post` is shipping)."""
    goods = [
        {"sku": sku, "amount": amount, "categories": [goods]}
        | ({"kind": "shipping"} if goods == "post" else {})
        for sku, amount, goods in lines
    ]
    fields = {"order": number, "currency": "EUR", "total": total} | ({"lines": goods} if goods else {})
    return event("order.placed", f"ord-{number}", at, **fields)


def points(kind: str, name: str, at: str, amount: str, **fields: object) -> Raw:
    return event(kind, name, at, unit="points", amount=amount, **fields)


YEAR = [
    order("1001", "2026-01-10 10:00", "119.80", ("BOOT", "119.80", "shoes")),
    order("1002", "2026-01-12 10:00", "8.00", ("SOCK", "8.00", "socks")),
    points("points.spent", "too-soon", "2026-01-24 09:59:59", "60"),
    points("points.spent", "coffee", "2026-01-25 10:00", "60", order="1044"),
    event("order.returned", "one-boot", "2026-02-02 10:00", order="1001", total="59.90"),
    order("1003", "2026-03-14 10:00", "450.00", ("COAT", "420.00", "coats"), ("SCARF", "30.00", "scarves")),
    points("points.spent", "lamp", "2026-03-29T03:10:00+02:00", "100"),
    event("order.returned", "scarf", "2026-04-02 10:00", lines=[{"sku": "SCARF", "amount": "30.00"}]),
    order("1004", "2026-04-05 10:00", "25.00"),
    order("1005", "2026-12-10 10:00", "104.90", ("BOOT", "100.00", "shoes"), ("DHL", "4.90", "post")),
    points("points.spent", "sofa", "2026-12-26 10:00", "400", order="1050"),
    points("points.restored", "sofa-back", "2026-12-28 10:00", "80", order="1050"),
    order("1004", "2026-04-05 10:00", "25.00"),
]
"""In the order in which the house learns of it; the last is a repetition."""


def events() -> list[Event]:
    catalogue = load_program(HEARTH_CLUB).catalogue
    return [parse_event(raw, catalogue) for raw in YEAR]


def simulated(until: str) -> Simulation:
    return simulate(load_program(HEARTH_CLUB), events(), until=moment(until))


@pytest.mark.parametrize(
    ("at", "active", "pending", "tier"),
    [
        ("2026-01-10 10:00", 0, 119, "spark"),
        ("2026-01-24 10:00", 119, 0, "spark"),
        ("2026-01-25 10:00", 59, 0, "spark"),
        # half of 119 is 59.5; the shop's half point stays
        ("2026-02-02 10:00", 0, 0, "spark"),
        # 60 and 450 make 510
        ("2026-03-14 10:00", 0, 450, "flame"),
        ("2026-03-28 10:00", 450, 0, "flame"),
        ("2026-03-29 10:00", 350, 0, "flame"),
        # without the scarf it is 480
        ("2026-04-02 10:00", 320, 0, "spark"),
        ("2026-04-05 10:00", 320, 25, "flame"),
        # 100 for boots without the shipping, and 100 more for shoes in December as a flame
        ("2026-12-10 10:00", 345, 200, "flame"),
        ("2026-12-24 10:00", 545, 0, "flame"),
        ("2026-12-26 10:00", 145, 0, "flame"),
        ("2026-12-31 23:59", 225, 0, "flame"),
        # what is left of order 1004 ends with April, of 1005 with the year; flame holds through 2027
        ("2027-04-30 23:59:59", 225, 0, "flame"),
        ("2027-05-01 00:00", 200, 0, "flame"),
        ("2027-12-31 23:59:59", 200, 0, "flame"),
        ("2028-01-01 00:00", 0, 0, "flame"),
        ("2028-02-29 23:59:59", 0, 0, "flame"),
        ("2028-03-01 00:00", 0, 0, "spark"),
    ],
)
def test_what_anna_has_on_each_day_of_her_year(at: str, active: int, pending: int, tier: str) -> None:
    anna = simulated(at).states["anna"]

    wallet = anna.ledger.wallets["points"]
    assert (int(wallet.active), int(wallet.pending), anna.standings["flame"].tier) == (active, pending, tier)


def test_the_year_in_figures() -> None:
    run = simulated("2026-12-31 23:59")

    assert run.as_dict()["program"] == {
        "points": {"issued": "794", "spent": "480", "expired": "0", "clawed_back": "89", "written_off": "0"},
        "status": {"issued": "694", "spent": "0", "expired": "0", "clawed_back": "89", "written_off": "0"},
    }
    assert [(one.event, one.code) for one in run.refused] == [("too-soon", "not_enough")]
    assert (run.events, run.duplicates) == (12, 1)
    lots = run.states["anna"].ledger.open_lots("points")
    assert [(int(lot.left), local(lot.expires_at)) for lot in lots] == [
        (25, "2027-05-01 00:00:00+02:00"),
        (100, "2028-01-01 00:00:00+01:00"),
        (100, "2028-01-01 00:00:00+01:00"),
    ]


def test_where_anna_stands_and_what_comes_next() -> None:
    run = simulated("2026-12-31 12:00")

    view = outlook(run.program, run.states["anna"], "flame", now=moment("2026-12-31 12:00"))

    assert (view.tier, view.next_tier, int(view.credits), int(view.missing or 0)) == (
        "flame",
        "fire",
        605,
        1395,
    )
    assert view.projected_at is None
    assert local(view.closes_at) == "2027-01-01 00:00:00+01:00"


def lived() -> tuple[MemberState, dict[str, Decision]]:
    """Anna, and what was decided about each event, until her last points and tiers are gone."""
    timeline = timeline_of(load_program(HEARTH_CLUB))
    anna = MemberState(member_id_of("kaminrot", "anna"))
    decisions = {one.id: advance(timeline, anna, one) for one in events()[:-1]}
    after = pass_until(timeline, anna, moment("2028-03-01 00:00"))
    assert after is not None
    return anna, decisions | {"": after}


def reference_entries() -> list[Entry]:
    return [entry for decision in lived()[1].values() for entry in decision.entries]


def test_every_entry_of_the_year_has_its_reason() -> None:
    _, decisions = lived()

    for decision in decisions.values():
        told = {reason.lot for reason in explained(decision) if reason.lot}
        assert {entry.lot for entry in decision.entries} <= told
    why = {name: [reason.code for reason in explained(decision)] for name, decision in decisions.items()}
    assert why["ord-1002"] == ["condition_false", "not_running"]
    assert sorted(why["ord-1003"]) == ["awarded", "awarded", "not_running", "upgraded"]
    assert {"matched", "taken_back", "tier_taken_back"} <= set(why["scarf"])
    assert explained(decisions["ord-1005"])[-1].code == "awarded"


def test_the_same_year_live_is_the_simulated_and_the_replayed_one(database: str) -> None:
    """One event a transaction, as a shop sends them; then all of it again from the journal."""
    with connect(database) as conn, transaction(conn):
        brand = ensure_brand(conn, "kaminrot", "events", created_at=EPOCH)
        publish_program(conn, brand.id, HEARTH_CLUB, published_at=moment("2025-12-01"), published_by="ada")
        timeline = load_timeline(conn, brand.id)
    for one in events():
        with connect(database) as conn, transaction(conn):
            process_events(conn, brand, timeline, [one])
    pass_time(database, brand, timeline, until=moment("2028-03-01 00:00"))

    reference = simulated("2028-03-01 00:00")
    with connect(database) as conn:
        assert digest(conn, brand) == reference.digest
        told = explain_member(conn, brand, timeline, member_id_of("kaminrot", "anna"))
    assert len(told) == len(reference_entries())
    assert all(one.sentence for one in told)
    assert replay(database, brand, timeline).digest == reference.digest
    assert verify(database, brand, timeline).differences == []
