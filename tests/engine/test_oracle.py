"""The engine against its oracle: at least 60,000 random steps without one difference."""

from fractions import Fraction

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from engine.oracle import Terms
from engine.play import Play

LENGTH = 50
FEWEST = 10_000
"""Steps of each machine; the six together take 60,000."""

SETTINGS = settings(
    max_examples=240,
    stateful_step_count=LENGTH,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


class Indebted(Play):
    terms = Terms("allow_negative", window=100, waits=0, lives=30, limit=Fraction(150))


class IndebtedLater(Play):
    terms = Terms("allow_negative", window=30, waits=14, lives=60, limit=Fraction(500))


class Clamped(Play):
    terms = Terms(
        "clamp",
        window=10,
        waits=3,
        lives=20,
        limit=Fraction(90),
        step=Fraction(1, 100),
        rate=Fraction(7, 100),
    )
    decimals = 2


class History(Play):
    terms = Terms("allow_negative", window=40, waits=5, lives=25, limit=Fraction(200))
    is_history = True


class PendingOnly(Play):
    terms = Terms("pending_only", window=100, waits=10, lives=15, limit=Fraction(400))


class KeptAlive(Play):
    terms = Terms("allow_negative", window=60, waits=2, lives=12, limit=Fraction(200), slides=True)


def judged(machine: type[Play]) -> None:
    run_state_machine_as_test(machine, settings=SETTINGS)
    assert machine.steps >= FEWEST, f"only {machine.steps} steps were taken"


def test_points_at_once_with_debts_are_as_the_oracle_says() -> None:
    judged(Indebted)


def test_points_that_wait_with_debts_are_as_the_oracle_says() -> None:
    judged(IndebtedLater)


def test_cents_of_points_with_losses_written_off_are_as_the_oracle_says() -> None:
    judged(Clamped)


def test_points_taken_back_only_while_they_wait_are_as_the_oracle_says() -> None:
    judged(PendingOnly)


def test_points_that_orders_keep_alive_are_as_the_oracle_says() -> None:
    judged(KeptAlive)


def test_events_of_a_history_that_come_in_any_order_are_as_the_oracle_says() -> None:
    judged(History)
