"""Rewards for the app and the till: a member's catalogue, redeeming in one call or in two phases, codes."""

from collections.abc import Callable
from decimal import Decimal
from secrets import token_bytes
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Path, Query, Response
from pydantic import AfterValidator

from bondfire.api.addresses import named
from bondfire.api.bodies import StrictJsonRoute
from bondfire.api.changes import IdempotencyKey, UnusedIdempotencyKey, change
from bondfire.api.guard import MayReadRewards, MayWriteRewards
from bondfire.api.house import Caller
from bondfire.api.names import Member, about_member, unknown_member
from bondfire.api.problems import problems
from bondfire.api.reward_shapes import (
    CancelFields,
    CaptureFields,
    Catalogue,
    CodeFields,
    CodesFields,
    ImportedCodes,
    MarkedNoShows,
    MayBuy,
    NoShowFields,
    RedeemFields,
    Redemption,
    Redemptions,
    ReleaseFields,
    Rewards,
    RewardView,
    UsedCode,
    offer_view,
    owned_view,
    redemption_view,
    reward_fields,
)
from bondfire.db import Connection
from bondfire.engine import UnknownMember
from bondfire.kit import parse_amount, parse_time, show_id
from bondfire.members import find_member
from bondfire.rewards import (
    CODE_BYTES,
    Desk,
    Got,
    Wish,
    cancel,
    capture,
    catalogue_for,
    import_codes,
    mark_missed,
    may_buy,
    open_desk,
    redeem,
    redeem_or_wait,
    redemptions_of,
    release,
    renew_code,
    use_code,
    what_is_left,
)

router = APIRouter(prefix="/v1", tags=["rewards"], route_class=StrictJsonRoute)

MOST_NO_SHOWS = 500
"""Marked in one request, each in a transaction of its own."""

RewardName = Annotated[
    str, Path(description="A reward of the programme.", examples=["coffee"]), AfterValidator(named)
]
RedemptionId = Annotated[
    str, Path(description="The id of a redemption.", examples=["red_7f4k2v6q"]), AfterValidator(named)
]


@router.get("/rewards", responses=problems())
def list_rewards(caller: MayReadRewards) -> Rewards:
    """List the rewards of the programme, and how many there are."""

    def act(conn: Connection) -> Rewards:
        timeline = caller.timeline(conn)
        left = what_is_left(conn, caller.brand, timeline, now=caller.now)
        known = timeline.at(caller.now).program.rewards
        return Rewards(
            rewards=[RewardView.model_validate(reward_fields(known[name], one)) for name, one in left.items()]
        )

    return caller.read(act)


@router.get("/members/{member}/rewards", responses=problems(404))
def get_member_rewards(caller: MayReadRewards, member: Member) -> Catalogue:
    """Read the rewards that run now in a member's order, and whether they can have each."""
    offers = about_member(
        caller,
        member,
        lambda conn, timeline, who: catalogue_for(conn, caller.brand, timeline, who, now=caller.now),
    )
    return Catalogue(member=member, rewards=[offer_view(one) for one in offers])


@router.get("/members/{member}/redemptions", responses=problems(404))
def list_member_redemptions(caller: MayReadRewards, member: Member) -> Redemptions:
    """List what a member has of rewards, the latest first."""
    owned = about_member(
        caller,
        member,
        lambda conn, timeline, who: redemptions_of(conn, caller.brand, timeline, who, now=caller.now),
    )
    return Redemptions(member=member, redemptions=[owned_view(one) for one in owned])


@router.get("/members/{member}/access", responses=problems(404))
def get_member_access(
    caller: MayReadRewards,
    member: Member,
    sku: Annotated[str, Query(description="The article.", examples=["coat-1"], max_length=200)],
) -> MayBuy:
    """Read whether a member may buy an article now, or has to wait until everybody may."""
    found = about_member(
        caller,
        member,
        lambda conn, timeline, who: may_buy(conn, caller.brand, timeline, who, sku=sku, now=caller.now),
    )
    return MayBuy.model_validate(found._asdict())


@router.post(
    "/members/{member}/redemptions", status_code=201, responses=problems(404, 409), response_model=Redemption
)
def post_member_redemption(
    caller: MayWriteRewards, member: Member, wish: RedeemFields, idempotency_key: IdempotencyKey = None
) -> Response:
    """Redeem a reward at once, hold it, or wait for one."""
    wanted = Wish(
        redemption=show_id("red", uuid4()),
        reward=wish.reward,
        quantity=wish.quantity,
        until=parse_time(wish.hold_until, "hold_until") if wish.hold_until is not None else None,
        paid=_paid(wish.paid),
        order=wish.order,
    )
    act, random = redeem_or_wait if wish.wait else redeem, token_bytes(CODE_BYTES)
    return _change(caller, member, lambda desk: act(desk, wanted, random=random), idempotency_key, status=201)


