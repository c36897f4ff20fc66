"""Writes the chapter "A member's year" of the tour by living it, in a real database.

`make tour` writes `docs/tour/a-members-year.md`; a test compares the page with what happens today.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from acceptance.makers import BERLIN, moment
from bondfire.coupons import Basket, confirm_basket
from bondfire.db import Connection, connect, transaction
from bondfire.events import Event, parse_event
from bondfire.examples import example_program
from bondfire.journal import (
    LANGUAGES,
    carry_transfers,
    digest,
    explain_event,
    pass_time,
    process_events,
    read_coupons,
    read_member,
    replay,
    verify,
)
from bondfire.kit import EPOCH, format_amount, member_id_of
from bondfire.leaderboards import close_boards
from bondfire.programs import Brand, Timeline, ensure_brand, load_timeline, publish_program
from bondfire.referrals import follow_referrals
from bondfire.rewards import CODE_BYTES, Wish, catalogue_for, open_desk, redeem, use_code

PAGE: Final = Path(__file__).parents[2] / "docs" / "tour" / "a-members-year.md"
HEAD: Final = """\
# A member's year

Made by `make tour`: Mara's year with the fashion house of the example `fashion`, lived in a real database.
What she does stands as the event that the shop sends; what follows is what `bondfire explain` says of it, in
the two languages that members read. Rules that gave nothing are left out. Nothing below is written by hand
but the headings.
"""
_SILENT: Final = (
    "gave nothing",
    "gab nichts",
    "came to nothing",
    "ergab nichts",
    "does not count",
    "zählt nicht",
)


@dataclass
class Year:
    """A brand in a database, and the page so far."""

    dsn: str
    brand: Brand
    timeline: Timeline
    lines: list[str] = field(default_factory=list)

    def day(self, at: str, story: str) -> None:
        """A heading, and what the day is about; time passes up to it."""
        self.until(at)
        self.lines.append(f"\n## {moment(at).astimezone(BERLIN):%d %b %Y}: {story}\n")

    def until(self, at: str) -> None:
        """Let time pass as the worker does."""
        pass_time(self.dsn, self.brand, self.timeline, until=moment(at))
        while self.act(lambda conn: follow_referrals(conn, self.brand, self.timeline)):
            pass
        while self.act(lambda conn: carry_transfers(conn, self.brand, self.timeline)):
            pass
        while self.act(lambda conn: close_boards(conn, self.brand, self.timeline, now=moment(at))):
            pass

    def act(self, what: Callable[[Connection], Any]) -> Any:
        """One transaction."""
        with connect(self.dsn) as conn, transaction(conn):
            return what(conn)

    def id_of(self, member: str) -> UUID:
        """The id of a member."""
        return member_id_of(self.brand.name, member)

    def event(self, kind: str, name: str, at: str, *, member: str = "mara", **fields: Any) -> Event:
        """An event as the shop sends it; the page shows it."""
        said = {"type": kind, "member": member, "occurred_at": moment(at).isoformat(), **fields}
        self.lines.append(f"```json\n{json.dumps({'id': name, **said}, ensure_ascii=False)}\n```\n")
        raw = {"id": name, "source": "shop", **said}
        return parse_event(raw, self.timeline.newest.program.catalogue)

    def sends(self, kind: str, name: str, at: str, *, member: str = "mara", **fields: Any) -> None:
        """Somebody does something; the page has the event and what follows."""
        event = self.event(kind, name, at, member=member, **fields)
        self.act(lambda conn: process_events(conn, self.brand, self.timeline, [event]))
        self.tells("shop", name, member)

    def tells(self, source: str, event: str, member: str = "mara") -> None:
        """What followed from an event, in every language."""
        for language in LANGUAGES:
            with connect(self.dsn) as conn, transaction(conn):
                told = explain_event(
                    conn,
                    self.brand,
                    self.timeline,
                    member_id=self.id_of(member),
                    source=source,
                    event_id=event,
                    language=language,
                )
            for sentence in told.sentences + told.tier_sentences:
                if not any(word in sentence for word in _SILENT):
                    self.lines.append(f"- *{language}*: {sentence}")
            self.lines.append("")

    def stands(self, member: str = "mara") -> None:
        """What somebody has now."""
        view = self.act(lambda conn: read_member(conn, self.brand, self.timeline, self.id_of(member)))
        points = view.wallets["points"]
        flame = view.tiers["flame"]
        parts = [f"{format_amount(points.active)} points to spend"]
        if points.pending:
            parts.append(f"{format_amount(points.pending)} that wait")
        parts.append(f"tier {flame.tier}")
        if flame.next_tier and flame.missing is not None:
            parts.append(f"{format_amount(flame.missing)} status to {flame.next_tier}")
        parts += [f"the badge {badge}" for badge in view.badges]
        self.lines.append(f"**{member.capitalize()} has** {', '.join(parts)}.\n")


def open_year(dsn: str) -> Year:
    """The fashion house with its programme, in an empty database."""
    with connect(dsn) as conn, transaction(conn):
        brand = ensure_brand(conn, "kaminrot", "events", created_at=EPOCH)
        document = example_program("fashion")
        publish_program(conn, brand.id, document, published_at=EPOCH, published_by="ada")
        return Year(dsn, brand, load_timeline(conn, brand.id))


def lines_of(*articles: tuple[str, str, str]) -> list[dict[str, object]]:
    """Articles of an order: number, amount, category."""
    return [{"sku": sku, "amount": amount, "categories": [category]} for sku, amount, category in articles]


def winter(year: Year) -> None:
    """How Mara comes, and what the first purchases bring."""
    year.day("2026-01-05 10:00", "Mara comes, because Ben told her")
    year.sends("member.joined", "ben-joins", "2026-01-02 10:00", member="ben")
    joining: dict[str, Any] = {"attributes": {"newsletter": True, "interests": ["repair"]}, "referrer": "ben"}
    year.sends("member.joined", "mara-joins", "2026-01-05 10:00", **joining)
    year.day("2026-01-10 16:00", "a coat and a belt, for more than three hundred")
    coat = lines_of(("COAT", "309.00", "coats"), ("BELT", "31.00", "belts"))
    year.sends(
        "order.placed", "o-1", "2026-01-10 16:00", order="1001", currency="EUR", total="340.00", lines=coat
    )
    year.stands()
    year.day("2026-01-20 09:00", "the belt comes back")
    back = [{"sku": "BELT", "amount": "31.00"}]
    year.sends("order.returned", "r-1", "2026-01-20 09:00", order="1001", lines=back)
    year.day("2026-02-10 12:00", "the coat was kept for thirty days: Ben's advice is paid, to both")
    year.stands("ben")
    year.stands()


def spring(year: Year) -> None:
    """A coupon, a mended dress, a leaderboard."""
    year.day("2026-02-20 12:00", "the thank-you of the first order pays a part of the second")
    shoes = lines_of(("BOOT", "119.80", "shoes"))
    fields: dict[str, Any] = {"order": "1002", "currency": "EUR", "total": "119.80", "lines": shoes}
    order = year.event("order.placed", "o-2", "2026-02-20 12:00", **fields)
    held = year.act(lambda conn: read_coupons(conn, year.brand, year.id_of("mara")))
    basket = Basket(order, tuple(held))
    placed, _ = year.act(lambda conn: confirm_basket(conn, year.brand, year.timeline, basket))
    year.lines.append(f"She pays {placed.body['total']} EUR (`POST /v1/baskets/confirm`).\n")
    year.tells(placed.source, placed.id)
    year.day("2026-04-08 12:00", "she has things mended, and wants to be seen among those who do")
    year.sends("leaderboard.joined", "seen", "2026-04-08 12:00", leaderboard="menders")
    mended = lines_of(("HEM", "45.00", "repair"))
    year.sends(
        "order.placed", "o-3", "2026-04-09 12:00", order="1003", currency="EUR", total="45.00", lines=mended
    )
    year.day("2026-07-01 00:00", "the quarter ends, and so does its ranking")
    year.stands()


def autumn(year: Year) -> None:
    """What money cannot buy."""
    year.day("2026-10-01 18:00", "points for an evening in the atelier, not for money off")
    offers = year.act(
        lambda conn: catalogue_for(
            conn, year.brand, year.timeline, year.id_of("mara"), now=moment("2026-10-01 18:00")
        )
    )
    shown = [f"{one.reward.name}{'' if one.refusal is None else ' (not yet)'}" for one in offers]
    year.lines.append(f"The catalogue in Mara's order: {', '.join(shown)}.\n")
    wish = Wish("evening", "atelier_evening")
    now = moment("2026-10-01 18:00")

    def takes(conn: Connection) -> Any:
        desk = open_desk(conn, year.brand, year.timeline, year.id_of("mara"), now=now)
        return redeem(desk, wish, random=bytes(CODE_BYTES))

    got = year.act(takes)
    year.tells("bondfire", "evening")
    year.stands()
    year.day("2026-11-20 19:00", "the evening: her ticket is scanned at the door, once")
    at_door = moment("2026-11-20 18:55")
    year.act(lambda conn: use_code(conn, year.brand, year.timeline, got.code, now=at_door))
    year.stands()
    year.day("2026-12-12 11:00", "before Christmas, shoes count twice for who is in flame")
    more = lines_of(("BOOT-2", "160.00", "shoes"), ("SCARF", "40.00", "scarves"))
    year.sends(
        "order.placed", "o-4", "2026-12-12 11:00", order="1004", currency="EUR", total="200.00", lines=more
    )
    year.stands()


def later(year: Year) -> None:
    """What time alone does, and what an auditor sees."""
    year.day("2028-03-05 12:00", "a year in which nothing was bought: the tier falls, after its grace")
    year.stands()
    year.day("2029-01-01 00:00", "what was earned in the second half of 2026 ends with its half-year")
    year.stands()
    year.lines.append("\n## What an auditor sees\n")
    checked = verify(year.dsn, year.brand, year.timeline)
    told = replay(year.dsn, year.brand, year.timeline)
    with connect(year.dsn) as conn:
        books = digest(conn, year.brand)
    year.lines.append(
        f"`bondfire verify` derives every table again from the journal and finds {len(checked.differences)} "
        f"differences; `bondfire replay` gives the digest of the books, "
        f"{'equal to the bit' if told.digest == books else 'another one'}."
    )


def tour(dsn: str) -> str:
    """The page."""
    year = open_year(dsn)
    for season in (winter, spring, autumn, later):
        season(year)
    return HEAD + "\n" + "\n".join(_tidy(year.lines)) + "\n"


def _tidy(lines: list[str]) -> Iterator[str]:
    """No two empty lines in a row."""
    before = ""
    for line in "\n".join(lines).split("\n"):
        if line or before:
            yield line
        before = line
