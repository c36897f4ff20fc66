"""What is known and seen of a member as plain JSON and back: amounts and times keep what they are."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

_AS_THEY_ARE: Final = frozenset({"id", "shown", "tiers", "wallets"})


def tagged(value: Any) -> Any:
    """JSON knows neither exact amounts nor times; those are wrapped so that they come back as they were."""
    if isinstance(value, Decimal):
        return {"decimal": format(value, "f")}
    if isinstance(value, datetime):
        return {"time": value.isoformat()}
    if isinstance(value, dict):
        return {"map": {name: tagged(one) for name, one in value.items()}}
    if isinstance(value, list):
        return [tagged(one) for one in value]
    return value


def untagged(value: Any) -> Any:
    """What `tagged` was given."""
    if isinstance(value, list):
        return [untagged(one) for one in value]
    if not isinstance(value, dict):
        return value
    (kind, held), *_ = value.items()
    if kind == "decimal":
        return Decimal(held)
    if kind == "time":
        return datetime.fromisoformat(held)
    return {name: untagged(one) for name, one in held.items()}


def member_as_json(member: Mapping[str, Any]) -> dict[str, Any]:
    """What rules saw of a member: attributes and times such that they come back, the rest as it is."""
    return {part: value if part in _AS_THEY_ARE else tagged(value) for part, value in member.items()}


def member_from_json(kept: Mapping[str, Any]) -> dict[str, Any]:
    """What `member_as_json` was given."""
    member = {part: value if part in _AS_THEY_ARE else untagged(value) for part, value in kept.items()}
    if "wallets" in member:
        member["wallets"] = {unit: Decimal(amount) for unit, amount in member["wallets"].items()}
    return member
