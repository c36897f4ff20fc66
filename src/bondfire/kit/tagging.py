"""Values as plain JSON and back: amounts and times keep what they are."""

from datetime import datetime
from decimal import Decimal
from typing import Any


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
