"""Programmes and lives that a seed made up: live, simulated and replayed the same, and every book is whole.

`make lives PROGRAMS=1000 LIVES=1000` is the long form of the first test.
"""

import os
from collections import Counter, defaultdict
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Final

import pytest

from acceptance.makers import parsed
from bondfire.db import connect, transaction
from bondfire.engine import Decision, MemberState, advance, pass_until
from bondfire.events import Event
from bondfire.journal import StateCache, digest, pass_time, process_events, replay, verify
from bondfire.kit import EPOCH, member_id_of
from bondfire.ledger import Account, Wallet
from bondfire.programs import ensure_brand, load_program, load_timeline, publish_program, timeline_of
from bondfire.simulation import simulate
from engine.at_random import BEGIN, Life, document

PROGRAMS: Final = int(os.environ.get("RANDOM_PROGRAMS", "1000"))
LIVES: Final = int(os.environ.get("RANDOM_LIVES", "2"))
PARTS: Final = 8
FIRST: Final = 10_000
"""The seed of the first programme: none that another test uses."""
LATER: Final = timedelta(days=900)

Posted = defaultdict[tuple[str, Account], Decimal]
"""The sum of each account of each unit."""


def books_are_whole(state: MemberState, posted: Posted) -> bool:
    """Whether debits equal credits, and each balance is the sum of its postings and of its lots (L18)."""
    for unit, wallet in state.ledger.wallets.items():
        accounts = {account: posted[unit, account] for account in Account}
        lots = list(state.ledger.open_lots(unit))
        waiting = sum((lot.left for lot in lots if lot.is_pending), Decimal(0))
        spendable = sum((lot.left for lot in lots if not lot.is_pending), Decimal(0))
        if not (
            sum(accounts.values()) == 0
            and (waiting, spendable) == (wallet.pending, wallet.active)
            and all(accounts[account] == balance for account, balance in balances(wallet).items())
        ):
            return False
    return True


def balances(wallet: Wallet) -> dict[Account, Decimal]:
    """The accounts of the member's side."""
    return {
        Account.ACTIVE: wallet.active,
        Account.PENDING: wallet.pending,
        Account.HELD: wallet.held,
        Account.DEBT: -wallet.debt,
        Account.SPENT: wallet.spent,
        Account.EXPIRED: wallet.expired,
    }


def post(posted: Posted, decision: Decision) -> None:
    for entry in decision.entries:
        assert entry.amount > 0
        posted[entry.unit, entry.debit] -= entry.amount
        posted[entry.unit, entry.credit] += entry.amount


def life_of(seed: int, member: str) -> list[Event]:
    pick = Random(seed)
    return [parsed(raw) for raw in Life(pick, member).lives(pick.randint(3, 15))]


@pytest.mark.parametrize("part", range(PARTS))
def test_at_every_step_of_a_random_life_under_a_random_programme_the_books_are_whole(part: int) -> None:
    kinds = Counter[str]()
    for number in range(FIRST + part, FIRST + PROGRAMS, PARTS):
        timeline = timeline_of(load_program(document(number)))
        for life in range(LIVES):
            state = MemberState(member_id_of("kaminrot", "c-17"))
            posted: Posted = defaultdict(Decimal)
            for event in life_of(number * LIVES + life, "c-17"):
                decision = advance(timeline, state, event)
                kinds[decision.outcome] += 1
                post(posted, decision)
                assert books_are_whole(state, posted), f"programme {number}, life {life}, event {event.id}"
            rest = pass_until(timeline, state, BEGIN + LATER)
            if rest is not None:
                post(posted, rest)
            assert books_are_whole(state, posted), f"programme {number}, life {life}, in the end"

    assert kinds["accepted"] > 100
    assert kinds["refused"] > 20


def test_random_programs_are_the_same_live_simulated_and_replayed(database: str) -> None:
    for number, batch in enumerate((1, 7, 100, 1000, 3, 20, 50, 5), start=FIRST):
        name = f"brand-{number}"
        text = document(number, brand=name)
        lives = [life_of(number * 1000 + life, f"m-{life}") for life in range(15)]
        events = sorted((event for life in lives for event in life), key=lambda event: event.recorded_at)
        with connect(database) as conn, transaction(conn):
            brand = ensure_brand(conn, name, "events", created_at=EPOCH)
            publish_program(conn, brand.id, text, published_at=EPOCH, published_by="ada")
            timeline = load_timeline(conn, brand.id)
        cache = StateCache(size=3)
        with connect(database) as conn:
            for first in range(0, len(events), batch):
                with transaction(conn):
                    process_events(conn, brand, timeline, events[first : first + batch], cache=cache)
                cache.confirm()
        until = events[-1].recorded_at
        pass_time(database, brand, timeline, until=until)

        reference = simulate(load_program(text), events, until=until)
        with connect(database) as conn:
            assert digest(conn, brand) == reference.digest, name
        assert replay(database, brand, timeline).digest == reference.digest, name
        assert verify(database, brand, timeline).differences == [], name
