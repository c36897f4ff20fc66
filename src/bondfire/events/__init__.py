"""Events: what customers did, checked against a catalogue and ready for rules.

Owns: the catalogue of event types, the strict and exact reading of one event from JSON values, its
canonical body, and the readers of event files. Does not own: what follows from an event (engine), who
the member is (members), where events are stored (engine).
Invariants: an `Event` holds only what the catalogue allows; amounts are exact and in one form, times
are UTC; equal meaning gives an equal canonical body; personal text is never in the body.
"""

from bondfire.events.accounts import MERGED_BECAUSE
from bondfire.events.builtin import ERASED_BECAUSE, NAMING
from bondfire.events.catalogue import CATALOGUE, Catalogue
from bondfire.events.columns import ColumnMap, read_column_map
from bondfire.events.currencies import CURRENCIES
from bondfire.events.errors import CatalogueError, EventError, FileError
from bondfire.events.fields import Cost, EventType, Field, Kind, Presence
from bondfire.events.files import read_events
from bondfire.events.model import Event, canonical_body
from bondfire.events.parsing import (
    OWN_SOURCE,
    event_from_journal,
    filled_event,
    own_event,
    parse_event,
    parse_live_event,
)
from bondfire.events.plain import plain_events
from bondfire.events.rejects import Reject, RejectsFile
from bondfire.events.rewards import MOST_AT_ONCE, REWARD_TYPES
from bondfire.events.rows import count_rows
from bondfire.events.wire import read_json

__all__ = [
    "CATALOGUE",
    "CURRENCIES",
    "ERASED_BECAUSE",
    "MERGED_BECAUSE",
    "MOST_AT_ONCE",
    "NAMING",
    "OWN_SOURCE",
    "REWARD_TYPES",
    "Catalogue",
    "CatalogueError",
    "ColumnMap",
    "Cost",
    "Event",
    "EventError",
    "EventType",
    "Field",
    "FileError",
    "Kind",
    "Presence",
    "Reject",
    "RejectsFile",
    "canonical_body",
    "count_rows",
    "event_from_journal",
    "filled_event",
    "own_event",
    "parse_event",
    "parse_live_event",
    "plain_events",
    "read_column_map",
    "read_events",
    "read_json",
]
