"""What is done with rewards: redeem, hold, wait, capture, release, cancel, use, miss; import codes.

Each is one transaction of the caller about one member. Locks are taken in the order that `store` names.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Final, NamedTuple
from uuid import UUID

from bondfire.db import Connection
from bondfire.engine import Redeemed
from bondfire.errors import BondfireError, NotFound
from bondfire.kit import nearest
from bondfire.members import survivor_of
from bondfire.programs import Brand, Reward, Timeline
from bondfire.rewards import store
from bondfire.rewards.desk import Desk, desk_for
from bondfire.rewards.errors import BadRedemption, NoCode, NoRedemption, SoldOut
from bondfire.rewards.model import ONE_AT_A_TIME, WITH_CODE, code_of, hash_of
from bondfire.rewards.store import Claim, Code

LONGEST_HOLD: Final = timedelta(days=366)
MOST_CODES: Final = 10_000
_PARTNER_CODE: Final = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,198}[\x21-\x7e])?", re.ASCII)


class Wish(NamedTuple):
    """What a member wants.

    Attributes:
        redemption: the id that it gets.
        until: when it ends unless it is captured; None takes it at once.
        paid: the money that was paid. order: the order it belongs to.
    """

    redemption: str
    reward: str
    quantity: int = 1
    until: datetime | None = None
    paid: Decimal | None = None
    order: str | None = None


class Got(NamedTuple):
    """What a member has now.

    Attributes:
        code: of a ticket, voucher or partner; only a partner's is ever shown again. None: none.
    """

    redeemed: Redeemed
    code: str | None = None


def redeem(desk: Desk, wish: Wish, *, random: bytes) -> Got:
    """Give a reward for its price, or hold both.

    Args:
        desk: of the member.
        wish: what they want.
        random: `CODE_BYTES` random bytes, of which a code is made where the kind has one.

    Raises:
        SoldOut: there is none left, or others wait.
        BadRedemption: an end that cannot be, or several of what has a code each.
        BondfireError: what the engine refuses.
    """
    reward = desk.timeline.at(desk.now).program.rewards.get(wish.reward)
    partner_code = None
    if reward is not None:
        _check(desk, reward, wish)
        partner_code = _claim(desk, reward, wish)
    said = {
        "reward": wish.reward,
        "quantity": wish.quantity,
        "order": wish.order,
        "until": wish.until,
        "granted": True if reward is not None and reward.is_shared else None,
    }
    if wish.until is not None:
        desk.decide("reward.held", wish.redemption, said)
        _add_claim(desk, wish, wish.until, is_counted=reward is not None and reward.stock is not None)
        return Got(desk.redemption(wish.redemption))
    code_id = _id_of(partner_code) if partner_code else None
    desk.decide("reward.redeemed", wish.redemption, {**said, "paid": wish.paid, "code": code_id})
    return _taken(desk, wish.redemption, random)


def redeem_or_wait(desk: Desk, wish: Wish, *, random: bytes) -> Got:
    """`redeem`, or where there is none left `wait`."""
    try:
        return redeem(desk, wish, random=random)
    except SoldOut:
        return wait(desk, wish)


def wait(desk: Desk, wish: Wish) -> Got:
    """Wait for one that comes free, with the price held until the event begins or the offer ends.

    Nothing was claimed for the wish.

    Raises:
        BondfireError: what the engine refuses; `no_list`: nobody can wait for it.
    """
    reward = desk.timeline.at(desk.now).program.rewards.get(wish.reward)
    ends_at = (reward.takes_place_at or reward.ends_at) if reward is not None else None
    until = min(ends_at or desk.now + LONGEST_HOLD, desk.now + LONGEST_HOLD)
    said = {"reward": wish.reward, "quantity": wish.quantity, "until": until}
    desk.decide("reward.awaited", wish.redemption, said)
    place = store.take_place(desk.conn, desk.brand.id, wish.reward)
    _add_claim(desk, wish, until, place=place)
    return Got(desk.redemption(wish.redemption))


def capture(
    desk: Desk,
    redemption: str,
    *,
    event: str,
    quantity: int | None = None,
    paid: Decimal | None = None,
    order: str | None = None,
    random: bytes,
) -> Got:
    """Take what is held, all of it or a part.

    Args:
        desk: of the member.
        redemption: its id.
        event: the id that this step gets.
        quantity: how many of them; None for all.
        paid: the money that was paid for it.
        order: the order it belongs to.
        random: as of `redeem`.

    Raises:
        NoRedemption: nothing is held under this id, or its time is over.
        BondfireError: what the engine refuses.
    """
    held = _claim_of(desk, redemption)
    code = store.partner_codes(desk.conn, desk.brand.id, [redemption]).get(redemption)
    said = {"redemption": redemption, "quantity": quantity, "paid": paid, "order": order}
    desk.decide("reward.captured", event, {**said, "code": _id_of(code) if code else None})
    store.lessen_claim(desk.conn, desk.brand.id, held, held.quantity if quantity is None else quantity)
    return _taken(desk, redemption, random)


def release(desk: Desk, redemption: str, *, event: str, quantity: int | None = None) -> Got:
    """Give up what is held or waited for, all of it or a part; others can have it. Raises as `capture`."""
    held = _claim_of(desk, redemption)
    if held.place is not None and quantity not in {None, held.quantity}:
        raise BadRedemption(
            "Whoever waits for several waits for all of them.", next_step="Release all, and wait for fewer."
        )
    desk.decide("reward.released", event, {"redemption": redemption, "quantity": quantity})
    freed = held.quantity if quantity is None else quantity
    store.lessen_claim(desk.conn, desk.brand.id, held, freed)
    free_claims(desk.conn, desk.brand.id, [held._replace(quantity=freed)])
    return Got(desk.redemption(redemption))


def cancel(desk: Desk, redemption: str, *, event: str, reason: str, actor: str) -> Got:
    """Undo a redemption that was not used: its price goes back, others can have it.

    Raises:
        BondfireError: what the engine refuses; `code_given`: the partner's code cannot be called back.
    """
    taken = desk.redemption(redemption)
    reward = desk.reward_of(taken)
    if reward.partner:
        raise NoRedemption(
            "The partner's code was given to the member, and cannot be called back.",
            next_step="Correct the points by hand if it did not work: points.adjusted.",
            code="code_given",
        )
    desk.decide("reward.cancelled", event, {"redemption": redemption, "reason": reason, "actor": actor})
    if reward.stock is not None:
        store.give_back(desk.conn, desk.brand.id, reward.name, taken=taken.taken)
    store.drop_code(desk.conn, desk.brand.id, redemption)
    return Got(desk.redemption(redemption))


def renew_code(desk: Desk, redemption: str, *, random: bytes) -> Got:
    """Show a code again, that is: another one; a lost one opens nothing any more.

    Raises:
        NoRedemption: it has no code that could be used.
    """
    taken = desk.redemption(redemption)
    if taken.status != "taken" or desk.reward_of(taken).kind not in WITH_CODE:
        raise NoRedemption(
            f"The redemption {redemption!r} is {taken.status} and has no code of ours.",
            next_step="Only a ticket or voucher that was taken, and not used since, has one.",
        )
    return Got(taken, _give_code(desk, taken, random))


def use_code(
    conn: Connection, brand: Brand, timeline: Timeline, code: str, *, now: datetime, order: str | None = None
) -> tuple[UUID, Redeemed]:
    """Check a ticket in, or use a voucher: once; whose it was, and what.

    A code that is wrong, was used, or is another brand's is looked for and not found: nobody can tell which
    by the words or the time that it takes.

    Raises:
        NoCode: it is none that can be used.
        NoRedemption: `too_early`: the event is not today.
    """
    found = store.redemption_of_code(conn, brand.id, hash_of(code))
    if found is None:
        raise no_code()
    kept_id, redemption = found
    desk = desk_for(conn, brand, timeline, kept_id, now=now)
    try:
        result = desk.decide("reward.used", f"{redemption}/used", {"redemption": redemption, "order": order})
    except BondfireError as refusal:
        if refusal.code == "too_early":
            raise
        raise no_code() from None
    if result.outcome != "accepted":
        raise no_code()
    store.drop_code(conn, brand.id, redemption)
    return desk.member_id, desk.redemption(redemption)


def no_code() -> NoCode:
    """The one refusal of a code."""
    return NoCode("This code cannot be used.", next_step="Check it, or ask the member to show it again.")


def import_codes(
    conn: Connection, brand: Brand, timeline: Timeline, reward: str, *, codes: Sequence[str]
) -> int:
    """Add codes of a partner; those that are there already change nothing. How many were new.

    Raises:
        NotFound: the programme has no such reward, or it gives out no codes of a partner.
        BadRedemption: a code that is none, or too many at once.
    """
    known = {name: one for name, one in timeline.newest.program.rewards.items() if one.partner}
    if reward not in known:
        close = nearest(reward, known)
        raise NotFound(
            f"The programme has no reward {reward[:80]!r} of a partner.",
            next_step=f"Did you mean {close!r}?" if close else "Give it kind: partner in the programme.",
            code="unknown_reward",
        )
    if not 1 <= len(codes) <= MOST_CODES:
        raise BadRedemption(f"There are {len(codes)} codes.", next_step=f"Send 1 to {MOST_CODES} at once.")
    for number, code in enumerate(codes, 1):
        if not _PARTNER_CODE.fullmatch(code):
            raise BadRedemption(
                f"Code {number} is no code.",
                next_step="Send 1 to 200 ASCII characters, no blanks around them.",
            )
    return store.import_codes(conn, brand.id, reward, codes)


def _check(desk: Desk, reward: Reward, wish: Wish) -> None:
    if reward.kind in ONE_AT_A_TIME and wish.quantity > 1:
        raise BadRedemption(
            f"Each {reward.name!r} has a code of its own.", next_step="Redeem them one at a time."
        )
    if wish.until is not None and not desk.now < wish.until <= desk.now + LONGEST_HOLD:
        raise BadRedemption(
            f"The hold would end {wish.until:%Y-%m-%dT%H:%M:%SZ}.", next_step="Hold it for up to a year."
        )


def _claim(desk: Desk, reward: Reward, wish: Wish) -> str | None:
    """Claim what members compete for; the partner's code if it is one."""
    conn, brand_id = desk.conn, desk.brand.id
    if reward.stock is not None and not store.claim(
        conn, brand_id, reward.name, quantity=wish.quantity, stock=reward.stock
    ):
        step = "Wait for one that comes free." if reward.waiting_list else "Choose another reward."
        raise SoldOut(f"No more of {reward.name!r} can be had now.", next_step=step)
    if not reward.partner:
        return None
    code = store.take_partner_code(conn, brand_id, reward.name, wish.redemption)
    if code is None:
        raise SoldOut(f"No code of {reward.name!r} is left.", next_step="Import more of the partner's codes.")
    return code


