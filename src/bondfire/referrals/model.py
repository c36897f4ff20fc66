"""Referrals as they are stored, and by what two accounts of one person are known; pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from bondfire.engine import Person

_DOTLESS: Final = frozenset({"gmail.com", "googlemail.com"})
"""Mail to a.nn@ and ann@ of these arrives in one box."""


@dataclass(frozen=True)
class StoredReferral:
    """That a member was invited by another, and how far it has come.

    Attributes:
        stage: open, waiting, ripe, paid, cancelled or rejected.
        is_held: whether a person has to decide; `reasons` say why it is or was held.
        decision: of a person, with their name; "" for none.
    """

    member_id: UUID
    referrer_id: UUID
    claimed_at: datetime
    stage: str
    is_held: bool
    reasons: tuple[str, ...]
    order: str
    decision: str


def person_of(emails: Iterable[str], phones: Iterable[str], data: Mapping[str, object]) -> Person:
    """A person from their names and their profile's particulars; `address` may be a text or an object."""
    address = data.get("address")
    parts = address.values() if isinstance(address, dict) else [address]
    words = re.findall(r"\w+", " ".join(str(part) for part in parts if part).casefold())
    return Person(frozenset(map(mailbox, emails)), frozenset(phones), " ".join(sorted(words)))


def mailbox(email: str) -> str:
    """The box that mail to an address arrives in: `ann+shop@example.com` is `ann@example.com` (RFC 5233)."""
    name, _, domain = email.lower().partition("@")
    name = name.partition("+")[0]
    return f"{name.replace('.', '') if domain in _DOTLESS else name}@{domain}"
