"""For finance and auditors: what is owed, accounting periods, reconciliation, the journal as CSV."""

from collections.abc import AsyncIterator, Generator
from datetime import date
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Path, Query, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from bondfire.api.finance_shapes import (
    Allocated,
    LiabilityReport,
    PeriodReport,
    Recognised,
    ReconciliationReport,
    RedemptionReport,
    plain,
)
from bondfire.api.guard import MayReadFinance
from bondfire.api.house import Caller
from bondfire.api.problems import problems
from bondfire.db import Connection
from bondfire.events import CURRENCIES
from bondfire.finance import (
    Control,
    Sale,
    checked_day,
    export_lines,
    parse_day,
    parse_month,
    read_allocation,
    read_owed,
    read_period,
    read_reconciliation,
    read_redemption,
    recognise,
    today_of,
)
from bondfire.kit import parse_amount
from bondfire.programs import Timeline

router = APIRouter(prefix="/v1/finance", tags=["finance"])

CSV: Final = "text/csv; charset=utf-8"
_EXPORT: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The entries, one a line.", "content": {"text/csv": {}}}
}
On = Annotated[
    str | None,
    Query(
        description="At the end of which day; the brand's present without it.",
        examples=["2026-03-31"],
        max_length=40,
    ),
]
Sum = Annotated[str, Query(max_length=40, examples=["100"], description="An exact amount.")]


def _day(caller: Caller, timeline: Timeline, on: str | None) -> date:
    wanted = None if on is None else parse_day(on, "on")
    return checked_day(wanted, today_of(caller.brand, timeline, caller.house.now()))


@router.get("/liability", responses=problems(404))
def read_liability(caller: MayReadFinance, on: On = None) -> LiabilityReport:
    """Read what is owed at the end of a day: by unit, by month of earning, and month by month."""

    def act(conn: Connection) -> dict[str, object]:
        timeline = caller.timeline(conn)
        day = _day(caller, timeline, on)
        return {"on": day, "units": read_owed(conn, caller.brand, timeline, day)}

    return LiabilityReport.model_validate(plain(caller.read(act)))


@router.get("/periods/{month}", responses=problems(404))
def read_accounting_period(
    caller: MayReadFinance, month: Annotated[str, Path(examples=["2026-03"], max_length=40)]
) -> PeriodReport:
    """Read the report of an accounting period: opening, what was posted, closing, deferred revenue."""
    first = parse_month(month, "month")
    now = caller.house.now()
    found = caller.read(lambda conn: read_period(conn, caller.brand, caller.timeline(conn), first, now=now))
    return PeriodReport.model_validate(plain(found))


@router.get("/redemption", responses=problems(404))
def read_expected_redemption(
    caller: MayReadFinance,
    on: On = None,
    fit: Annotated[
        str | None,
        Query(
            description="Test it: fit on what was known at the end of this month, compare with what came.",
            examples=["2025-12"],
            max_length=40,
        ),
    ] = None,
) -> RedemptionReport:
    """Read which share of what was earned is spent in the end, by chain ladder over its months."""
    fit_until = None if fit is None else parse_month(fit, "fit")

    def act(conn: Connection) -> dict[str, object]:
        timeline = caller.timeline(conn)
        day = _day(caller, timeline, on)
        found = read_redemption(conn, caller.brand, timeline, day, fit_until=fit_until)
        return {"on": day, "units": found}

    return RedemptionReport.model_validate(plain(caller.read(act)))


@router.get("/reconciliation", responses=problems(404))
def read_whether_books_tie(
    caller: MayReadFinance,
    by: Annotated[Literal["day", "month"], Query(description="Day by day, or month by month.")] = "month",
) -> ReconciliationReport:
    """Read whether the books tie out: between the accounts, with the lots, and with what is stored."""
    found = caller.read(lambda conn: read_reconciliation(conn, caller.brand, caller.timeline(conn), grain=by))
    return ReconciliationReport.model_validate({"ties": found.ties, **plain(found)})


@router.get("/journal", responses={**problems(404), **_EXPORT}, response_class=Response)
async def export_journal(
    caller: MayReadFinance,
    since: Annotated[
        str, Query(alias="from", max_length=40, examples=["2026-03-01"], description="The first day.")
    ],
    until: Annotated[
        str, Query(alias="to", max_length=40, examples=["2026-03-31"], description="The last day.")
    ],
) -> Response:
    """Export the entries posted from a day to a day as CSV, in an order that stays."""
    pieces = _pieces(caller, parse_day(since, "from"), parse_day(until, "to"))
    first = await run_in_threadpool(next, pieces)
    return StreamingResponse(_sent(first, pieces), media_type=CSV)


def _pieces(caller: Caller, since: date, until: date) -> Generator[str, None, None]:
    """The export, out of one transaction that ends with it."""
    with caller.house.pool.transaction(snapshot=True) as conn:
        yield from export_lines(
            conn, caller.brand, caller.timeline(conn), since=since, until=until, control=Control()
        )


async def _sent(first: str, rest: Generator[str, None, None]) -> AsyncIterator[str]:
    """What is sent, piece by piece; whoever hangs up ends the transaction too."""
    try:
        piece: str | None = first
        while piece is not None:
            yield piece
            piece = await run_in_threadpool(next, rest, None)
    finally:
        await run_in_threadpool(rest.close)


@router.get("/allocation", responses=problems(404))
def share_a_price(
    caller: MayReadFinance,
    *,
    price: Annotated[str, Query(max_length=40, examples=["800"], description="What was paid for both.")],
    product: Annotated[
        str, Query(max_length=40, examples=["800"], description="What the goods cost on their own.")
    ],
    unit: Annotated[str, Query(max_length=100, examples=["beans"])],
    amount: Sum,
    on: On = None,
) -> Allocated:
    """Share a price between goods and points by their stand-alone selling prices (IFRS 15)."""
    paid = parse_amount(price, decimals=4, name="price")
    alone = parse_amount(product, decimals=4, name="product")
    sale = Sale(paid, alone, unit, parse_amount(amount, decimals=6, name="amount"))

    def act(conn: Connection) -> object:
        timeline = caller.timeline(conn)
        day = _day(caller, timeline, on)
        return read_allocation(conn, caller.brand, timeline, sale, day=day)

    return Allocated.model_validate(plain(caller.read(act)))


@router.get("/recognition", responses=problems(404))
def recognise_revenue(
    caller: MayReadFinance, *, allocated: Sum, redeemed: Sum, expected: Sum, before: Sum = "0"
) -> Recognised:
    """Work out what of the points' share is revenue by now; a changed expectation is caught up."""
    currency = caller.read(caller.timeline).newest.program.currency
    found = recognise(
        parse_amount(allocated, decimals=4, name="allocated"),
        redeemed=parse_amount(redeemed, decimals=6, name="redeemed"),
        expected=parse_amount(expected, decimals=6, name="expected"),
        before=parse_amount(before, decimals=4, name="before"),
        decimals=CURRENCIES[currency],
    )
    return Recognised.model_validate(found._asdict())
