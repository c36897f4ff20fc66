"""What can be done about members: claim a name, keep their data, record what they agreed to."""

from datetime import datetime
from typing import Final
from uuid import UUID

from bondfire.db import Connection
from bondfire.errors import Conflict, NotReady
from bondfire.members import store
from bondfire.members.model import (
    Alias,
    Brand,
    Consent,
    Profile,
    check_consent,
    check_profile,
    normalise_alias,
)

_RIVALS: Final = 20
"""How many others may record a consent of the same member at the same moment."""


def claim_alias(
    conn: Connection, brand: Brand, member_id: UUID, alias: Alias, *, claimed_at: datetime
) -> Alias:
    """Give a member one more name; claiming it again changes nothing.

    Returns the alias in its normal form. Claim aliases first, in a transaction of their own: they lie
    elsewhere than the member's bucket. A reference under which events came before keeps those: bringing two
    histories together is a merge, not an alias.

    Raises:
        BadInput: it cannot be an alias of that kind.
        Conflict: another member has it. The message does not name them.
    """
    normal = normalise_alias(alias.kind, alias.value)
    store.insert_alias(conn, brand.id, member_id, normal, claimed_at=claimed_at)
    if store.member_of_alias(conn, brand.id, normal) != member_id:
        raise Conflict(
            f"This {normal.kind} belongs to another member.",
            next_step="Find that member by it; if both are one person, merge them.",
            code="alias_taken",
        )
    return normal


def save_profile(
    conn: Connection, brand: Brand, member_id: UUID, profile: Profile, *, updated_at: datetime
) -> Profile:
    """Keep a member's personal data, in place of what was there; returns them in normal form.

    Raises:
        BadInput: a field that cannot be stored; nothing is changed.
    """
    checked = check_profile(profile)
    store.write_profile(conn, brand.id, member_id, checked, updated_at=updated_at)
    return checked


def amend_profile(
    conn: Connection, brand: Brand, member_id: UUID, said: Profile, *, said_at: datetime
) -> None:
    """Keep what was said of a member; what was not said stays, also while others amend it too.

    News that comes late fills what is empty and overwrites nothing that was said after it.

    Raises:
        BadInput: a field that cannot be stored; nothing is changed.
    """
    store.amend_profile(conn, brand.id, member_id, check_profile(said), said_at=said_at)


def record_consent(conn: Connection, brand: Brand, member_id: UUID, consent: Consent) -> Consent:
    """Write down what a member agreed to or took back; the very same word twice is written once.

    Raises:
        BadInput: a field that is missing or cannot be.
        NotReady: too many others wrote at the same moment; try again.
    """
    checked = check_consent(consent)
    for _ in range(_RIVALS):
        known = store.consents_of_member(conn, brand.id, member_id)
        if checked in known:
            return checked
        if store.insert_consent(conn, brand.id, member_id, checked, number=len(known) + 1):
            return checked
    raise NotReady(
        "Too many consents of this member are being recorded.", next_step="Send it again.", code="busy"
    )


def erase_person(conn: Connection, brand: Brand, member_id: UUID) -> dict[str, int]:
    """Delete a member's profile, aliases and consents for ever; how many there were of each."""
    return store.delete_person(conn, brand.id, member_id)
