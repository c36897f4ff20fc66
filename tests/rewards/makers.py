"""Makers for the tests of rewards: a brand with points to spend, and what becomes of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

from bondfire.db import connect, transaction
from bondfire.engine import MemberState
from bondfire.events import parse_event
from bondfire.journal import Result, process_events, see_member, verify
from bondfire.kit import EPOCH, member_id_of
from bondfire.programs import Brand, Timeline, ensure_brand, load_timeline, publish_program
from bondfire.rewards import Desk, Got, Wish, open_desk, redeem

T0 = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HEAD = """\
program: club
brand: kaminrot
timezone: Europe/Berlin
currency: EUR
units:
  points: {}
  stars: {}
  status: {qualifying: true}
tier_sets:
  flame: {unit: status, window: lifetime, tiers: {spark: {from: 0}, fire: {from: 5000}}}
earn:
  base: {on: order.placed, award: {points: floor(event.total), stars: 5, status: floor(event.total)}}
"""
_numbers = count(1)


@dataclass
class Club:
    """A brand in a database, at a time that goes on only when it is told to."""

    dsn: str
    brand: Brand
    timeline: Timeline
    now: datetime = T0

    def member(self, reference: str) -> UUID:
        """The id of a member."""
        return member_id_of(self.brand.name, reference)

    def earn(self, *members: str, points: int = 1000) -> None:
        """Each of them gets so many points, and five stars."""
        self.send(
            *(
                {"type": "order.placed", "member": one, "total": str(points), "currency": "EUR"}
                for one in members
            )
        )

    def send(self, *raws: Mapping[str, object]) -> list[Result]:
        """Events of now, from the shop."""
        head = {"source": "shop", "occurred_at": self.now.isoformat()}
        catalogue = self.timeline.newest.program.catalogue
        events = [parse_event({"id": f"e{next(_numbers)}", **head, **raw}, catalogue) for raw in raws]
        with connect(self.dsn) as conn, transaction(conn):
            return process_events(conn, self.brand, self.timeline, events)

    def at_desk(self, member: str, act: Callable[[Desk], Got]) -> Got:
        """One transaction about a member."""
        with connect(self.dsn) as conn, transaction(conn):
            return act(open_desk(conn, self.brand, self.timeline, self.member(member), now=self.now))

    def redeem(self, member: str, reward: str, *, until: timedelta | None = None, **wish: object) -> Got:
        """Redeem a reward, or hold it for so long."""
        wanted = wish_for(reward, until=self.now + until if until else None, **wish)
        return self.at_desk(member, lambda desk: redeem(desk, wanted, random=bytes_of(wanted)))

    def seen(self, member: str) -> MemberState:
        """The member as they are now."""
        with connect(self.dsn) as conn, transaction(conn):
            return see_member(conn, self.brand, self.timeline, self.member(member), now=self.now)

    def active(self, member: str, unit: str = "points") -> int:
        """What they can spend."""
        return int(self.seen(member).ledger.wallet(unit).active)

    def statuses(self, member: str) -> list[tuple[str, str]]:
        """Reward and status of what they have."""
        return [(one.reward, one.status) for one in self.seen(member).rewards]

    def taken(self, reward: str) -> tuple[int, int]:
        """How many are claimed of a reward, and how many wait, as the tables say."""
        with connect(self.dsn) as conn:
            query = "SELECT taken, waiting FROM reward_stock WHERE brand_id = %s AND reward = %s"
            return conn.execute(query, (self.brand.id, reward)).fetchone() or (0, 0)

    def is_true(self) -> bool:
        """Whether all that is stored follows from the journal."""
        found = verify(self.dsn, self.brand, self.timeline)
        assert found.differences == [], found.differences
        return found.is_true


def club_of(dsn: str, rewards: str) -> Club:
    """A brand of its own that lives by its events, with these rewards."""
    with connect(dsn) as conn, transaction(conn):
        name = f"club-{next(_numbers)}"
        document = HEAD.replace("brand: kaminrot", f"brand: {name}") + rewards
        brand = ensure_brand(conn, name, "events", created_at=EPOCH)
        publish_program(conn, brand.id, document, published_at=T0, published_by="test")
        return Club(dsn, brand, load_timeline(conn, brand.id))


def wish_for(reward: str, **wish: object) -> Wish:
    """A wish with an id of its own."""
    return Wish(f"red-{next(_numbers)}", reward, **wish)  # type: ignore[arg-type]  # as the test wrote it


def bytes_of(wish: Wish) -> bytes:
    """Ten bytes that are of this wish alone."""
    return wish.redemption.encode().rjust(10, b"\0")[-10:]
