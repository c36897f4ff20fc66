"""Who invited whom in a simulation, and when they are looked at: as `referrals` does it over tables."""

from collections.abc import Callable
from datetime import datetime
from heapq import heappop, heappush
from uuid import UUID

from bondfire.engine import Decision, Facts, MemberState, Person, check_of, doubts_about
from bondfire.events import Event
from bondfire.kit import parse_id
from bondfire.programs import Timeline


class Invitations:
    """What members said of who invited them, and which orders have to be kept until when.

    There are no names and addresses in a simulation, so whether two members are one person is not looked at.
    """

    def __init__(self, timeline: Timeline, is_known: Callable[[UUID], bool]) -> None:
        self._timeline = timeline
        self._is_known = is_known
        self._claims: dict[UUID, tuple[UUID, datetime]] = {}
        self._paid: dict[UUID, list[UUID]] = {}
        self._due: list[tuple[datetime, UUID]] = []

    def next_due(self, until: datetime) -> tuple[datetime, UUID] | None:
        """Whose order has been kept long enough by then, one after the other."""
        return heappop(self._due) if self._due and self._due[0][0] <= until else None

    def checks_after(self, decision: Decision, state: MemberState) -> list[Event]:
        """Take a decision in; the events that say what speaks against a referral, which follow from it."""
        checks = []
        for reason in decision.told:
            if reason.code == "sent":
                self._paid.setdefault(state.id, []).append(parse_id("mem", reason.note))
            elif reason.code == "referral_claimed" and decision.event is not None:
                self._claims[state.id] = parse_id("mem", reason.note), decision.event.occurred_at
                checks += self._check(state.id, at=decision.event.occurred_at, is_ripe=False)
            elif reason.code == "referral_qualified" and state.referral and state.referral.due_at:
                heappush(self._due, (state.referral.due_at, state.id))
            elif reason.code == "referral_ripe":
                at = datetime.fromisoformat(reason.values["at"])
                checks += self._check(state.id, at=at, is_ripe=True)
        return checks

    def _check(self, member_id: UUID, *, at: datetime, is_ripe: bool) -> list[Event]:
        referrer_id, claimed_at = self._claims[member_id]
        program = self._timeline.at(claimed_at).program
        assert program.referrals is not None, "it was claimed under them"  # noqa: S101
        doubts = program.referrals.doubts
        facts = Facts(
            member_id,
            referrer_id,
            claimed_at,
            Person(),
            Person(),
            self._chain(referrer_id, doubts.ring),
            self._reached(member_id, doubts.ring),
            [since for referrer, since in self._claims.values() if referrer == referrer_id],
            self._is_known(referrer_id) if is_ripe else None,
        )
        reasons = doubts_about(program, facts)
        return [check_of(member_id, reasons, at=at, is_ripe=is_ripe)] if reasons or is_ripe else []

    def _chain(self, referrer_id: UUID, most: int) -> list[UUID]:
        chain: list[UUID] = []
        last = referrer_id
        while last in self._claims and len(chain) < most and self._claims[last][0] not in chain:
            last = self._claims[last][0]
            chain.append(last)
        return chain

    def _reached(self, member_id: UUID, steps: int) -> frozenset[UUID]:
        reached: dict[UUID, None] = {}
        senders = [member_id]
        for _ in range(steps):
            got = [to for sender in senders for to in self._paid.get(sender, ())]
            senders = [to for to in dict.fromkeys(got) if to not in reached]
            reached |= dict.fromkeys(senders)
        return frozenset(reached)
