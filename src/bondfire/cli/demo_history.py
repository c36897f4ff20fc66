"""The history of the demo: brand, programme, import, the passing of time, and what there is to tell."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from bondfire.access import RANDOM_BYTES, create_key, list_keys, revoke_key
from bondfire.cli.imports import Import
from bondfire.cli.output import count, grouped
from bondfire.cli.story import abbreviated, standing_lines, story_of
from bondfire.cli.tables import FIGURES
from bondfire.db import Connection, connect, transaction
from bondfire.examples import History, example_program, read_online_retail
from bondfire.journal import Report, digest, pass_time, read_member, report
from bondfire.members import find_member
from bondfire.programs import (
    Brand,
    Program,
    Timeline,
    ensure_brand,
    load_program,
    load_timeline,
    publish_program,
)

PROGRAM: Final = "gift_shop"
MEMBER: Final = "16303"
"""The member whose story is told; a test says that it has an upgrade, a return and an expiry."""

KEY_NAME: Final = "demo"
_SCOPES: Final = ("events:write", "events:read", "members:read", "members:write", "programs:read")


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the demo has to tell.

    Attributes:
        story: what happened to `member`, line by line.
    """

    brand: Brand
    history: History
    report: Report
    digest: str
    program: Program
    member: str
    story: list[str]

    @property
    def events(self) -> int:
        """How many events of the shop are in the journal; the passing of time is no event of the shop."""
        return sum(one.events for one in self.report.events if one.type.startswith("order."))

    @property
    def headline(self) -> str:
        """Members and events in one line, the digest in the next."""
        summary = self.history.summary
        return (
            f"\n{count(self.report.members, 'member')}, {count(self.events, 'event')} "
            f"({summary.orders:,} orders, {summary.returns:,} returns), "
            f"{summary.first_at:%Y-%m-%d} to {summary.last_at:%Y-%m-%d}.\nDigest: {self.digest}\n"
        )

    @property
    def unmatched(self) -> int:
        """Returns that fit no purchase in the window, or not wholly; a person must look at them."""
        return sum(one.events for one in self.report.events if one.outcome == "unmatched")

    @property
    def left_out(self) -> str:
        """What could not be decided, and what of the file could not become an event."""
        summary = self.history.summary
        return (
            f"Waiting for a person: {self.unmatched:,} of {summary.returns:,} returns, which name no order "
            "and fit no purchase in the return window, or not wholly.\n"
            f"Left out: {summary.lines_without_customer:,} of {summary.lines:,} lines of the file, which "
            "name no customer."
        )

    def as_dict(self) -> dict[str, Any]:
        """All of it for JSON output."""
        return {
            "brand": self.brand.name,
            "members": self.report.members,
            "events": self.events,
            "digest": self.digest,
            "totals": {
                unit: {figure: grouped(getattr(total, figure)).replace(",", "") for figure in FIGURES}
                for unit, total in self.report.totals.items()
            },
            "tiers": [one._asdict() for one in self.report.tiers],
            "story": {"member": self.member, "lines": self.story},
            "unmatched_returns": self.unmatched,
            "lines_without_customer": self.history.summary.lines_without_customer,
        }


def prepare(dsn: str, *, workers: int) -> Facts:
    """Bring the demo's brand to the end of its history; what is there already is not done again."""
    history = read_online_retail()
    brand, timeline, held = _open(dsn)
    if held < len(history):
        task = Import(dsn, brand, timeline, workers=workers, batch=1000)
        events = history.events(timeline.newest.program.catalogue)
        task.write(events, "Importing a year of a shop", len(history))
    pass_time(dsn, brand, timeline, until=history.summary.last_at)
    with connect(dsn) as conn, transaction(conn):
        return Facts(
            brand=brand,
            history=history,
            report=report(conn, brand),
            digest=digest(conn, brand),
            program=timeline.newest.program,
            member=MEMBER,
            story=_story(conn, brand, timeline),
        )


def _story(conn: Connection, brand: Brand, timeline: Timeline) -> list[str]:
    member_id = find_member(conn, brand, MEMBER)
    standing = standing_lines(read_member(conn, brand, timeline, member_id), timeline.newest.program.zone)
    command = f"bondfire explain {MEMBER} --brand {brand.name}"
    story = abbreviated(story_of(conn, brand, timeline, member_id), command)
    return [f"The story of customer {MEMBER} ({command}):", *standing, *story]


def _open(dsn: str) -> tuple[Brand, Timeline, int]:
    """The brand, its programme, and how many events of the shop the journal has."""
    now = datetime.now(UTC)
    document = example_program(PROGRAM)
    with connect(dsn) as conn, transaction(conn):
        brand = ensure_brand(conn, load_program(document).brand, "events", created_at=now)
        publish_program(
            conn, brand.id, document, published_at=now, published_by="bondfire demo", name=f"{PROGRAM}.yaml"
        )
        held = sum(one.events for one in report(conn, brand).events if one.type.startswith("order."))
        return brand, load_timeline(conn, brand.id), held


def demo_key(dsn: str, brand: Brand) -> str:
    """A fresh key for the demo; those of earlier starts are revoked, since only their hashes were kept."""
    now = datetime.now(UTC)
    with connect(dsn) as conn, transaction(conn):
        for key in list_keys(conn, brand.id):
            if key.name == KEY_NAME and key.revoked_at is None:
                revoke_key(conn, brand.id, key.key_id, revoked_at=now)
        random = secrets.token_bytes(RANDOM_BYTES)
        _, token = create_key(conn, brand.id, _SCOPES, KEY_NAME, created_at=now, random=random)
    return token
