"""Tools that know nothing of customers: calendar arithmetic, ids, names and exact amounts.

Owns: pure functions over time, text and numbers. Does not own: anything that knows a member, a
programme or a database. Invariant: no clock, no randomness, no I/O.
"""

from bondfire.kit.amounts import (
    EXACT,
    MAX_AMOUNT,
    AmountError,
    Rounding,
    Weights,
    format_amount,
    parse_amount,
    quantise,
    rounder,
    split_largest_remainder,
)
from bondfire.kit.calendar import (
    EPOCH,
    Day,
    End,
    Period,
    Window,
    day_of,
    end_of,
    first_day_within,
    local_midnight,
    local_time,
    parse_period,
    parse_time,
    window_of,
    window_on,
)
from bondfire.kit.ids import BUCKETS, bucket_of, digest_of, member_id_of, parse_id, show_id
from bondfire.kit.memory import collect_rarely
from bondfire.kit.names import nearest
from bondfire.kit.tagging import tagged, untagged

__all__ = [
    "BUCKETS",
    "EPOCH",
    "EXACT",
    "MAX_AMOUNT",
    "AmountError",
    "Day",
    "End",
    "Period",
    "Rounding",
    "Weights",
    "Window",
    "bucket_of",
    "collect_rarely",
    "day_of",
    "digest_of",
    "end_of",
    "first_day_within",
    "format_amount",
    "local_midnight",
    "local_time",
    "member_id_of",
    "nearest",
    "parse_amount",
    "parse_id",
    "parse_period",
    "parse_time",
    "quantise",
    "rounder",
    "show_id",
    "split_largest_remainder",
    "tagged",
    "untagged",
    "window_of",
    "window_on",
]
