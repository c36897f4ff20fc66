"""Creators, their tracked codes, the orders these bring, and what creators submit; as types."""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from bondfire.errors import BadInput

_CODE: Final = re.compile(r"[A-Z0-9][A-Z0-9_-]{2,39}", re.ASCII)
_CAMPAIGN: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}", re.ASCII)


@dataclass(frozen=True)
class TrackedCode:
    """What customers give at the checkout: it is public, and stands for one creator and one campaign.

    Attributes:
        code: in capital letters.
    """

    code: str
    member_id: UUID
    campaign: str
    created_at: datetime


@dataclass(frozen=True)
class Attribution:
    """An order that a code has brought, and what was left of it when it could no longer come back."""

    buyer_id: UUID
    order: str
    creator_id: UUID
    code: str
    campaign: str
    total: Decimal
    due_at: datetime


@dataclass(frozen=True)
class Content:
    """What a creator submitted.

    Attributes:
        authenticity: their own experience, gifted or paid, as they say.
        state: submitted, approved or rejected.
    """

    member_id: UUID
    content: str
    url: str
    campaign: str
    authenticity: str
    submitted_at: datetime
    state: str


@dataclass(frozen=True)
class Brought:
    """What one code brought in a time: orders that were kept, and their money."""

    member_id: UUID
    code: str
    campaign: str
    orders: int
    total: Decimal


def normal_code(text: str) -> str:
    """A tracked code as it is kept; customers may write it in small letters.

    Raises:
        BadInput: it cannot be one.
    """
    code = text.strip().upper()
    if not _CODE.fullmatch(code):
        raise BadInput(
            f"code is {text[:60]!r}, which cannot be a tracked code.",
            next_step="Use 3 to 40 letters, digits, - and _, such as ANNA10.",
        )
    return code


def check_campaign(text: str) -> str:
    """The name of a campaign.

    Raises:
        BadInput: it cannot be one.
    """
    if not _CAMPAIGN.fullmatch(text):
        raise BadInput(
            f"campaign is {text[:80]!r}, which is no name.", next_step="Use small letters, digits, - and _."
        )
    return text
