"""What can be asked of referrals: what is held, who invited a member, and whom they invited."""

from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from bondfire.db import Connection
from bondfire.programs import CODE_IN_LINK, Brand, Program
from bondfire.referrals import store
from bondfire.referrals.model import StoredReferral

_EVER = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
MOST_SHOWN = 1_000
"""Of a member's invitations."""


class MemberReferrals(NamedTuple):
    """By whom a member was invited, None for nobody, and whom they invited, the first thousand."""

    invited_by: StoredReferral | None
    invited: list[StoredReferral]


def held_referrals(
    conn: Connection, brand: Brand, *, after: tuple[datetime, UUID] | None = None, limit: int = 100
) -> list[StoredReferral]:
    """What is held for a person to decide, the oldest first; as far as the journal was read."""
    return store.held_referrals(conn, brand.id, after=after, most=limit)


def read_referrals(conn: Connection, brand: Brand, member_id: UUID) -> MemberReferrals:
    """Both sides of a member's referrals, as far as the journal was read."""
    own = store.referrals_of(conn, brand.id, [member_id])
    known = store.sign_ups(conn, brand.id, member_id, between=_EVER, most=MOST_SHOWN)
    invited = store.referrals_of(conn, brand.id, [referred for referred, _ in known]) if known else []
    return MemberReferrals(own[0] if own else None, invited)


def link_of(program: Program, code: str) -> str | None:
    """The address that a member gives to those whom they invite; None where the programme names none."""
    link = program.referrals.link if program.referrals else ""
    return link.replace(CODE_IN_LINK, code) if link else None


def busiest_referrers(
    conn: Connection, brand: Brand, *, between: tuple[datetime, datetime], least: int, limit: int
) -> list[tuple[UUID, int]]:
    """Who invited at least so many members in a time, and how many, the busiest first."""
    return store.busiest(conn, brand.id, between=between, least=least, most=limit)
