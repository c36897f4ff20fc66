"""Makers of books for finance: a brand on the wall clock, a shop's year with spendings, figures by hand."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from bondfire.db import Connection, connect, transaction
from bondfire.events import CATALOGUE, Event, parse_event
from bondfire.examples import events_of_online_retail, example_program
from bondfire.finance import Control, History, Period, export_lines, read_history, read_period
from bondfire.journal import Grain, Moved, pass_time, process_events
from bondfire.kit import EPOCH
from bondfire.ledger import Entry
from bondfire.programs import Brand, Timeline, brand_named, ensure_brand, load_timeline, publish_program

CLUB = """
program: club
brand: kaminrot
timezone: Europe/Berlin
currency: EUR
units:
  points: {expires: {after: 6 months, round: end_of_month}, value: 0.01, redemption: 0.8}
  status: {qualifying: true}
earn:
  base: {on: order.placed, award: {points: floor(event.total), status: 1}}
"""
GIFTS = example_program("gift_shop").replace(
    "expires: {after: 6 months, round: end_of_month}",
    "expires: {after: 6 months, round: end_of_month}\n    value: 0.01\n    redemption: 0.75",
)
"""The programme of the demo, its points worth a penny, three of four expected to be spent."""


@dataclass
class Books:
    """A brand that lives by the wall clock, and what time it is."""

    dsn: str
    brand: Brand
    timeline: Timeline

    def send(self, now: datetime, *raws: dict[str, object]) -> None:
        """Events that the house learns of now."""
        catalogue = self.timeline.newest.program.catalogue
        events = [parse_event(raw, catalogue, recorded_at=now) for raw in raws]
        with connect(self.dsn) as conn, transaction(conn):
            process_events(conn, self.brand, self.timeline, events)

    def work(self, now: datetime) -> None:
        """What the worker does when it runs now."""
        pass_time(self.dsn, self.brand, self.timeline, until=now)
        with connect(self.dsn) as conn:
            self.brand = brand_named(conn, self.brand.name)

    def publish(self, document: str, now: datetime) -> None:
        """Another version."""
        with connect(self.dsn) as conn, transaction(conn):
            publish_program(conn, self.brand.id, document, published_at=now, published_by="test")
            self.timeline = load_timeline(conn, self.brand.id)

    def history(self, until: date, grain: Grain = "month") -> History:
        """What was posted up to a day."""
        with connect(self.dsn) as conn:
            return read_history(conn, self.brand, self.timeline, until, grain=grain)

    def period(self, month: date, now: datetime) -> Period:
        """The report of a period, asked for now."""
        with connect(self.dsn) as conn:
            return read_period(conn, self.brand, self.timeline, month, now=now)

    def export(self, since: date, until: date) -> tuple[str, Control]:
        """The export as a whole, with its control totals."""
        control = Control()
        with connect(self.dsn) as conn:
            pieces = export_lines(conn, self.brand, self.timeline, since=since, until=until, control=control)
            return "".join(pieces), control


def books_of(dsn: str, document: str = CLUB, *, clock: str = "wall") -> Books:
    """A brand with one published version."""
    with connect(dsn) as conn, transaction(conn):
        brand = ensure_brand(conn, "kaminrot", "wall" if clock == "wall" else "events", created_at=EPOCH)
        publish_program(conn, brand.id, document, published_at=at("2026-01-01"), published_by="test")
        return Books(dsn, brand, load_timeline(conn, brand.id))


def at(text: str) -> datetime:
    """A time in Berlin; of a date, its noon."""
    moment = datetime.fromisoformat(text if len(text) > 10 else f"{text}T12:00")
    return moment.replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)


def happened(kind: str, event: str, when: str, **fields: object) -> dict[str, object]:
    """An event of one member."""
    head = {"id": event, "type": kind, "source": "shop", "member": "c-1", "occurred_at": at(when).isoformat()}
    return {**head, **fields}


def order(number: str, when: str, total: str, **fields: object) -> dict[str, object]:
    """An order."""
    told = {"order": number, "currency": "EUR", "total": total, **fields}
    return happened("order.placed", f"o-{number}", when, **told)


def spent(number: str, when: str, amount: str, **fields: object) -> dict[str, object]:
    """A spending."""
    return happened("points.spent", f"s-{number}", when, unit="points", amount=amount, **fields)


def year_of_a_shop() -> Iterator[Event]:
    """The Online Retail history; after every third order of a customer a spending, every fifth undone."""
    orders: Counter[str] = Counter()
    spendings = 0
    for event in events_of_online_retail(CATALOGUE):
        yield event
        if event.type != "order.placed":
            continue
        orders[event.member] += 1
        total = event.body["total"]
        amount = min(int(total) // 2, 300) if isinstance(total, Decimal) else 0
        if orders[event.member] % 3 or not amount:
            continue
        spendings += 1
        told = {"source": "till", "member": event.member, "occurred_at": event.occurred_at.isoformat()}
        told |= {"unit": "points", "amount": str(amount)}
        yield parse_event({**told, "id": f"s-{event.id}", "type": "points.spent"}, CATALOGUE)
        if not spendings % 5:
            yield parse_event({**told, "id": f"b-{event.id}", "type": "points.restored"}, CATALOGUE)


def moved(
    move: str, amount: int, *, earned_in: str = "2026-01", posted: str = "2026-01", unit: str = "points"
) -> Moved:
    """A movement of some month, of lots of some month."""
    first, then = date.fromisoformat(f"{earned_in}-01"), date.fromisoformat(f"{posted}-01")
    return Moved(unit, first, 1, then, move, Decimal(amount), 0)


def entries_in(conn: Connection, brand: Brand) -> Iterable[tuple[object, Entry]]:
    """Every entry there is with its member, as the journal itself reads them back, row by row."""
    from bondfire.journal.log.rows import entries_of_row
    from bondfire.journal.log.store import rows_of_bucket
    from bondfire.kit import BUCKETS

    for bucket in range(BUCKETS):
        for row in rows_of_bucket(conn, brand.id, bucket):
            for entry in entries_of_row(row):
                yield row.member_id, entry
