"""G1 over random lives: whatever two accounts did, merged they hold the same, once, and go on as one."""

from collections import Counter
from datetime import datetime
from decimal import Decimal

import pytest

from acceptance.group_makers import DAY, total
from acceptance.merge_makers import holds_together, merge, view
from bondfire.events import Event
from bondfire.ledger import Wallet
from journal.store_makers import CAFE, Store, back, held, history, order, spent, store_of

QUICK = CAFE.replace("pending: 14 days", "pending: 1 days")
CLAMP = CAFE.replace("clawback: allow_negative", "clawback: clamp")
PAIRS = [(f"c-{number}", f"c-{number + 1}") for number in range(0, 10, 2)]


def with_holds(events: list[Event]) -> list[Event]:
    """The history, and now and then a hold that outlives the merge."""
    return [
        one
        for place, event in enumerate(events)
        for one in (
            event,
            *([held(place, event.occurred_at, 3, member=event.member)] if not place % 9 else []),
        )
    ]


def lots_of(store: Store, members: tuple[str, ...], at: datetime) -> Counter[tuple[object, ...]]:
    """Everything that is left in the lots of some members: what, how much, since when and until when."""
    return Counter(
        (unit, lot.left, lot.amount, lot.rule, lot.event, lot.earned_at, lot.available_at, lot.expires_at)
        for member in members
        for unit, wallet in view(store, member, at).wallets.items()
        for lot in wallet.lots
    )


def indebted(store: Store, at: datetime) -> datetime:
    """Let two of them spend all they have and give back what they had earned it with; until when."""
    for member, _ in PAIRS[:2]:
        store.send(order(f"debt-{member}", at, total=300, member=member))
        all_of_it = int(view(store, member, at + 2 * DAY).wallets["points"].active)
        store.send(spent(f"debt-{member}", at + 2 * DAY, all_of_it, member=member))
        store.send(back(f"debt-{member}", at + 2 * DAY, order=f"debt-{member}", member=member))
    store.bring_to(at + 2 * DAY)
    return at + 2 * DAY


def kept(sums: Wallet) -> tuple[Decimal, ...]:
    """What no merge may change; what is owed can be paid, and a return that waited can find its purchase."""
    in_hand = sums.liability - sums.debt + sums.clawed_back - sums.written_off
    return sums.issued, sums.spent, sums.expired, sums.held, in_hand


@pytest.mark.parametrize(("document", "seed"), [(CLAMP, 1), (QUICK, 2)])
def test_g1_random_lives_merged_hold_the_same_once_and_go_on_as_one(
    database: str, document: str, seed: int
) -> None:
    events = with_holds(history(340, members=10, seed=seed))
    store = store_of(database, document)
    for first in range(0, 240, 60):
        store.send(*events[first : first + 60])
    at = events[239].occurred_at
    store.bring_to(at)
    if document is QUICK:
        at = indebted(store, at)
    before = {pair: lots_of(store, pair, at) for pair in PAIRS}
    sums = total(store)

    for pair in PAIRS:
        merge(store, *pair, at=at)

    assert kept(total(store)) == kept(sums)
    assert (sums.debt > 0) == (document is QUICK)
    same = [pair for pair in PAIRS if lots_of(store, pair[1:], at) == before[pair]]
    assert len(same) >= (len(PAIRS) if document is CLAMP else 2)
    assert store.verified() == []
    for first in range(240, len(events), 60):
        store.send(*events[first : first + 60])
    again = store.send(*events[::7])
    store.bring_to(events[-1].occurred_at)
    assert {one.outcome for one in again} == {"duplicate"}
    assert holds_together(store)
