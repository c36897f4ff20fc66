"""What time and others do to rewards: holds that end, places that come free, seats that stayed empty.

Each is a bounded piece of work in the caller's transaction; call it again until nothing is left.
"""

from datetime import datetime

from bondfire.db import Connection, savepoint
from bondfire.errors import BondfireError
from bondfire.programs import Brand, Timeline
from bondfire.rewards import store
from bondfire.rewards.actions import free_claims
from bondfire.rewards.desk import desk_for
from bondfire.rewards.model import WITH_CODE, code_of, hash_of
from bondfire.rewards.store import Claim, Code


def end_claims(conn: Connection, brand: Brand, *, now: datetime, limit: int = 500) -> int:
    """Let others have what at most `limit` holds had that are over; how many there were.

    The points went back when each hold ended, in the member's own time; whether that was written yet does not
    matter here.
    """
    ended = store.end_claims(conn, brand.id, now, most=limit)
    if ended:
        free_claims(conn, brand.id, ended)
    return len(ended)


def move_up(conn: Connection, brand: Brand, timeline: Timeline, *, now: datetime, random: bytes) -> bool:
    """Give one that came free to whoever waits for it longest; False: nobody can have one now.

    Args:
        conn: in a transaction; never committed here.
        brand: whose rewards.
        timeline: the versions of its programme.
        now: the brand's time.
        random: `CODE_BYTES` random bytes.
    """
    rewards = timeline.at(now).program.rewards
    for name in store.waited_for(conn, brand.id):
        stock = rewards[name].stock if name in rewards else None
        first = store.first_in_line(conn, brand.id, name)
        if stock is None or first is None or first.until <= now:
            continue
        if _move_up(conn, brand, timeline, first, now=now, stock=stock, random=random):
            return True
    return False


def _move_up(
    conn: Connection,
    brand: Brand,
    timeline: Timeline,
    first: Claim,
    *,
    now: datetime,
    stock: int,
    random: bytes,
) -> bool:
    desk = desk_for(conn, brand, timeline, first.member_id, now=now)
    if store.lock_claim(conn, brand.id, first.redemption) is None:
        return True
    quantity = first.quantity
    if not store.claim_for_first(conn, brand.id, first.reward, quantity=quantity, stock=stock):
        return False
    store.lessen_claim(conn, brand.id, first, quantity)
    try:
        with savepoint(conn):
            desk.decide("reward.moved_up", f"{first.redemption}/up", {"redemption": first.redemption})
    except BondfireError:
        store.give_back(conn, brand.id, first.reward, taken=quantity)
        return True
    taken = desk.redemption(first.redemption)
    if desk.reward_of(taken).kind in WITH_CODE:
        kept = Code(hash_of(code_of(random)), taken.reward, desk.member_id, taken.event)
        store.keep_code(conn, brand.id, kept)
    return True


def mark_missed(
    conn: Connection, brand: Brand, timeline: Timeline, reward: str, *, now: datetime, reason: str, actor: str
) -> bool:
    """Mark one seat of an event that stayed empty; False: everybody else came.

    Raises:
        NoRedemption: `too_early`: the event has not begun.
    """
    found = store.first_not_used(conn, brand.id, reward)
    if found is None:
        return False
    kept_id, redemption = found
    desk = desk_for(conn, brand, timeline, kept_id, now=now)
    said = {"redemption": redemption, "reason": reason, "actor": actor}
    try:
        with savepoint(conn):
            desk.decide("reward.missed", f"{redemption}/missed", said)
    except BondfireError as refusal:
        if refusal.code == "too_early":
            raise
    store.drop_code(conn, brand.id, redemption)
    return True
