"""The pen and every movement of value, without an engine around them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bondfire.kit import MAX_AMOUNT
from bondfire.ledger import (
    Account,
    Book,
    Cause,
    Kind,
    Ledger,
    Lot,
    LotPart,
    NotEnough,
    Overflow,
    adjust_down,
    earn,
    expire,
    release,
    reopen,
    restore,
    spend,
    take_back,
)

NOON = datetime(2026, 1, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def cause(event: str = "e", **more: object) -> Cause:
    return Cause(event=event, version=1, effective_at=NOON, posted_at=NOON, **more)  # type: ignore[arg-type]


def earned(
    book: Book, amount: object, *, waits: int = 0, lives: int | None = None, unit: str = "points"
) -> Lot:
    """A lot earned at noon that waits and lives so many days; None lives for ever."""
    available_at = NOON + waits * DAY
    terms = (available_at, None if lives is None else available_at + lives * DAY)
    number = earn(book, cause(), [("", unit, Decimal(str(amount)), terms)], now=NOON)
    return book.ledger.lots[number]


def figures(book: Book, unit: str = "points") -> dict[str, Decimal]:
    wallet = book.ledger.wallet(unit)
    return {name: getattr(wallet, name) for name in wallet.__struct_fields__ if getattr(wallet, name)}


@pytest.fixture
def book() -> Book:
    return Book(Ledger())


def test_what_is_earned_can_be_spent_at_once_or_waits(book: Book) -> None:
    earned(book, 70)
    earned(book, 30, waits=14)

    assert figures(book) == {"issued": 100, "active": 70, "pending": 30}
    assert [(e.number, e.debit, e.credit) for e in book.entries] == [
        (1, Account.ISSUED, Account.ACTIVE),
        (2, Account.ISSUED, Account.PENDING),
    ]


def test_units_do_not_mix(book: Book) -> None:
    earned(book, 70)
    earned(book, 30, unit="stars")

    with pytest.raises(NotEnough):
        spend(book, cause(), unit="stars", amount=Decimal(31))

    assert figures(book) == {"issued": 70, "active": 70}
    assert figures(book, "stars") == {"issued": 30, "active": 30}


def test_spending_takes_what_ends_first_and_says_which_lot_paid_what(book: Book) -> None:
    earned(book, 10)
    earned(book, 10, lives=9)
    earned(book, 10, lives=3)
    earned(book, 10, lives=3)

    parts = spend(book, cause(), unit="points", amount=Decimal(35))

    assert parts == (
        LotPart(3, Decimal(10)),
        LotPart(4, Decimal(10)),
        LotPart(2, Decimal(10)),
        LotPart(1, Decimal(5)),
    )
    assert [lot.number for lot in book.ledger.open_lots("points")] == [1]


@pytest.mark.parametrize("take", [spend, adjust_down])
def test_more_than_is_active_cannot_go_and_nothing_moves(book: Book, take: object) -> None:
    earned(book, 10)
    earned(book, 10, waits=1)
    before = (list(book.entries), book.ledger.chain, figures(book))

    with pytest.raises(NotEnough):
        take(book, cause(), unit="points", amount=Decimal("10.01"))  # type: ignore[operator]

    assert (list(book.entries), book.ledger.chain, figures(book)) == before


def test_beyond_a_quadrillion_nothing_is_posted(book: Book) -> None:
    earned(book, MAX_AMOUNT)
    before = (list(book.entries), book.ledger.chain, book.ledger.next_entry, book.ledger.next_lot)

    with pytest.raises(Overflow):
        earned(book, "0.000001")

    assert (list(book.entries), book.ledger.chain, book.ledger.next_entry, book.ledger.next_lot) == before
    assert figures(book) == {"issued": MAX_AMOUNT, "active": MAX_AMOUNT}
    assert len(book.ledger.lots) == 1


def test_a_lot_that_ended_before_it_was_known_is_earned_and_expired_in_one_entry(book: Book) -> None:
    terms = (NOON - 9 * DAY, NOON)
    lot = book.ledger.lots[earn(book, cause(), [("", "points", Decimal(5), terms)], now=NOON)]

    assert (lot.left, lot.expired, len(book.entries)) == (Decimal(0), Decimal(5), 1)
    assert figures(book) == {"issued": 5, "expired": 5}


def test_a_debt_is_paid_by_the_next_points_that_can_be_spent(book: Book) -> None:
    first = earned(book, 50)
    spend(book, cause(), unit="points", amount=Decimal(50))
    take_back(book, cause(), lot=first, amount=Decimal(50), lapsed_before=Decimal(0), policy="allow_negative")
    waiting = earned(book, 30, waits=1)
    assert figures(book) == {"issued": 80, "spent": 50, "clawed_back": 50, "debt": 50, "pending": 30}

    earned(book, 15)
    release(book, cause(), waiting)

    assert figures(book) == {"issued": 95, "spent": 50, "clawed_back": 50, "debt": 5}
    earned(book, 6)
    assert figures(book)["active"] == 1
    assert [lot.left for lot in book.ledger.open_lots("points")] == [1]


@pytest.mark.parametrize(
    ("policy", "left"),
    [
        ("allow_negative", {"debt": Decimal(30), "clawed_back": Decimal(100)}),
        ("clamp", {"written_off": Decimal(30), "clawed_back": Decimal(70)}),
        ("pending_only", {"active": Decimal(70)}),
    ],
)
def test_what_cannot_be_taken_back_is_owed_or_lost_or_left(
    book: Book, policy: str, left: dict[str, Decimal]
) -> None:
    lot = earned(book, 100)
    spend(book, cause(), unit="points", amount=Decimal(60))
    earned(book, 30)

    taken = take_back(book, cause(), lot=lot, amount=Decimal(100), lapsed_before=Decimal(0), policy=policy)

    assert sum(getattr(taken, name) for name in taken.__struct_fields__) == 100
    assert figures(book) == {"issued": 130, "spent": 60, **left}


def test_taking_back_skips_what_expired_and_counts_it_once(book: Book) -> None:
    lot = earned(book, 100, lives=5)
    spend(book, cause(), unit="points", amount=Decimal(40))
    expire(book, cause(), lot)

    first = take_back(book, cause(), lot=lot, amount=Decimal(50), lapsed_before=Decimal(0), policy="clamp")
    second = take_back(book, cause(), lot=lot, amount=Decimal(50), lapsed_before=first.lapsed, policy="clamp")

    assert (first.lapsed, second.lapsed, second.written_off) == (Decimal(50), Decimal(10), Decimal(40))


def test_what_is_given_back_keeps_its_end_or_gets_the_grace(book: Book) -> None:
    lot = earned(book, 100, lives=5)
    spend(book, cause(), unit="points", amount=Decimal(100))
    grace = NOON + 20 * DAY

    restore(book, cause(), lot=lot, amount=Decimal(40), grace_until=grace, now=NOON + 4 * DAY)
    assert lot.expires_at == NOON + 5 * DAY

    restore(book, cause(), lot=lot, amount=Decimal(60), grace_until=grace, now=NOON + 5 * DAY)
    assert lot.expires_at == grace
    assert figures(book) == {"issued": 100, "active": 100}


def test_books_opened_again_spend_in_the_same_order(book: Book) -> None:
    for lives in (None, 9, 3, 7, 3):
        earned(book, 10, lives=lives)
    earned(book, 10, waits=2, lives=1)
    spend(book, cause(), unit="points", amount=Decimal(12))
    again = Book(
        reopen(
            Ledger(
                wallets=book.ledger.wallets,
                lots=dict(reversed(book.ledger.lots.items())),
                next_entry=book.ledger.next_entry,
                next_lot=book.ledger.next_lot,
                chain=book.ledger.chain,
            )
        )
    )

    parts = spend(again, cause(), unit="points", amount=Decimal(30))

    assert [(part.lot, int(part.amount)) for part in parts] == [(5, 8), (4, 10), (2, 10), (1, 2)]


def test_each_fact_of_an_entry_is_in_the_chain() -> None:
    def chain(amount: int = 5, unit: str = "points", **more: object) -> bytes:
        book = Book(Ledger())
        book.post(
            cause(**more),  # type: ignore[arg-type]
            Kind.EARN,
            unit=unit,
            debit=Account.ISSUED,
            credit=Account.ACTIVE,
            amount=Decimal(amount),
        )
        book.seal()
        return book.ledger.chain

    histories = [chain(), chain(6), chain(unit="stars"), chain(event="f"), chain(rule="r"), chain(reverses=1)]

    assert chain() == chain()
    assert len(set(histories)) == len(histories)
