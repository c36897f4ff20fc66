"""The history of the demo: brand, programme, import, the passing of time, and what there is to tell."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from bondfire.access import RANDOM_BYTES, create_key, list_keys, revoke_key
from bondfire.cli.imports import Import
from bondfire.cli.output import count, grouped
from bondfire.cli.story import story_lines
from bondfire.cli.tables import FIGURES
from bondfire.db import connect, transaction
from bondfire.engine import Report, digest, pass_time, report
from bondfire.examples import History, example_program, read_online_retail
from bondfire.programs import Brand, Timeline, ensure_brand, load_program, load_timeline, publish_program

PROGRAM: Final = "gift_shop"
MEMBER: Final = "12748"
"""The member whose story is told; a test says that it has an upgrade, a return and an expiry."""

KEY_NAME: Final = "demo"
_SCOPES: Final = ("events:write", "events:read", "members:read", "members:write", "programs:read")


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the demo has to tell.

    Attributes:
        ranks: the tiers of each set, lowest first.
        story: what happened to `member`, line by line.
    """

    brand: Brand
    history: History
    report: Report
    digest: str
    ranks: dict[str, list[str]]
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
    def left_out(self) -> str:
        """What of the file could not become an event."""
        summary = self.history.summary
        return (
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
            ranks={
                name: [tier.name for tier in tier_set.tiers]
                for name, tier_set in timeline.newest.program.tier_sets.items()
            },
            member=MEMBER,
            story=story_lines(conn, brand, timeline, MEMBER),
        )


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