def _add_claim(
    desk: Desk, wish: Wish, until: datetime, *, place: int | None = None, is_counted: bool = False
) -> None:
    held = Claim(wish.redemption, wish.reward, desk.member_id, wish.quantity, place, is_counted, until)
    store.add_claim(desk.conn, desk.brand.id, held)


def _claim_of(desk: Desk, redemption: str) -> Claim:
    held = store.lock_claim(desk.conn, desk.brand.id, redemption)
    if held is None or not _is_theirs(desk, held):
        raise NoRedemption(
            f"Nothing is held for the member as {redemption[:80]!r}.",
            next_step="It was captured, released, has ended or never was; read the member's redemptions.",
        )
    return held


def _is_theirs(desk: Desk, held: Claim) -> bool:
    """Whether a claim is the member's, or that of an account that is part of theirs."""
    is_own = held.member_id == desk.member_id
    return is_own or survivor_of(desk.conn, desk.brand, held.member_id) == desk.member_id


def free_claims(conn: Connection, brand_id: int, claims: Sequence[Claim]) -> None:
    """Let others have what these claims had; stock by name, so that nobody waits in a circle."""
    for reward in sorted({one.reward for one in claims}):
        those = [one for one in claims if one.reward == reward]
        taken = sum(one.quantity for one in those if one.is_counted)
        waiting = sum(one.place is not None for one in those)
        store.give_back(conn, brand_id, reward, taken=taken, waiting=waiting)
    store.put_partner_codes_back(conn, brand_id, [one.redemption for one in claims if one.place is None])


def _taken(desk: Desk, redemption: str, random: bytes) -> Got:
    """What was taken, with its code."""
    taken = desk.redemption(redemption)
    kind = desk.reward_of(taken).kind
    if kind in WITH_CODE:
        return Got(taken, _give_code(desk, taken, random))
    return Got(taken, store.partner_codes(desk.conn, desk.brand.id, [redemption]).get(redemption))


def _give_code(desk: Desk, taken: Redeemed, random: bytes) -> str:
    code = code_of(random)
    kept = Code(hash_of(code), taken.reward, desk.member_id, taken.event)
    store.keep_code(desk.conn, desk.brand.id, kept)
    return code


def _id_of(code: str) -> str:
    """What stands for a partner's code in the journal."""
    return sha256(code.encode()).hexdigest()[:16]
