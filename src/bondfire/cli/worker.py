"""`bondfire worker`: lets time pass, delivers webhooks, and clears what is over."""

import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from threading import Event, Thread
from typing import TYPE_CHECKING, Annotated, Final, NoReturn

from cyclopts import Parameter
from cyclopts.validators import Number

from bondfire.cli.endings import Stopped
from bondfire.cli.house import open_database, settings_of_this_process
from bondfire.cli.options import AsJson
from bondfire.cli.output import count, print_json, say
from bondfire.cli.worker_rewards import RewardWork

if TYPE_CHECKING:
    from bondfire.cli.worker_metrics import WorkerMetrics
    from bondfire.db import Connection, Pool
    from bondfire.programs import Brand, Timeline

_AT_ONCE = 500
"""Members in one transaction, so that nobody waits long for their bucket."""

_ANSWERS_AT_ONCE = 1_000
_POST_EVERY_S: Final = 1.0
"""Between two looks for something to deliver, when there was nothing."""

Once = Annotated[bool, Parameter(negative=(), help="Do what is due and end.")]
Every = Annotated[float, Parameter(validator=Number(gt=0), help="Seconds between two looks.")]


def worker(*, once: Once = False, every: Every = 5.0, as_json: AsJson = False) -> None:
    """Let time pass, and deliver webhooks.

    Looks every few seconds for members of all brands that live by the wall clock for whom something is to
    be released, to expire or to close, and removes the answers of requests with an Idempotency-Key after a
    day; of all brands it looks at referrals, carries on what members send each other, lets others have
    rewards whose hold has ended and those who wait move up, closes periods of leaderboards and gives their
    prizes, and delivers to endpoints. Several workers may run at once, and a database that stops answering is
    waited for. Ctrl-C and SIGTERM end it after the transaction and the messages at hand.

    Example: bondfire worker --once
    """
    from bondfire.cli.worker_metrics import WorkerMetrics, served
    from bondfire.db import Pool

    looking = _Looking(WorkerMetrics())
    with open_database() as dsn, served(looking.metrics, settings_of_this_process()):
        pool, posting = Pool(dsn, size=1), _Posting(dsn, looking.metrics)
        try:
            with posting:
                if once:
                    looking.once(pool)
                    posting.once()
                else:
                    say(f"Looking every {every:g} s for what is due. Ctrl-C ends it.")
                    posting.start()
                    looking.for_ever(pool, every, beside=posting.check)
        except KeyboardInterrupt:
            done, sent = count(looking.done, "member"), count(posting.delivered, "message")
            raise Stopped(f"What was due for {done} is done, {sent} delivered.") from None
        finally:
            pool.close()
    if as_json:
        told = {"members": looking.done, "brands": looking.brands, "answers_forgotten": looking.forgotten}
        work = {"ended": looking.rewards.ended, "moved_up": looking.rewards.moved}
        print_json({**told, "transfers": looking.carried, "rewards": work, "webhooks": posting.outcomes})
    else:
        print(f"{count(looking.done, 'member')} had something due, in {count(looking.brands, 'brand')}.")
        print(f"{count(looking.carried, 'transfer')} carried on.")
        print(f"{count(posting.delivered, 'message')} delivered.")


def _all_brands(pool: "Pool") -> "list[Brand]":
    from bondfire.programs import list_brands

    with pool.transaction() as conn:
        return list_brands(conn)


