"""`bondfire worker`: lets time pass for every brand that lives by the wall clock."""

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from bondfire.cli.endings import Stopped
from bondfire.cli.house import open_database
from bondfire.cli.options import AsJson
from bondfire.cli.output import count, print_json, say

if TYPE_CHECKING:
    from bondfire.db import Pool
    from bondfire.programs import Brand, Timeline

_AT_ONCE = 500
"""Members in one transaction, so that nobody waits long for their bucket."""

Once = Annotated[bool, Parameter(negative=(), help="Do what is due and end.")]
Every = Annotated[float, Parameter(validator=Number(gt=0), help="Seconds between two looks.")]


def worker(*, once: Once = False, every: Every = 5.0, as_json: AsJson = False) -> None:
    """Let time pass: release, expire and close what is due.

    Looks every few seconds for members of all brands that live by the wall clock. Several workers may run
    at once. Ctrl-C and SIGTERM end it after the transaction at hand.

    Example: bondfire worker --once
    """
    from bondfire.db import Pool

    looking = _Looking()
    with open_database() as dsn:
        pool = Pool(dsn, size=1)
        try:
            if not once:
                say(f"Looking every {every:g} s for what is due. Ctrl-C ends it.")
            while True:
                looking.once(pool)
                if once:
                    break
                time.sleep(every)
        except KeyboardInterrupt:
            raise Stopped(f"What was due for {count(looking.done, 'member')} is done.") from None
        finally:
            pool.close()
    if as_json:
        print_json({"members": looking.done, "brands": looking.brands})
    else:
        print(f"{count(looking.done, 'member')} had something due, in {count(looking.brands, 'brand')}.")


class _Looking:
    """Looks through the brands, and keeps their compiled programmes from one look to the next.

    Attributes:
        done: members for whom something was due, in all.
        brands: brands that live by the wall clock and have a programme.
    """

    def __init__(self) -> None:
        self.done = 0
        self.brands = 0
        self._timelines: dict[int, Timeline] = {}

    def once(self, pool: "Pool") -> None:
        """Do all that is due now."""
        from bondfire.programs import list_brands

        with pool.transaction() as conn:
            brands = [brand for brand in list_brands(conn) if brand.clock == "wall"]
        self.brands = sum(self._pass_time(pool, brand) for brand in brands)

    def _pass_time(self, pool: "Pool", brand: "Brand") -> bool:
        """Whether the brand has a programme; then everything that is due for it is done."""
        from bondfire.db import retrying
        from bondfire.journal import run_due
        from bondfire.programs import load_timeline, newest_version

        until = datetime.now(UTC)

        def some() -> int:
            with pool.transaction() as conn:
                number = newest_version(conn, brand.id)
                if not number:
                    return -1
                known = self._timelines.get(brand.id)
                if known is None or known.newest.number != number:
                    known = self._timelines[brand.id] = load_timeline(conn, brand.id)
                return run_due(conn, brand, known, until=until, limit=_AT_ONCE)

        while (passed := retrying(some)) > 0:
            self.done += passed
        return passed == 0
