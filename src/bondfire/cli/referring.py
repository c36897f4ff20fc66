"""After an import of a brand that lives by its events: look at its referrals, and list what is held."""

from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from bondfire.programs import Brand, Timeline

_AT_ONCE = 500


def settle_referrals(dsn: str, brand: "Brand", timeline: "Timeline", *, until: "datetime") -> None:
    """Do what the worker would, until nothing is left; each step is committed."""
    from bondfire.creators import follow_creators
    from bondfire.db import connect, retrying, transaction
    from bondfire.journal import carry_transfers
    from bondfire.referrals import follow_referrals
    from bondfire.review import follow_awards

    with connect(dsn) as conn:
        for step in (follow_referrals, carry_transfers, follow_awards, partial(follow_creators, until=until)):

            def some() -> int:
                with transaction(conn):
                    return step(conn, brand, timeline, limit=_AT_ONCE)  # noqa: B023 - called at once

            while retrying(some) > 0:
                pass
