"""The UCI Online Retail data set (CC0) and its reading as events.

Owns: the data file, its source (SOURCE.md), how its invoices become events and its articles get
categories. Does not own: programmes for it, the import. Invariant: the same file gives the same events
in the same order.
"""

from bondfire.examples.online_retail.history import (
    DATA,
    History,
    Summary,
    events_of_online_retail,
    read_online_retail,
)

__all__ = ["DATA", "History", "Summary", "events_of_online_retail", "read_online_retail"]