@router.post(
    "/members/{member}/redemptions/{redemption}/capture",
    responses=problems(404, 409),
    response_model=Redemption,
)
def capture_member_redemption(
    caller: MayWriteRewards,
    member: Member,
    redemption: RedemptionId,
    *,
    part: CaptureFields,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Take what is held, all of it or a part; the rest stays held."""
    event, random, paid = show_id("cap", uuid4()), token_bytes(CODE_BYTES), _paid(part.paid)

    def act(desk: Desk) -> Got:
        return capture(
            desk, redemption, event=event, quantity=part.quantity, paid=paid, order=part.order, random=random
        )

    return _change(caller, member, act, idempotency_key)


@router.post(
    "/members/{member}/redemptions/{redemption}/release",
    responses=problems(404, 409),
    response_model=Redemption,
)
def release_member_redemption(
    caller: MayWriteRewards,
    member: Member,
    redemption: RedemptionId,
    *,
    part: ReleaseFields,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Give up what is held or waited for, all of it or a part."""
    event = show_id("rel", uuid4())
    return _change(
        caller,
        member,
        lambda desk: release(desk, redemption, event=event, quantity=part.quantity),
        idempotency_key,
    )


@router.post(
    "/members/{member}/redemptions/{redemption}/cancel",
    responses=problems(404, 409),
    response_model=Redemption,
)
def cancel_member_redemption(
    caller: MayWriteRewards,
    member: Member,
    redemption: RedemptionId,
    *,
    why: CancelFields,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Undo a redemption that was not used: its price goes back."""
    event, actor = show_id("can", uuid4()), caller.key.name
    return _change(
        caller,
        member,
        lambda desk: cancel(desk, redemption, event=event, reason=why.reason, actor=actor),
        idempotency_key,
    )


@router.post(
    "/members/{member}/redemptions/{redemption}/code", responses=problems(404, 409), response_model=Redemption
)
def renew_member_code(
    caller: MayWriteRewards,
    member: Member,
    redemption: RedemptionId,
    *,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Make a new code for a ticket or voucher: the one before opens nothing any more."""
    random = token_bytes(CODE_BYTES)
    return _change(caller, member, lambda desk: renew_code(desk, redemption, random=random), idempotency_key)


@router.post("/codes/use", responses=problems(404, 409), response_model=UsedCode)
def post_code_use(
    caller: MayWriteRewards, sent: CodeFields, idempotency_key: IdempotencyKey = None
) -> Response:
    """Check a ticket in or use a voucher, once; a code that is wrong, used or another's is only not valid."""

    def act(conn: Connection) -> UsedCode:
        timeline, now = caller.timeline(conn), caller.now
        who, got = use_code(conn, caller.brand, timeline, sent.code, now=now, order=sent.order)
        reward = timeline.number(got.version).program.rewards[got.reward]
        return UsedCode(member_id=show_id("mem", who), redemption=redemption_view(got, reward, None))

    return change(caller, act, idempotency_key)


@router.post("/rewards/{reward}/codes", responses=problems(404, 409), response_model=ImportedCodes)
def post_reward_codes(
    caller: MayWriteRewards, reward: RewardName, sent: CodesFields, idempotency_key: IdempotencyKey = None
) -> Response:
    """Import codes of a partner; those that are there already change nothing."""

    def act(conn: Connection) -> ImportedCodes:
        new = import_codes(conn, caller.brand, caller.timeline(conn), reward, codes=sent.codes)
        return ImportedCodes(new=new, known=len(sent.codes) - new)

    return change(caller, act, idempotency_key)


@router.post("/rewards/{reward}/no-shows", responses=problems(409))
def post_reward_no_shows(
    caller: MayWriteRewards, reward: RewardName, sent: NoShowFields, _key: UnusedIdempotencyKey = None
) -> MarkedNoShows:
    """Mark the seats of an event that stayed empty; again, it goes on with those that are left."""

    def act(conn: Connection) -> bool:
        timeline, actor = caller.timeline(conn), caller.key.name
        return mark_missed(
            conn, caller.brand, timeline, reward, now=caller.now, reason=sent.reason, actor=actor
        )

    marked = 0
    while marked < MOST_NO_SHOWS and caller.transact(act):
        marked += 1
    return MarkedNoShows(marked=marked, more=marked == MOST_NO_SHOWS)


def _change(
    caller: Caller, member: str, act: Callable[[Desk], Got], key: str | None, *, status: int = 200
) -> Response:
    """Do something about a member at the desk, once."""

    def at_desk(conn: Connection) -> Redemption:
        timeline, member_id = caller.timeline(conn), find_member(conn, caller.brand, member)
        try:
            desk = open_desk(conn, caller.brand, timeline, member_id, now=caller.now)
        except UnknownMember:
            raise unknown_member(caller, member) from None
        got = act(desk)
        return redemption_view(got.redeemed, desk.reward_of(got.redeemed), got.code)

    return change(caller, at_desk, key, status=status, not_kept=("code",))


def _paid(sent: str | None) -> Decimal | None:
    return parse_amount(sent, decimals=6, name="paid") if sent is not None else None
