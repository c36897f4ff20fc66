"""Run a programme over a stream of events in memory, with the engine that runs live."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from bondfire.engine import (
    BudgetKey,
    Decision,
    IdentityConflict,
    MemberState,
    Prospect,
    addressed,
    advance,
    budgets_by_key,
    budgets_for,
    digest_of_chains,
    onward,
    pass_until,
    prospects,
    shown_member,
    totals_of,
)
from bondfire.errors import BadInput
from bondfire.events import NAMING, Event, Reject, canonical_body
from bondfire.kit import EPOCH, digest_of, format_amount, member_id_of, parse_id
from bondfire.ledger import Wallet
from bondfire.programs import Program, timeline_of
from bondfire.simulation.referrals import Invitations


class Refused(msgspec.Struct, frozen=True):
    """An event that changed nothing, and why; `is_readable` is False for a row that is no event."""

    event: str
    code: str
    message: str
    next_step: str
    is_readable: bool = True


class Simulation(msgspec.Struct):
    """What became of everybody.

    Attributes:
        states: everybody an event named, by the reference in the events; who never joined is no member.
        until: the time everybody was brought to; None when there was no event.
        events: how many events were decided; `duplicates`: how many came again and changed nothing.
        refused: events that were refused or could not be read, in order.
    """

    program: Program
    states: dict[str, MemberState]
    until: datetime | None
    events: int
    duplicates: int
    refused: list[Refused]

    @property
    def digest(self) -> str:
        """Equal for equal histories, live, simulated or replayed."""
        return digest_of_chains((state.id, state.ledger.chain) for state in self.states.values())

    @property
    def members(self) -> dict[str, MemberState]:
        """Those who are members, by reference, in order."""
        return {name: self.states[name] for name in sorted(self.states) if self.states[name].joined_at}

    def as_dict(self) -> dict[str, object]:
        """The published shape of a simulation: amounts as decimal strings, times in UTC."""
        return {
            "digest": self.digest,
            "members": {name: self._member_dict(state) for name, state in self.members.items()},
            "program": _program_dict(self.program, self.states.values()),
            "refused": [
                {"event": one.event, "code": one.code, "message": one.message} for one in self.refused
            ],
        }

    def _member_dict(self, state: MemberState) -> dict[str, object]:
        shown: dict[str, object] = {
            "wallets": {unit: _wallet_dict(state, unit) for unit in sorted(self.program.units)},
            "tiers": {name: state.standings[name].tier for name in sorted(state.standings)},
        }
        if self.program.challenges:
            goals = prospects(self.program, state, now=max(state.now, self.until or state.now))
            shown["challenges"] = {name: _challenge_dict(goals[name]) for name in sorted(goals)}
            shown["badges"] = {name: _time_text(state.badges[name]) for name in sorted(state.badges)}
        return shown


def simulate(
    program: Program,
    events: Iterable[Event | Reject],
    *,
    until: datetime | None = None,
    progress: Callable[[int], None] | None = None,
) -> Simulation:
    """Decide every event in its order and then let time pass.

    Args:
        program: a checked programme.
        events: in the order in which they arrive, which is also the order in which members take from a budget
            that they share; what could not be read becomes a refusal.
        until: the time to bring everybody to; later events are left out. Default: the last event's time.
        progress: called after each event with the number done.
    """
    run = _Run(program, until)
    for done, event in enumerate(events, start=1):
        if isinstance(event, Reject):
            run.refused.append(
                Refused(event.event, event.code, event.message, event.next_step, is_readable=False)
            )
        else:
            run.take(event)
        if progress is not None:
            progress(done)
    return run.finish()


class _Run:
    def __init__(self, program: Program, until: datetime | None) -> None:
        self.program = program
        self.timeline = timeline_of(program)
        self.until = until
        self.latest = EPOCH
        self.states: dict[str, MemberState] = {}
        self.by_id: dict[UUID, MemberState] = {}
        self.names: dict[UUID, str] = {}
        self.seen: dict[tuple[str, str, str], bytes] = {}
        self.budgets: dict[BudgetKey, Decimal] = {}
        self.refused: list[Refused] = []
        self.decided = 0
        self.duplicates = 0
        self.invitations = Invitations(self.timeline, self._is_known)

    def take(self, event: Event) -> None:
        if self.until is not None and event.occurred_at > self.until:
            return
        self._look_at_referrals(event.occurred_at)
        if event.type in NAMING and NAMING[event.type] in event.body:
            event = addressed(event, self._named(str(event.body[NAMING[event.type]])))
        identity = (event.member, event.source, event.id)
        body = digest_of(event.type, event.occurred_at.isoformat(), canonical_body(event))
        if identity in self.seen:
            self._seen_before(event, same=self.seen[identity] == body)
            return
        self.seen[identity] = body
        state = self.states.get(event.member)
        if state is None:
            state = self._first_seen(event.member)
        decision = self._decide(state, event)
        self.decided += 1
        self.latest = max(self.latest, event.occurred_at)
        if decision.outcome == "refused":
            self.refused.append(Refused(event.id, decision.code, decision.message, decision.next_step))
        elif event.type == "points.sent":
            self._carry(decision, state)
        if self.program.referrals:
            self._follow(decision, state)

    def _look_at_referrals(self, until: datetime) -> None:
        """Let the time of those pass whose order has been kept long enough, each at its moment."""
        while (due := self.invitations.next_due(until)) is not None:
            at, member_id = due
            state = self.by_id[member_id]
            decision = pass_until(self.timeline, state, at)
            if decision is not None:
                self._follow(decision, state)

    def _follow(self, decision: Decision, state: MemberState) -> None:
        """Look at a referral, and pay both sides at once."""
        for check in self.invitations.checks_after(decision, state):
            self._carry(advance(self.timeline, state, check), state)

    def _is_known(self, member_id: UUID) -> bool:
        return member_id in self.by_id and self.by_id[member_id].joined_at is not None

    def _decide(self, state: MemberState, event: Event) -> Decision:
        """Decide with what those who came before have left of budgets."""
        seen = budgets_by_key(budgets_for(self.program, event), self.budgets)
        decision = advance(self.timeline, state, event, seen)
        for key, amount in decision.budgets_used.items():
            self.budgets[key] = self.budgets.get(key, Decimal(0)) + amount
        return decision

    def _first_seen(self, reference: str) -> MemberState:
        """A member under their first reference, also one whom somebody sent something to by their id."""
        member_id = member_id_of(self.program.brand, reference)
        state = self.states.pop(shown_member(member_id), None) or MemberState(member_id)
        self.states[reference] = self.by_id[member_id] = state
        return state

    def _named(self, reference: str) -> UUID:
        """Who is meant by a reference or an id."""
        with suppress(BadInput):
            return parse_id("mem", reference)
        member_id = member_id_of(self.program.brand, reference)
        self.names[member_id] = reference
        return member_id

    def _carry(self, decision: Decision, state: MemberState) -> None:
        """Tell the receiver at once, and the sender again if it comes back."""
        while (told := onward(decision, state.id)) is not None:
            member_id, event = told
            if member_id not in self.by_id:
                name = self.names.get(member_id, event.member)
                self.states[name] = self.by_id[member_id] = MemberState(member_id)
            state = self.by_id[member_id]
            decision = self._decide(state, event)

    def _seen_before(self, event: Event, *, same: bool) -> None:
        self.duplicates += 1
        if not same:
            conflict = IdentityConflict(
                f"Event {event.id} of {event.source} came before with another body; the first stands.",
                next_step="Send a correction under a new id.",
            )
            self.refused.append(Refused(event.id, conflict.code, conflict.message, conflict.next_step))

    def finish(self) -> Simulation:
        until = self.until or (self.latest if self.decided else None)
        if until is not None:
            self._look_at_referrals(until)
            for state in self.states.values():
                pass_until(self.timeline, state, until)
        return Simulation(self.program, self.states, until, self.decided, self.duplicates, self.refused)


def _challenge_dict(goal: Prospect) -> dict[str, object]:
    return {
        "progress": format_amount(goal.reached),
        "target": format_amount(goal.target),
        "times": goal.times,
    }


def _wallet_dict(state: MemberState, unit: str) -> dict[str, object]:
    wallet = state.ledger.wallets.get(unit, Wallet())
    return {
        "active": format_amount(wallet.active),
        "pending": format_amount(wallet.pending),
        "held": format_amount(wallet.held),
        "spent": format_amount(wallet.spent),
        "expired": format_amount(wallet.expired),
        "debt": format_amount(wallet.debt),
        "lots": [
            {
                "amount": format_amount(lot.left),
                "available_at": _time_text(lot.available_at),
                "expires_at": _time_text(lot.expires_at),
            }
            for lot in state.ledger.open_lots(unit)
        ],
    }


def _time_text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


def _program_dict(program: Program, states: Iterable[MemberState]) -> dict[str, object]:
    totals = totals_of(state.ledger for state in states)
    figures = ("issued", "spent", "expired", "clawed_back", "written_off")
    return {
        unit: {
            figure: format_amount(getattr(totals[unit], figure)) if unit in totals else "0"
            for figure in figures
        }
        for unit in sorted(program.units)
    }
