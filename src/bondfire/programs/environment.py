"""What expressions may read: the event as the catalogue describes it, the member, one line of an order."""

from collections.abc import Mapping
from typing import Final

from bondfire.events import EventType, Field
from bondfire.programs.ladder import TierSet
from bondfire.programs.scope import Scope
from bondfire.rules import (
    BOOL,
    DECIMAL,
    INT,
    STRING,
    TIMESTAMP,
    Environment,
    Type,
    list_of,
    map_of,
    record,
)

_SIMPLE: Final[Mapping[str, Type]] = {
    "string": STRING,
    "decimal": DECIMAL,
    "integer": INT,
    "boolean": BOOL,
    "time": TIMESTAMP,
    "date": STRING,
    "enum": STRING,
}


def environment_of(scope: Scope, on: str, *, line: bool) -> Environment:
    """The variables of a rule over this event type: `event`, `member`, and `line` where there are lines."""
    key = (on, line)
    if key not in scope.environments:
        event = _event_type(scope.catalogue.types[on])
        variables = {"event": event, "member": _member_type(scope)}
        lines = event.field("lines")
        if line and lines is not None:
            variables["line"] = lines.parameters[0]
        scope.environments[key] = Environment(variables, zone=scope.zone)
    return scope.environments[key]


def type_of(name: str, field: Field) -> Type:
    """The type of a field's values in expressions."""
    if field.kind == "strings":
        return list_of(STRING, most=field.size)
    if field.kind == "records":
        return list_of(_record_type(name, field.fields), most=field.size)
    if field.kind == "record":
        return _record_type(name, field.fields)
    if field.kind == "map":
        return map_of(STRING, STRING, most=field.size)
    return _SIMPLE[field.kind]


def _event_type(declared: EventType) -> Type:
    return _record_type(declared.name, declared.fields)


def _record_type(name: str, fields: Mapping[str, Field]) -> Type:
    """Personal text is kept apart from the event, so rules cannot read it."""
    seen = {key: field for key, field in fields.items() if not field.personal}
    types = {key: type_of(f"{name}.{key}", field) for key, field in seen.items()}
    return record(name, types, {key for key, field in seen.items() if not field.always})


def _member_type(scope: Scope) -> Type:
    """A tier is missing below the lowest threshold, an attribute until somebody sets it."""
    tiers = record("member.tiers", dict.fromkeys(scope.tier_sets, STRING), _may_lack(scope.tier_sets))
    return record(
        "member",
        {
            "id": STRING,
            "joined_at": TIMESTAMP,
            "tiers": tiers,
            "wallets": record("member.wallets", dict.fromkeys(scope.units, DECIMAL)),
            "attributes": record("member.attributes", scope.attributes, scope.attributes),
        },
    )


def _may_lack(tier_sets: Mapping[str, TierSet]) -> set[str]:
    return {name for name, each in tier_sets.items() if not each.tiers or each.tiers[0].threshold > 0}
