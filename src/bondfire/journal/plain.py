"""What rules saw of a member as plain JSON and back: amounts and times keep what they are."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from bondfire.kit import tagged, untagged

_AS_THEY_ARE: Final = frozenset({"id", "shown", "tiers", "wallets"})


def member_as_json(member: Mapping[str, Any]) -> dict[str, Any]:
    """What rules saw of a member: attributes and times such that they come back, the rest as it is."""
    return {part: value if part in _AS_THEY_ARE else tagged(value) for part, value in member.items()}


def member_from_json(kept: Mapping[str, Any]) -> dict[str, Any]:
    """What `member_as_json` was given."""
    member = {part: value if part in _AS_THEY_ARE else untagged(value) for part, value in kept.items()}
    if "wallets" in member:
        member["wallets"] = {unit: Decimal(amount) for unit, amount in member["wallets"].items()}
    return member
