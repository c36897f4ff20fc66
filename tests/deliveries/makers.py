"""A café with its programme, and parcels that are delivered to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bondfire.db import Connection, connect, transaction
from bondfire.deliveries import Desk, Reject, Taken, list_rejects, read_all, take, tie_anonymous
from bondfire.doors import Parcel
from bondfire.errors import NotFound
from bondfire.journal import digest, read_member
from bondfire.members import find_member
from bondfire.programs import Brand, brand_named, ensure_brand, load_timeline, publish_program
from doors.makers import NOW, PROGRAM


@dataclass
class Cafe:
    """A brand that takes deliveries; each act is a transaction of its own."""

    dsn: str
    brand: Brand
    now: datetime = NOW

    def deliver(self, *parcels: Parcel) -> list[Taken]:
        """Deliver parcels together."""
        with connect(self.dsn) as conn:
            with transaction(conn):
                work = read_all(parcels, self.desk(conn).timeline)
                tie_anonymous(self.desk(conn), work)
            with transaction(conn):
                return take(self.desk(conn), work)

    def desk(self, conn: Connection) -> Desk:
        """The desk at which they are taken."""
        return Desk(conn, self.brand, load_timeline(conn, self.brand.id), self.now)

    def publish(self, document: str) -> None:
        """Publish a version of the programme."""
        with connect(self.dsn) as conn, transaction(conn):
            publish_program(conn, self.brand.id, document, published_at=self.now, published_by="test")

    def rejects(self) -> list[Reject]:
        """What is kept, the newest first."""
        with connect(self.dsn) as conn:
            return list_rejects(conn, self.brand.id, after=None, most=1_000)

    def beans(self, reference: str) -> str:
        """A member's active beans; nothing for who is no member."""
        with connect(self.dsn) as conn:
            timeline = load_timeline(conn, self.brand.id)
            try:
                view = read_member(
                    conn, self.brand, timeline, find_member(conn, self.brand, reference), now=self.now
                )
            except NotFound:
                return ""
            wallet = view.wallets.get("beans")
            return str(wallet.active) if wallet else "0"

    def digest(self) -> str:
        """What is stored of everybody; equal digests: nothing moved."""
        with connect(self.dsn) as conn:
            return digest(conn, self.brand)


def cafe_in(dsn: str) -> Cafe:
    """A café in a fresh database."""
    with connect(dsn) as conn, transaction(conn):
        ensure_brand(conn, "corner-cafe", "wall", created_at=NOW)
        brand = brand_named(conn, "corner-cafe")
    cafe = Cafe(dsn, brand)
    cafe.publish(PROGRAM)
    return cafe


FILL = """
INSERT INTO reject (brand_id, reject_id, door, source, topic, frame, raw, people, is_public, received_at,
    code, message, next_step)
SELECT %s, md5(number::text)::uuid, 'segment', 'segment', 'topic ' || number %% %s, '{}', %s, '{}', %s, %s,
    'x', 'x', 'x'
FROM generate_series(1, %s) AS number
"""


def fill_shelf(
    dsn: str, brand_id: int, rows: int, *, topics: int = 1_000, size: int = 10, public: bool = False
) -> None:
    """Put so many rejects on a brand's shelf, spread over so many topics: `topic 0`, `topic 1` ..."""
    with connect(dsn) as conn, transaction(conn):
        conn.execute(FILL, [brand_id, topics, b"x" * size, public, NOW, rows])


def outcomes(taken: Sequence[Taken]) -> list[str]:
    """What became of the events of each parcel, or the code of its problem."""
    return [
        one.problem.code if one.problem else " ".join(result.outcome for result in one.results)
        for one in taken
    ]