class _Posting:
    """The delivering, in a thread of its own beside the passing of time: neither waits for the other.

    A database that stops answering is waited for; what was answered meanwhile is written down then.
    """

    def __init__(self, dsn: str, metrics: "WorkerMetrics") -> None:
        from bondfire.db import Pool
        from bondfire.webhooks import HttpGateway, Postman

        self._stop = Event()
        self._pool = Pool(dsn, size=1)
        self._postman = Postman(
            self._pool,
            HttpGateway(),
            worker=secrets.token_hex(8),
            now=lambda: datetime.now(UTC),
            stop=self._stop,
            count=metrics.count_messages,
        )
        self._thread = Thread(target=self._go_on, name="bondfire-postman")
        self._broken: Exception | None = None

    def __enter__(self) -> None:
        """Nothing is done before `start` or `once`."""

    def __exit__(self, *_: object) -> None:
        """Finish the messages at hand, and leave the work to others."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self._leave()
        self._pool.close()

    @property
    def outcomes(self) -> dict[str, int]:
        """What became of what was sent."""
        return {name: self._postman.outcomes[name] for name in ("delivered", "failed", "given_up")}

    @property
    def delivered(self) -> int:
        """How many messages were taken."""
        return self._postman.outcomes["delivered"]

    def once(self) -> None:
        """Do all that is due now."""
        self._postman.deliver()

    def start(self) -> None:
        """Deliver until the end of the block."""
        self._thread.start()

    def check(self) -> None:
        """Raise what ended the thread, if something did."""
        if self._broken is not None:
            raise self._broken

    def _leave(self) -> None:
        """Give the ranges back; when the database is away, others get them at the end of the lease."""
        from bondfire.db import is_retryable

        try:
            self._postman.close()
        except Exception as error:
            if not is_retryable(error):
                raise

    def _go_on(self) -> None:
        from bondfire.db import is_retryable

        while not self._stop.is_set():
            try:
                self._postman.deliver()
            except Exception as error:  # noqa: BLE001 - it is raised again where the command ends
                if not is_retryable(error):
                    self._broken = error
                    return
            self._stop.wait(_POST_EVERY_S)


class _Looking:
    """Looks through the brands, and keeps their compiled programmes from one look to the next.

    Attributes:
        done: members for whom something was due, in all.
        brands: brands that live by the wall clock and have a programme.
        carried: transfers between members of which one was told, in all.
        rewards: what was done for rewards.
        forgotten: answers of requests that were removed, in all.
    """

    def __init__(self, metrics: "WorkerMetrics") -> None:
        self.done = 0
        self.brands = 0
        self.carried = 0
        self.forgotten = 0
        self.metrics = metrics
        self.rewards = RewardWork()
        self._timelines: dict[int, Timeline] = {}

    def for_ever(self, pool: "Pool", every: float, *, beside: Callable[[], None]) -> NoReturn:
        """Look again and again, whatever becomes of the database; how it comes back is not for us to say.

        Args:
            pool: one connection is enough.
            every: seconds between two looks.
            beside: raises what has ended the work beside this one.
        """
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
            beside()

    def once(self, pool: "Pool") -> None:
        """Do all that is due now."""
        from bondfire.db import retrying

        brands = retrying(lambda: _all_brands(pool))
        self.brands = sum(self._pass_time(pool, brand) for brand in brands if brand.clock == "wall")
        for brand in brands:
            self._measure_webhooks(pool, brand)
            self._follow_journal(pool, brand)
            self._carry_transfers(pool, brand)
            self._look_after_rewards(pool, brand)
            self._close_boards(pool, brand)
            self._give_back(pool, brand)
        self._forget_answers(pool)

    def _measure_webhooks(self, pool: "Pool", brand: "Brand") -> None:
        """How far behind the brand's endpoints are; whoever delivers, and whether or not they get on."""
        from bondfire.db import retrying
        from bondfire.webhooks import Lag, lag_of

        def measured() -> Lag:
            with pool.transaction(snapshot=True) as conn:
                return lag_of(conn, brand, now=datetime.now(UTC))

        lag = retrying(measured)
        self.metrics.webhook_lag.labels(brand.name).set(lag.late_seconds)
        self.metrics.webhook_rows.labels(brand.name).set(lag.rows)

    def _timeline_of(self, conn: "Connection", brand: "Brand") -> "Timeline | None":
        """The brand's programme, compiled when it has a new version; None without one."""
        from bondfire.programs import load_timeline, newest_version

        number = newest_version(conn, brand.id)
        known = self._timelines.get(brand.id)
        if number and (known is None or known.newest.number != number):
            known = self._timelines[brand.id] = load_timeline(conn, brand.id)
        return known

    def _follow_journal(self, pool: "Pool", brand: "Brand") -> None:
        """Look at who invited whom and which orders came by a code, and list what is held for a person."""
        from bondfire.creators import follow_creators
        from bondfire.db import retrying
        from bondfire.referrals import follow_referrals
        from bondfire.review import follow_awards

        until = brand.time(datetime.now(UTC))
        for follow in (follow_referrals, follow_awards, partial(follow_creators, until=until)):

            def some() -> int:
                with pool.transaction() as conn:
                    timeline = self._timeline_of(conn, brand)
                    return follow(conn, brand, timeline, limit=_AT_ONCE) if timeline else 0  # noqa: B023

            while retrying(some) > 0:
                pass

    def _carry_transfers(self, pool: "Pool", brand: "Brand") -> None:
        """Tell members of everything that others sent them."""
        from bondfire.db import retrying
        from bondfire.journal import carry_transfers

        def some() -> int:
            with pool.transaction() as conn:
                timeline = self._timeline_of(conn, brand)
                return carry_transfers(conn, brand, timeline, limit=_AT_ONCE) if timeline else 0

        while (carried := retrying(some)) > 0:
            self.carried += carried
            self.metrics.carried.labels(brand.name).inc(carried)

    def _look_after_rewards(self, pool: "Pool", brand: "Brand") -> None:
        """Let holds end, and members who wait move up."""
        from bondfire.db import Connection, retrying

        def transact(act: Callable[[Connection], int]) -> int:
            def once() -> int:
                with pool.transaction() as conn:
                    return act(conn)

            return retrying(once)

        with pool.transaction() as conn:
            timeline = self._timeline_of(conn, brand)
        if timeline is not None:
            self.rewards.look_after(transact, brand, timeline, now=brand.time(datetime.now(UTC)))

    def _give_back(self, pool: "Pool", brand: "Brand") -> None:
        """Give back what members of groups paid for orders of others that came back."""
        from bondfire.db import retrying
        from bondfire.groups import give_back_returned

        def some() -> int:
            with pool.transaction() as conn:
                timeline = self._timeline_of(conn, brand)
                return give_back_returned(conn, brand, timeline, limit=_AT_ONCE) if timeline else 0

        while retrying(some) > 0:
            pass

    def _pass_time(self, pool: "Pool", brand: "Brand") -> bool:
        """Whether the brand has a programme; then everything that is due for it is done."""
        from bondfire.db import retrying
        from bondfire.journal import first_due, run_due

        until = datetime.now(UTC)

        def late() -> float:
            with pool.transaction(snapshot=True) as conn:
                return max(0.0, (until - (first_due(conn, brand) or until)).total_seconds())

        def some() -> int:
            with pool.transaction() as conn:
                timeline = self._timeline_of(conn, brand)
                return run_due(conn, brand, timeline, until=until, limit=_AT_ONCE) if timeline else -1

        self.metrics.due_lag.labels(brand.name).set(retrying(late))
        while (passed := retrying(some)) > 0:
            self.done += passed
            self.metrics.passed.labels(brand.name).inc(passed)
        return passed == 0

    def _close_boards(self, pool: "Pool", brand: "Brand") -> None:
        """Close what is over of leaderboards, and give the prizes."""
        from bondfire.db import retrying
        from bondfire.leaderboards import close_boards

        now = brand.time(datetime.now(UTC))

        def some() -> int:
            with pool.transaction() as conn:
                timeline = self._timeline_of(conn, brand)
                if timeline is None or not timeline.has_boards:
                    return 0
                return close_boards(conn, brand, timeline, now=now, limit=_AT_ONCE)

        while retrying(some):
            pass

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
