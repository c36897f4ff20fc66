"""What was sent for a coupon: a code, looked up by its hash, or a coupon that the member has."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from bondfire.coupons import store
from bondfire.coupons.codes import (
    code_id_of,
    coupon_id_of,
    hash_of,
    is_mistyped,
    is_same,
    plain_code,
)
from bondfire.coupons.errors import CouponRefused
from bondfire.coupons.model import Basket, Claim, Code, Refusal
from bondfire.db import Connection
from bondfire.engine import HeldCoupon, Shopper, code_origin
from bondfire.errors import BadInput
from bondfire.members import accounts_of
from bondfire.programs import MOST_COUPONS, Brand, Program

_NO_CODE: Final = Code(b"", "", "", None, None, 0, None, None)
"""Looked at like any other where there is none, so that one path serves both."""
NOT_VALID: Final = Refusal(
    code="code_not_valid",
    message="This code cannot be used.",
    next_step="Check it letter by letter, or ask whoever gave it.",
)
"""The one answer for a code that is unknown, used up, over, revoked or somebody else's."""
MISTYPED: Final = Refusal(
    code="code_mistyped",
    message="A letter of this code is wrong or in the wrong place.",
    next_step="Type it again.",
)
_NOT_HELD: Final = Refusal(
    code="coupon_not_held",
    message="The member has no such coupon to use.",
    next_step="See GET /v1/members/{member}/coupons.",
)


def claims_of(
    conn: Connection,
    brand: Brand,
    shopper: Shopper,
    basket: Basket,
    *,
    member_id: UUID | None,
) -> list[Claim]:
    """What each of the sent texts is; nothing is locked or counted.

    Args:
        conn: a connection.
        brand: whose codes.
        shopper: the member in front of the basket.
        basket: with what was sent.
        member_id: whose basket it is; None for somebody unknown.

    Raises:
        BadInput: more than may be in one basket.
    """
    sent, bought = basket.coupons, basket.order
    if len(sent) > MOST_COUPONS:
        raise BadInput(
            f"coupons has {len(sent)} items, more than {MOST_COUPONS}.",
            next_step="Send fewer.",
            code="too_many",
        )
    now = max(bought.occurred_at, bought.recorded_at)
    codes = {text: hash_of(brand.name, plain_code(text)) for text in sent if not text.startswith("cpn_")}
    accounts = accounts_of(conn, brand, member_id) if codes and member_id is not None else []
    known = store.codes_of(conn, brand.id, list(codes.values())) if codes else {}
    order = str(bought.body["order"])
    claims = [
        _by_code(text, codes[text], known, shopper, order=order, accounts=accounts, now=now)
        if text in codes
        else _held(text, shopper, now)
        for text in sent
    ]
    return _within_totals(conn, brand, shopper.program, claims)


def _by_code(
    text: str,
    hashed: bytes,
    known: Mapping[bytes, Code],
    shopper: Shopper,
    *,
    order: str,
    accounts: Collection[UUID],
    now: datetime,
) -> Claim:
    code = known.get(hashed, _NO_CODE)
    is_open = is_same(code.hashed, hashed) & code.opens_for(accounts, now)
    own = code_id_of(hashed)
    back = _given_back(shopper.held, code_origin(own), now)
    mistyped = is_mistyped(plain_code(text))
    if back is not None and back[1].coupon in shopper.program.coupons:
        return Claim(text, back[0], back[1].coupon, None, own, is_claimed=True)
    if is_open and code.coupon in shopper.program.coupons:
        return Claim(text, coupon_id_of(hashed, order), code.coupon, hashed, own)
    return Claim(text, refusal=MISTYPED if mistyped else NOT_VALID)


def _given_back(held: Mapping[str, HeldCoupon], origin: str, now: datetime) -> tuple[str, HeldCoupon] | None:
    """What the member got back of a code that they had used."""
    found = (pair for pair in held.items() if pair[1].origin == origin and _can_be_used(pair[1], now))
    return next(found, None)


def _can_be_used(held: HeldCoupon, now: datetime) -> bool:
    return not held.used_by and (held.ends_at is None or now < held.ends_at)


def _held(coupon_id: str, shopper: Shopper, now: datetime) -> Claim:
    held = shopper.held.get(coupon_id)
    if held is None or not _can_be_used(held, now) or held.coupon not in shopper.program.coupons:
        return Claim(coupon_id, refusal=_NOT_HELD)
    code = held.origin.removeprefix(code_origin("")) if held.origin.startswith(code_origin("")) else ""
    return Claim(coupon_id, coupon_id, held.coupon, None, code, held.is_claimed)


def _within_totals(conn: Connection, brand: Brand, program: Program, claims: list[Claim]) -> list[Claim]:
    limited = sorted({one.coupon for one in claims if _counts(program, one)})
    if not limited:
        return claims
    used = store.totals_of(conn, brand.id, limited)
    full = {name for name in limited if used.get(name, 0) >= (program.coupons[name].total or 0)}
    return [
        one._replace(refusal=_used_up(one)) if one.coupon in full and _counts(program, one) else one
        for one in claims
    ]


def _counts(program: Program, claim: Claim) -> bool:
    """Whether using it counts for the coupon's total."""
    return claim.refusal is None and not claim.is_claimed and program.coupons[claim.coupon].total is not None


def _used_up(claim: Claim) -> Refusal:
    return Refusal(
        code="used_up", message=f"{claim.coupon} was used as often as there were.", next_step="Leave it out."
    )


def claim_all(
    conn: Connection,
    brand: Brand,
    program: Program,
    claims: Iterable[Claim],
    *,
    member_id: UUID,
    now: datetime,
) -> None:
    """Use every coupon, behind the lock of the member's bucket: totals by name, then codes by hash.

    So whoever waits for a row waits for somebody who waits for a later one, and never in a circle. Each is
    one guarded UPDATE: of two hundred who bring the last one, one gets it.

    Raises:
        CouponRefused: somebody else was faster, or it was revoked meanwhile; the transaction must be rolled
            back.
    """
    claims = list(claims)
    for one in sorted((one for one in claims if _counts(program, one)), key=lambda one: one.coupon):
        if not store.claim_total(conn, brand.id, one.coupon, program.coupons[one.coupon].total or 0):
            raise refused(one, _used_up(one))
    codes = sorted((one.hashed, one) for one in claims if one.hashed is not None)
    accounts = accounts_of(conn, brand, member_id) if codes else []
    for hashed, one in codes:
        if not store.claim_code(conn, brand.id, hashed, accounts=accounts, now=now):
            raise refused(one, NOT_VALID)


def refused(claim: Claim, why: Refusal) -> CouponRefused:
    """The refusal of a basket because of one of its coupons."""
    named = f" ({claim.coupon})" if claim.coupon else ""
    return CouponRefused(f"{claim.sent[:80]}{named}: {why.message}", next_step=why.next_step, code=why.code)
