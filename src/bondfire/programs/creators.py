"""The section `creators`: when an order that a code has brought counts, and what is owed for it."""

from typing import Final

from bondfire.programs.findings import Fields
from bondfire.programs.inviting import Creators
from bondfire.programs.leaves import period, positive
from bondfire.programs.shapes import Key, Record

CREATORS: Final = Record(
    "Creators have tracked codes; orders that these bring are credited to them once they were kept.",
    {
        "after": Key(period("How long an order has to be kept; 14 days by default.")),
        "commission": Key(
            positive("The share of the money that the report says is owed, such as 0.05.", most=1)
        ),
    },
    nullable=True,
)


def read_creators(fields: Fields | None) -> Creators | None:
    """How orders are credited to creators; None: not at all."""
    if fields is None:
        return None
    known = Creators()
    return Creators(fields.get("after", known.after), fields.get("commission", known.commission))
