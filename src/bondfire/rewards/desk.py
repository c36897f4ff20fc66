"""One member at the desk: their bucket is ours, and what is decided about them is written at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bondfire.db import Connection
from bondfire.engine import MemberState, Redeemed, redemption_named, shown_member
from bondfire.events import OWN_SOURCE, own_event
from bondfire.journal import Result, decide_own, own_member, see_member
from bondfire.members import survivor_of
from bondfire.programs import Brand, Reward, Timeline
from bondfire.rewards.errors import NoRedemption


@dataclass(frozen=True, slots=True)
class Desk:
    """A member whose bucket is locked until the transaction ends.

    Attributes:
        now: the brand's time. state: the member as they were when the desk opened.
    """

    conn: Connection
    brand: Brand
    timeline: Timeline
    member_id: UUID
    now: datetime
    state: MemberState

    def decide(self, kind: str, event: str, said: Mapping[str, object]) -> Result:
        """Decide an event of ours about the member; what is None was not said.

        Raises:
            BondfireError: the refusal; the transaction is to be rolled back.
        """
        raw = {"id": event, "type": kind, "member": shown_member(self.member_id), "occurred_at": self.now}
        raw |= {name: value for name, value in said.items() if value is not None}
        told = own_event(raw, recorded_at=self.now)
        return decide_own(self.conn, self.brand, self.timeline, self.member_id, event=told)

    def redemption(self, name: str) -> Redeemed:
        """A redemption of the member, as it is now.

        Raises:
            NoRedemption: there is none under this id.
        """
        state = see_member(self.conn, self.brand, self.timeline, self.member_id, now=self.now)
        found = redemption_named(state.rewards, OWN_SOURCE, name)
        if found is None:
            raise NoRedemption(
                f"The member has no redemption {name[:80]!r}.",
                next_step="Read the member's redemptions; only the latest of them can be changed.",
            )
        return found

    def reward_of(self, redeemed: Redeemed) -> Reward:
        """What a redemption is of, by the version that it was made by."""
        return self.timeline.number(redeemed.version).program.rewards[redeemed.reward]


def desk_for(conn: Connection, brand: Brand, timeline: Timeline, kept_id: UUID, *, now: datetime) -> Desk:
    """`open_desk` of whoever the member of a stored claim or code is now, also after a merge."""
    return open_desk(conn, brand, timeline, survivor_of(conn, brand, kept_id) or kept_id, now=now)


def open_desk(conn: Connection, brand: Brand, timeline: Timeline, member_id: UUID, *, now: datetime) -> Desk:
    """Lock a member's bucket; see `Desk`.

    Raises:
        UnknownMember: nobody has joined under this id.
    """
    state = own_member(conn, brand, timeline, member_id, now=now)
    return Desk(conn, brand, timeline, member_id, now, state)
