"""Merge two accounts of one person: books, names, particulars and consents, in one transaction (G1)."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Final, NamedTuple
from uuid import UUID

from bondfire.creators import merge_creators
from bondfire.db import Connection, savepoint
from bondfire.engine import MemberMerged, SameMember, TierChange, debts_of, owned, shown_member
from bondfire.groups.actions import follow_merge
from bondfire.journal import Because, Merge, merge_in_journal
from bondfire.members import Consent, merge_people, named_account, survivor_of
from bondfire.programs import Brand, Timeline
from bondfire.referrals import merge_referrers

NOTHING: Final[Mapping[str, Decimal]] = MappingProxyType({})


class Merged(NamedTuple):
    """What a merge did, or would do.

    Attributes:
        former: the account that became part of `survivor`.
        is_new: False when it had been done before; then nothing was done, and the rest is empty.
        came_over: what of each unit, debts not taken off; `owed`: the debts.
        tier_changes: of the survivor.
        withdrawn: the consents that one account had given and the other taken back: they are taken back.
    """

    former: UUID
    survivor: UUID
    is_new: bool
    came_over: Mapping[str, Decimal] = NOTHING
    owed: Mapping[str, Decimal] = NOTHING
    tier_changes: tuple[TierChange, ...] = ()
    withdrawn: tuple[Consent, ...] = ()


class _Seen(Exception):
    """Carries what a merge would do out of what is undone."""

    def __init__(self, merged: Merged) -> None:
        self.merged = merged


def merge_members(
    conn: Connection, brand: Brand, timeline: Timeline, pair: tuple[str, str], *, at: datetime, why: Because
) -> Merged:
    """Let the first of two accounts become part of the second, in the caller's transaction.

    Done again, it changes nothing. What comes later for the first goes to the second: events, aliases, ids,
    also along a chain of merges. It cannot be undone.

    Args:
        conn: in a transaction; never committed here.
        brand: whose members.
        timeline: the versions of its programme.
        pair: the references or ids of both.
        at: the brand's time.
        why: see `Because`.

    Raises:
        BadInput: a name that cannot be one, or both name one account.
        NotFound: one of them is no member.
        Conflict: the person was erased, the first is part of a third account, or the second cannot take it.
    """
    former, survivor, done = _accounts(conn, brand, pair)
    return done or _merge(conn, brand, timeline, (former, survivor), at=at, why=why)


def _accounts(conn: Connection, brand: Brand, pair: tuple[str, str]) -> tuple[UUID, UUID, Merged | None]:
    """Whom the two names mean now; and what there is to say where they are one already."""
    former, named = (named_account(conn, brand, reference) for reference in pair)
    if former == named:
        raise SameMember(
            f"{pair[0][:80]!r} and {pair[1][:80]!r} are the same account.", next_step="Name two accounts."
        )
    survivor = survivor_of(conn, brand, named) or named
    before = survivor_of(conn, brand, former)
    is_done = before is not None or survivor == former
    return former, survivor, _done_before(former, survivor, before or former) if is_done else None


def _merge(
    conn: Connection, brand: Brand, timeline: Timeline, pair: tuple[UUID, UUID], *, at: datetime, why: Because
) -> Merged:
    merge = merge_in_journal(conn, brand, timeline, pair, at=at, why=why)
    follow_merge(conn, brand, pair)
    merge_referrers(conn, brand, pair)
    merge_creators(conn, brand, pair)
    withdrawn = merge_people(conn, brand, pair, account=shown_member(pair[0]), merged_at=at)
    return _told(*pair, merge, withdrawn)


def _done_before(former: UUID, survivor: UUID, before: UUID) -> Merged:
    if before == survivor:
        return Merged(former, survivor, is_new=False)
    raise MemberMerged(
        f"{shown_member(former)} became part of {shown_member(before)} already, and that is not "
        f"{shown_member(survivor)}.",
        next_step=f"If all are one person, merge {shown_member(before)} into the other.",
    )


def _told(former: UUID, survivor: UUID, merge: Merge, withdrawn: list[Consent]) -> Merged:
    return Merged(
        former,
        survivor,
        is_new=True,
        came_over=dict(owned(merge.estate)),
        owed=debts_of(merge.estate),
        tier_changes=tuple(merge.taken_over.tier_changes),
        withdrawn=tuple(withdrawn),
    )


def preview_merge(
    conn: Connection, brand: Brand, timeline: Timeline, pair: tuple[str, str], *, at: datetime, why: Because
) -> Merged:
    """What `merge_members` would do: it is done and undone, so it is told what would be; see there."""
    former, survivor, done = _accounts(conn, brand, pair)
    try:
        with savepoint(conn):
            raise _Seen(done or _merge(conn, brand, timeline, (former, survivor), at=at, why=why))
    except _Seen as seen:
        return seen.merged
