"""`bondfire coupons`: codes made, imported, revoked and counted, and what coupons gave and lost."""

import csv
import secrets
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from cyclopts import App, Parameter

from bondfire.cli.endings import Usage
from bondfire.cli.house import open_database
from bondfire.cli.options import AsJson, BrandName
from bondfire.cli.output import print_json, show, show_time, table

if TYPE_CHECKING:
    from bondfire.coupons import Terms

coupons = App(
    name="coupons",
    help="Make, import, revoke and count codes of coupons.",
    help_epilogue="Example: bondfire coupons create five_off --brand corner-cafe --count 100 --out may.csv",
    help_format="plaintext",
)

CouponName = Annotated[str, Parameter(help="A coupon of the brand's programme.")]
BatchName = Annotated[
    str | None, Parameter(name="--batch", help="A name for all of them; the coupon and the time without it.")
]
Uses = Annotated[int, Parameter(help="How often each may be used; 0 for without end.")]
Expires = Annotated[
    str | None, Parameter(help="From when on they open nothing, such as 2027-01-01T00:00:00Z.")
]
Since = Annotated[date | None, Parameter(help="From this day on (UTC); from the beginning without it.")]
Until = Annotated[date | None, Parameter(help="Before this day (UTC); up to now without it.")]


@coupons.command
def create(
    coupon: CouponName,
    /,
    *,
    brand: BrandName,
    count: Annotated[int | None, Parameter(help="How many, for whoever has one; up to 1,000,000.")] = None,
    members: Annotated[
        Path | None, Parameter(help="A file with a member's reference in each line: a code for each alone.")
    ] = None,
    batch: BatchName = None,
    uses: Uses = 1,
    expires: Expires = None,
    out: Annotated[Path | None, Parameter(help="Write them to this file; to stdout without it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make codes of 84 random bits and write them as CSV, this once: they are kept as hashes only.

    Example: bondfire coupons create five_off --brand corner-cafe --count 1000 --batch "May" --out codes.csv
    """
    from bondfire.coupons import create_codes
    from bondfire.db import connect, transaction
    from bondfire.members import find_members
    from bondfire.programs import brand_named, load_timeline

    if (count is None) == (members is None):
        raise Usage(
            "It makes so many codes, or one for each member of a file.",
            next_step="Give --count or --members.",
        )
    references = [line.strip() for line in members.read_text("utf-8").splitlines()] if members else []
    references = [reference for reference in references if reference]
    terms = _terms(coupon, batch, uses, expires)
    with open_database() as dsn, connect(dsn) as conn, transaction(conn):
        owner = brand_named(conn, brand)
        known = find_members(conn, owner, list(dict.fromkeys(references)))
        holders: list[UUID | None] = [known[one] for one in references] or [None] * (count or 0)
        program = load_timeline(conn, owner.id).newest.program
        codes = create_codes(conn, owner, program, terms, holders=holders, chance=secrets.token_bytes)
        rows = list(zip(codes, references or [""] * len(codes), strict=True))
        if out is not None:
            with out.open("x", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows([("code", "member"), *rows])
    said: dict[str, object] = {"coupon": coupon, "batch": terms.batch, "codes": len(codes)}
    if as_json:
        made = [{"code": code, "member": member or None} for code, member in rows]
        print_json({**said, "made": None if out else made})
    elif out is None:
        csv.writer(sys.stdout, lineterminator="\n").writerows([("code", "member"), *rows])
    else:
        print(f"{len(codes)} codes of the batch {terms.batch!r} are in {out}, and nowhere else.")


@coupons.command(name="import")
def import_given(
    coupon: CouponName,
    file: Annotated[
        Path, Parameter(help="CSV: a code in each row, and perhaps the member who alone may use it.")
    ],
    /,
    *,
    brand: BrandName,
    batch: BatchName = None,
    uses: Uses = 1,
    expires: Expires = None,
    as_json: AsJson = False,
) -> None:
    """Keep codes that somebody else made, such as a partner; a second time changes nothing.

    Example: bondfire coupons import five_off partner.csv --brand corner-cafe --batch partner
    """
    from bondfire.coupons import Given, import_codes
    from bondfire.db import connect, transaction
    from bondfire.members import find_members
    from bondfire.programs import brand_named, load_timeline

    rows = list(_rows(file))
    terms = _terms(coupon, batch, uses, expires)
    with open_database() as dsn, connect(dsn) as conn, transaction(conn):
        owner = brand_named(conn, brand)
        known = find_members(conn, owner, list({member for _, member in rows if member}))
        given = [Given(code, known[member] if member else None) for code, member in rows]
        program = load_timeline(conn, owner.id).newest.program
        added = import_codes(conn, owner, program, terms, given=given)
    if as_json:
        print_json({"coupon": coupon, "batch": terms.batch, "codes": len(rows), "added": added})
    else:
        print(f"{added} of {len(rows)} codes are new, in the batch {terms.batch!r}.")


@coupons.command
def revoke(
    *,
    brand: BrandName,
    batch: Annotated[str | None, Parameter(help="All codes of this batch.")] = None,
    code: Annotated[str | None, Parameter(help="This code.")] = None,
    as_json: AsJson = False,
) -> None:
    """Revoke codes for ever: what was used stays used, and doing it again changes nothing.

    Example: bondfire coupons revoke --brand corner-cafe --batch May
    """
    from bondfire.coupons import revoke_codes
    from bondfire.db import connect, transaction
    from bondfire.programs import brand_named

    if (batch is None) == (code is None):
        raise Usage("It revokes a batch, or one code.", next_step="Give --batch or --code.")
    with open_database() as dsn, connect(dsn) as conn, transaction(conn):
        owner = brand_named(conn, brand)
        revoked = revoke_codes(conn, owner, revoked_at=datetime.now(UTC), batch=batch, code=code)
    if as_json:
        print_json({"revoked": revoked})
    else:
        print(f"{revoked} codes open nothing any more.")


@coupons.command(name="list")
def list_all(*, brand: BrandName, as_json: AsJson = False) -> None:
    """List the batches of codes, and how many of their codes were used.

    Example: bondfire coupons list --brand corner-cafe
    """
    from msgspec.structs import asdict

    from bondfire.coupons import list_batches
    from bondfire.db import connect, transaction
    from bondfire.programs import brand_named

    with open_database() as dsn, connect(dsn) as conn, transaction(conn):
        found = list_batches(conn, brand_named(conn, brand), limit=10_000)
    if as_json:
        print_json({"batches": [asdict(one) for one in found]})
        return
    columns = ["batch", "coupon", "made", "codes", "used", "uses", "revoked"]
    rows = [
        [one.batch, one.coupon, show_time(one.created_at), one.codes, one.used, one.uses, one.revoked]
        for one in found
    ]
    show(table(f"Codes of {brand}", columns, rows, left=3))


@coupons.command
def report(*, brand: BrandName, since: Since = None, until: Until = None, as_json: AsJson = False) -> None:
    """Say of each coupon how many were issued, used, given back, withdrawn and lost, and how much money.

    It counts when bondfire learned of it, so a period that is over never changes. It reads the whole journal.

    Example: bondfire coupons report --brand corner-cafe --since 2026-05-01 --until 2026-06-01
    """
    from bondfire.db import connect, transaction
    from bondfire.journal import coupon_moves
    from bondfire.kit import format_amount
    from bondfire.programs import brand_named

    with open_database() as dsn, connect(dsn) as conn, transaction(conn, snapshot=True):
        owner = brand_named(conn, brand)
        found = coupon_moves(conn, owner, since=_midnight(since), until=_midnight(until))
    rows = [[one.coupon, one.what, one.times, format_amount(one.amount)] for one in found]
    if as_json:
        names = ("coupon", "what", "times", "amount")
        print_json({"coupons": [dict(zip(names, row, strict=True)) for row in rows]})
    else:
        show(table(f"Coupons of {brand}", ["coupon", "what", "times", "money"], rows, left=2))


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=UTC)


def _terms(coupon: str, batch: str | None, uses: int, expires: str | None) -> "Terms":
    from bondfire.coupons import Terms
    from bondfire.kit import parse_time

    now = datetime.now(UTC)
    expires_at = parse_time(expires, "--expires") if expires is not None else None
    return Terms(coupon, batch or f"{coupon} {now:%Y-%m-%d %H:%M:%S}", now, uses or None, expires_at)


def _rows(file: Path) -> Iterator[tuple[str, str]]:
    """Code and member of each row; a heading and empty rows are passed over."""
    with file.open(newline="", encoding="utf-8-sig") as opened:
        for row in csv.reader(opened):
            cells = [cell.strip() for cell in row]
            if any(cells) and cells[0].lower() != "code":
                yield cells[0], cells[1] if len(cells) > 1 else ""
