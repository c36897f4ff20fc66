"""Make, import and revoke codes."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from bondfire.coupons import store
from bondfire.coupons.codes import RANDOM_BYTES, check_given, hash_of, new_code, plain_code
from bondfire.coupons.errors import CodeExists, UnknownCoupon
from bondfire.db import Connection
from bondfire.errors import BadInput
from bondfire.kit import nearest
from bondfire.programs import Brand, Program

MOST_CODES: Final = 1_000_000
"""In one batch."""
_AT_ONCE: Final = 10_000
_LONGEST_NAME: Final = 100


class Terms(NamedTuple):
    """What holds for all codes of a batch.

    Attributes:
        coupon: which coupon of the programme they open.
        batch: a name for all of them.
        most: how often each may be used; None is without end.
        expires_at: from this very instant on they open nothing.
    """

    coupon: str
    batch: str
    created_at: datetime
    most: int | None = 1
    expires_at: datetime | None = None


class Given(NamedTuple):
    """A code that somebody else made, and whose alone it is."""

    code: str
    member_id: UUID | None = None


def create_codes(
    conn: Connection,
    brand: Brand,
    program: Program,
    terms: Terms,
    *,
    holders: Sequence[UUID | None],
    chance: Callable[[int], bytes],
) -> list[str]:
    """Make a code for each holder; they are told this once, and kept as hashes.

    Args:
        conn: in a transaction; never committed here.
        brand: whose codes.
        program: that has the coupon.
        terms: what holds for all of them.
        holders: whose each is alone, None for whoever has it.
        chance: gives so many random bytes from a cryptographic source (`secrets.token_bytes`).

    Raises:
        UnknownCoupon: the programme has no such coupon.
        BadInput: too many at once, or terms that cannot be.
    """
    _check(program, terms, len(holders))
    codes = [new_code(chance(RANDOM_BYTES)) for _ in holders]
    given = [Given(code, holder) for code, holder in zip(codes, holders, strict=True)]
    added = _add(conn, brand, terms, given)
    if added != len(codes):
        raise AssertionError("a code of 84 random bits was there already")
    return codes


def import_codes(
    conn: Connection, brand: Brand, program: Program, terms: Terms, *, given: Sequence[Given]
) -> int:
    """Keep codes that somebody else made, a partner or another system; how many are new.

    A second import of the same codes for the same coupon changes nothing.

    Args:
        conn: in a transaction; never committed here.
        brand: whose codes.
        program: that has the coupon.
        terms: what holds for all of them.
        given: the codes, each perhaps a member's alone.

    Raises:
        UnknownCoupon: the programme has no such coupon.
        BadInput: too many at once, one that cannot be a code, or one that is there twice.
        CodeExists: one is there already for another coupon.
    """
    _check(program, terms, len(given))
    plain = [Given(check_given(one.code), one.member_id) for one in given]
    seen: set[str] = set()
    for sent, one in zip(given, plain, strict=True):
        if one.code in seen:
            raise BadInput(
                f"{sent.code[:80]!r} is there twice.", next_step="Send each code once.", code="bad_code"
            )
        seen.add(one.code)
    return _add(conn, brand, terms, plain)


def revoke_codes(
    conn: Connection, brand: Brand, *, revoked_at: datetime, batch: str | None = None, code: str | None = None
) -> int:
    """Revoke a whole batch, or one code, for ever; how many could be used until now.

    What was used stays used. Doing it again changes nothing.
    """
    hashed = hash_of(brand.name, plain_code(code)) if code is not None else None
    return store.revoke_codes(conn, brand.id, batch=batch, hashed=hashed, revoked_at=revoked_at)


def _check(program: Program, terms: Terms, count: int) -> None:
    if terms.coupon not in program.coupons:
        like = nearest(terms.coupon, program.coupons)
        known = ", ".join(program.coupons) or "none"
        raise UnknownCoupon(
            f"The programme has no coupon {terms.coupon[:80]!r}.",
            next_step=f"Did you mean {like!r}?" if like else f"It has: {known}.",
        )
    if not 1 <= count <= MOST_CODES:
        raise BadInput(
            f"{count} codes cannot be in one batch.",
            next_step=f"Ask for 1 to {MOST_CODES}.",
            code="bad_count",
        )
    if not 1 <= len(terms.batch) <= _LONGEST_NAME or not terms.batch.isprintable():
        raise BadInput(
            f"{terms.batch[:80]!r} cannot be the name of a batch.",
            next_step=f"Name it with 1 to {_LONGEST_NAME} printable characters.",
            code="bad_batch",
        )
    if terms.most is not None and not 1 <= terms.most < 2**31:
        raise BadInput(
            f"A code cannot be used {terms.most} times.", next_step="Give 1 or more.", code="bad_count"
        )
    if terms.expires_at is not None and terms.expires_at <= terms.created_at:
        raise BadInput("The codes would be over before they are made.", next_step="Give a later end.")


def _add(conn: Connection, brand: Brand, terms: Terms, given: Sequence[Given]) -> int:
    added = 0
    for piece in _pieces(given):
        holders = [(hash_of(brand.name, plain_code(one.code)), one.member_id) for one in piece]
        fresh = store.add_codes(conn, brand.id, holders, **terms._asdict())
        known = [hashed for hashed, _ in holders if hashed not in fresh]
        for code in store.codes_of(conn, brand.id, known).values() if known else ():
            if code.coupon != terms.coupon:
                raise CodeExists(
                    f"A code of them is there already, for the coupon {code.coupon}.",
                    next_step="Import it for that coupon, or leave it out.",
                )
        added += len(fresh)
    return added


def _pieces(given: Sequence[Given]) -> Iterator[Sequence[Given]]:
    for first in range(0, len(given), _AT_ONCE):
        yield given[first : first + _AT_ONCE]
