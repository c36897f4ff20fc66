"""Erase a person: everything personal goes, and the books stay."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from bondfire.db import Connection
from bondfire.deliveries import forget_member
from bondfire.errors import NotFound
from bondfire.idempotency import forget_words
from bondfire.journal import erase_from_journal, forget_words_of
from bondfire.kit import show_id
from bondfire.members import accounts_of, erase_person, find_member, read_aliases, read_profile
from bondfire.programs import Brand, Timeline
from bondfire.webhooks import forget_answers


class Erased(NamedTuple):
    """What was erased.

    Attributes:
        removed: how many of each kind: aliases, profiles, consents, notes (events with words of theirs),
            rejects, answers (kept for requests that may be sent again), receipts (what receivers of
            webhooks said).
    """

    member_id: UUID
    removed: dict[str, int]


def erase_member(
    conn: Connection,
    brand: Brand,
    timeline: Timeline,
    reference: str,
    *,
    at: datetime,
    reason: str,
    actor: str,
) -> Erased:
    """Erase a person, in the caller's transaction; what is left of them is an id with books.

    Give the reference that they are known by: it is kept nowhere, so rejects and orders of shops that name
    it can be found by nothing else. Doing it again is no harm, and removes what has come since.

    Args:
        conn: in a transaction; never committed here.
        brand: whose member.
        timeline: the versions of its programme.
        reference: as of `find_member`.
        at: the brand's time.
        reason: a word of `events.ERASED_BECAUSE`.
        actor: the name of the key or command.

    Raises:
        BadInput: it cannot be a reference.
        NotFound: nothing is known of anybody under it.
    """
    member_id = find_member(conn, brand, reference)
    words = _words_of(conn, brand, member_id, reference)
    removed = {"rejects": forget_member(conn, brand, reference)}
    was_member, removed["notes"] = erase_from_journal(
        conn, brand, timeline, member_id, at=at, reason=reason, actor=actor
    )
    removed |= erase_person(conn, brand, member_id)
    removed["receipts"] = forget_answers(conn, brand.id, member_id)
    for former in accounts_of(conn, brand, member_id)[1:]:
        removed["notes"] += forget_words_of(conn, brand, former)
        removed["receipts"] += forget_answers(conn, brand.id, former)
    if not was_member and not any(removed.values()):
        raise NotFound(
            f"Nothing is known of anybody under {reference[:80]!r}.",
            next_step="Check the reference, or ask for them by an alias.",
            code="unknown_member",
        )
    removed["answers"] = forget_words(conn, brand.id, words)
    return Erased(member_id, removed)


def _words_of(conn: Connection, brand: Brand, member_id: UUID, reference: str) -> set[str]:
    """By what they may be named."""
    profile = read_profile(conn, brand, member_id)
    aliases = [alias.value for alias in read_aliases(conn, brand, member_id)]
    said = (profile.name, profile.email, profile.phone)
    return {show_id("mem", member_id), reference, *aliases, *filter(None, said)}
