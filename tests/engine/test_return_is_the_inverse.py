"""A purchase that comes back whole leaves nothing behind, or its explanation says what and why.

Random programmes, random lives: the same life is lived with a purchase that is cancelled in the end and
without it. Where books, tiers and badges differ, the return must have named what it could not undo, or
something that happened between must have been decided otherwise and say so itself.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

import pytest

from acceptance.makers import MEMBER, Raw, parsed
from bondfire.engine import Decision, MemberState, Reason, advance, explained, pass_until
from bondfire.events import Event
from bondfire.kit import member_id_of
from bondfire.ledger import Wallet
from bondfire.programs import Timeline, load_program, timeline_of
from engine.at_random import BEGIN, Life, document

PROGRAMS = 200
LIVES = 100
PARTS = 8
STAYS = frozenset({"taken_from_others", "lapsed", "owed", "written_off", "forgone", "prolonging_stays"})
"""Reasons of a return that say, by unit, what it did not undo."""


class Lived(NamedTuple):
    """One life: what became of the member, and what was decided."""

    state: MemberState
    decisions: list[Decision]

    @property
    def tiers(self) -> dict[str, str | None]:
        return {name: standing.tier for name, standing in self.state.standings.items()}

    def books(self, unit: str) -> tuple[object, ...]:
        """Balances net of what was given and taken back, and open lots without their numbers."""
        one = self.state.ledger.wallets.get(unit, Wallet())
        figures = one.active, one.pending, one.held, one.debt, one.spent, one.expired, one.written_off
        open_lots = self.state.ledger.open_lots(unit)
        lots = Counter((lot.left, lot.available_at, lot.expires_at) for lot in open_lots)
        return (*figures, one.issued - one.clawed_back, lots)

    def told(self, decision: Decision) -> list[object]:
        """The reasons of a decision, with lots named by what they are and not by their number."""
        lots = self.state.ledger.lots
        reasons: list[object] = [decision.outcome, decision.code]
        for one in explained(decision):
            lot = lots.get(one.lot)
            name = (lot.event, lot.rule, lot.earned_at) if lot else one.lot
            reasons.append((one.code, one.rule, one.unit, one.amount, one.values, one.clipped, name))
        return reasons


def lived(timeline: Timeline, events: Iterable[Event], until: datetime) -> Lived:
    state = MemberState(member_id_of("kaminrot", MEMBER))
    decisions = [advance(timeline, state, event) for event in events]
    pass_until(timeline, state, until)
    return Lived(state, decisions)


class Example(NamedTuple):
    """A life with a purchase that is taken back, and the same without."""

    bought: Lived
    reference: Lived
    place: int

    @property
    def returned(self) -> list[Reason]:
        """Why the return did what it did."""
        return explained(self.bought.decisions[-1])

    def differences(self) -> set[str]:
        """The units, tier sets and badges in which the two lives end otherwise."""
        one, other = self.bought, self.reference
        units = {unit for unit in one.state.ledger.wallets if one.books(unit) != other.books(unit)}
        tiers = {name for name, tier in one.tiers.items() if tier != other.tiers[name]}
        return units | tiers | (one.state.badges.keys() ^ other.state.badges.keys())

    def decided_otherwise(self) -> bool:
        """Whether something that happened between was decided otherwise, and its reasons say so."""
        between = self.bought.decisions[: self.place] + self.bought.decisions[self.place + 1 : -1]
        return any(
            self.bought.told(one) != self.reference.told(other)
            for one, other in zip(between, self.reference.decisions, strict=True)
        )

    def left_behind(self) -> set[str]:
        """What the return says that it leaves as it is."""
        names = {one.unit for one in self.returned if one.code in STAYS}
        names |= {one.note for one in self.returned if one.code == "badge_kept"}
        names |= {one.values["tier_set"] for one in self.returned if one.code == "tier_kept"}
        return names | self._given_up()

    def _given_up(self) -> set[str]:
        """Tiers that only lenience kept before, and that the return took."""
        kept = {
            one.values["tier_set"]
            for decision in self.reference.decisions
            for one in explained(decision)
            if one.code == "tier_kept"
        }
        return {one.values["tier_set"] for one in self.returned if one.code == "tier_taken_back"} & kept


def example(timeline: Timeline, seed: int) -> Example:
    pick = Random(seed)
    life = Life(pick)
    events = [parsed(raw) for raw in life.lives(pick.randint(0, 9))]
    place = pick.randint(1, len(events))
    until = BEGIN + timedelta(hours=life.hours + pick.choice((0, 1, 500)))
    head: Raw = {"type": "order.placed", "source": "shop", "member": MEMBER}
    at = events[place - 1].occurred_at.isoformat()
    purchase = parsed({"id": "x", **head, "occurred_at": at, **life.order("X")})
    back = {"id": "back", "type": "order.cancelled", "occurred_at": until.isoformat(), "order": "X"}
    all_events = [*events[:place], purchase, *events[place:], parsed(head | back)]
    return Example(lived(timeline, all_events, until), lived(timeline, events, until), place)


@pytest.mark.parametrize("part", range(PARTS))
def test_a_purchase_that_comes_back_leaves_nothing_behind_that_is_not_explained(part: int) -> None:
    """20,000 examples in all; a failure names the seeds of its programme and of its life."""
    found = Counter[str]()
    for number in range(part, PROGRAMS, PARTS):
        timeline = timeline_of(load_program(document(number)))
        for life in range(LIVES):
            seed = number * LIVES + life
            one = example(timeline, seed)
            differences = one.differences()
            if not differences:
                found["nothing left"] += 1
                assert one.bought.decisions[-1].outcome == "accepted", f"programme {number}, life {seed}"
            elif one.decided_otherwise():
                found["decided otherwise between"] += 1
            else:
                found["told by the return"] += 1
                assert differences <= one.left_behind(), f"programme {number}, life {seed}"

    assert found.total() == PROGRAMS * LIVES // PARTS
    assert (
        min(found[kind] for kind in ("nothing left", "decided otherwise between", "told by the return")) > 50
    )
