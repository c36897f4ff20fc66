"""`bondfire worker`: lets time pass for every brand that lives by the wall clock, and clears what is over."""

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, NoReturn

from cyclopts import Parameter
from cyclopts.validators import Number

from bondfire.cli.endings import Stopped
from bondfire.cli.house import open_database, settings_of_this_process
from bondfire.cli.options import AsJson
from bondfire.cli.output import count, print_json, say

if TYPE_CHECKING:
    from bondfire.cli.worker_metrics import WorkerMetrics
    from bondfire.db import Pool
    from bondfire.programs import Brand, Timeline

_AT_ONCE = 500
"""Members in one transaction, so that nobody waits long for their bucket."""

_ANSWERS_AT_ONCE = 1_000

Once = Annotated[bool, Parameter(negative=(), help="Do what is due and end.")]
Every = Annotated[float, Parameter(validator=Number(gt=0), help="Seconds between two looks.")]


def worker(*, once: Once = False, every: Every = 5.0, as_json: AsJson = False) -> None:
    """Let time pass: release, expire and close what is due.

    Looks every few seconds for members of all brands that live by the wall clock, and removes the answers
    of requests with an Idempotency-Key after a day. Several workers may run at once, and a database that
    stops answering is waited for. Ctrl-C and SIGTERM end it after the transaction at hand.

    Example: bondfire worker --once
    """
    from bondfire.cli.worker_metrics import WorkerMetrics, served
    from bondfire.db import Pool

    looking = _Looking(WorkerMetrics())
    with open_database() as dsn, served(looking.metrics, settings_of_this_process()):
        pool = Pool(dsn, size=1)
        try:
            if once:
                looking.once(pool)
            else:
                say(f"Looking every {every:g} s for what is due. Ctrl-C ends it.")
                looking.for_ever(pool, every)
        except KeyboardInterrupt:
            raise Stopped(f"What was due for {count(looking.done, 'member')} is done.") from None
        finally:
            pool.close()
    if as_json:
        done = {"members": looking.done, "brands": looking.brands, "answers_forgotten": looking.forgotten}
        print_json(done)
    else:
        print(f"{count(looking.done, 'member')} had something due, in {count(looking.brands, 'brand')}.")


def _brands_on_the_wall_clock(pool: "Pool") -> "list[Brand]":
    from bondfire.programs import list_brands

    with pool.transaction() as conn:
        return [brand for brand in list_brands(conn) if brand.clock == "wall"]


class _Looking:
    """Looks through the brands, and keeps their compiled programmes from one look to the next.

    Attributes:
        done: members for whom something was due, in all.
        brands: brands that live by the wall clock and have a programme.
        forgotten: answers of requests that were removed, in all.
    """

    def __init__(self, metrics: "WorkerMetrics") -> None:
        self.done = 0
        self.brands = 0
        self.forgotten = 0
        self.metrics = metrics
        self._timelines: dict[int, Timeline] = {}

    def for_ever(self, pool: "Pool", every: float) -> NoReturn:
        """Look again and again, whatever becomes of the database; how it comes back is not for us to say."""
        from bondfire.db import is_retryable

        answered = True
        while True:
            try:
                self.once(pool)
                answered = True
            except Exception as error:
                if not is_retryable(error):
                    raise
                if answered:
                    say("The database does not answer. Nothing is lost; looking again until it does.")
                answered = False
            time.sleep(every)

    def once(self, pool: "Pool") -> None:
        """Do all that is due now."""
        from bondfire.db import retrying

        wall = retrying(lambda: _brands_on_the_wall_clock(pool))
        self.brands = sum(self._pass_time(pool, brand) for brand in wall)
        self._forget_answers(pool)

    def _pass_time(self, pool: "Pool", brand: "Brand") -> bool:
        """Whether the brand has a programme; then everything that is due for it is done."""
        from bondfire.db import retrying
        from bondfire.journal import first_due, run_due
        from bondfire.programs import load_timeline, newest_version

        until = datetime.now(UTC)

        def late() -> float:
            with pool.transaction(snapshot=True) as conn:
                return max(0.0, (until - (first_due(conn, brand) or until)).total_seconds())

        def some() -> int:
            with pool.transaction() as conn:
                number = newest_version(conn, brand.id)
                if not number:
                    return -1
                known = self._timelines.get(brand.id)
                if known is None or known.newest.number != number:
                    known = self._timelines[brand.id] = load_timeline(conn, brand.id)
                return run_due(conn, brand, known, until=until, limit=_AT_ONCE)

        self.metrics.due_lag.labels(brand.name).set(retrying(late))
        while (passed := retrying(some)) > 0:
            self.done += passed
            self.metrics.passed.labels(brand.name).inc(passed)
        return passed == 0

    def _forget_answers(self, pool: "Pool") -> None:
        """Remove what requests were answered more than a day ago."""
        from bondfire.db import retrying
        from bondfire.idempotency import forget_answers

        def some() -> int:
            with pool.transaction() as conn:
                return forget_answers(conn, now=datetime.now(UTC), limit=_ANSWERS_AT_ONCE)

        while (removed := retrying(some)) > 0:
            self.forgotten += removed
            self.metrics.forgotten.inc(removed)
