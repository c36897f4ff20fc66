"""What is known outside the past of an invited member: who they are, who invited whom, who came when."""

from datetime import datetime
from typing import Final
from uuid import UUID

from bondfire.db import Connection
from bondfire.engine import Facts, Person
from bondfire.journal import is_member, sent_to
from bondfire.members import read_aliases, read_profile
from bondfire.programs import Brand, Doubts, Program
from bondfire.referrals import store
from bondfire.referrals.model import StoredReferral, person_of

_MOST_PAID: Final = 100


def facts_about(conn: Connection, brand: Brand, program: Program, referral: StoredReferral) -> Facts:
    """What is known now for and against a referral; only when it would be paid the referrer has to be known.

    Args:
        conn: a connection.
        brand: whose members.
        program: the one that it was claimed under; says what is looked for.
        referral: which one.
    """
    assert program.referrals is not None, "it was claimed under them"  # noqa: S101
    doubts = program.referrals.doubts
    member_id, referrer_id, claimed_at = referral.member_id, referral.referrer_id, referral.claimed_at
    return Facts(
        member_id,
        referrer_id,
        claimed_at,
        _person(conn, brand, member_id),
        _person(conn, brand, referrer_id),
        _chain(conn, brand, referrer_id, doubts.ring),
        _paid(conn, brand, member_id, doubts.ring),
        _sign_ups(conn, brand, program, doubts, who=referrer_id, around=claimed_at),
        is_member(conn, brand, referrer_id) if referral.stage == "ripe" else None,
    )


def _person(conn: Connection, brand: Brand, member_id: UUID) -> Person:
    profile, aliases = read_profile(conn, brand, member_id), read_aliases(conn, brand, member_id)
    emails = [alias.value for alias in aliases if alias.kind == "email"]
    phones = [alias.value for alias in aliases if alias.kind == "phone"]
    emails += [profile.email] if profile.email else []
    phones += [profile.phone] if profile.phone else []
    return person_of(emails, phones, profile.data)


def _chain(conn: Connection, brand: Brand, referrer_id: UUID, most: int) -> list[UUID]:
    """Who invited the referrer, who invited that one, and so on, as far as a ring is looked for."""
    chain: list[UUID] = []
    last = referrer_id
    for _ in range(most):
        found = store.referrals_of(conn, brand.id, [last])
        if not found or found[0].referrer_id in chain:
            break
        last = found[0].referrer_id
        chain.append(last)
    return chain


def _paid(conn: Connection, brand: Brand, member_id: UUID, steps: int) -> frozenset[UUID]:
    """Whom points that a member sent have reached in so many steps; no more than a hundred are followed."""
    reached: dict[UUID, None] = {}
    senders = [member_id]
    for _ in range(steps):
        got = [to for sender in senders for to in sent_to(conn, brand, sender)]
        senders = [to for to in dict.fromkeys(got) if to not in reached][: _MOST_PAID - len(reached)]
        reached |= dict.fromkeys(senders)
    return frozenset(reached)


def _sign_ups(
    conn: Connection, brand: Brand, program: Program, doubts: Doubts, *, who: UUID, around: datetime
) -> list[datetime]:
    until = doubts.within.after(around, program.zone)
    between = (around - (until - around), until)
    most = 4 * (doubts.sign_ups + 1)
    return [at for _, at in store.sign_ups(conn, brand.id, who, between=between, most=most)]
