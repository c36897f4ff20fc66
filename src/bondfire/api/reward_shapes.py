"""The wire shapes of rewards: what is asked, and how a reward, an offer and a redemption are answered."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from bondfire.api.shapes import Amount
from bondfire.engine import Redeemed
from bondfire.events import MOST_AT_ONCE
from bondfire.kit import format_amount
from bondfire.programs import Reward
from bondfire.rewards import Left, Offer, Owned

Quantity = Annotated[int, Field(ge=1, le=MOST_AT_ONCE)]
Paid = Annotated[
    str | None, Field(description="The money that was paid beside the points.", examples=["4.99"])
]


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class RedeemFields(_Sent):
    """What a member wants."""

    reward: str = Field(examples=["coffee"])
    quantity: Quantity = 1
    hold_until: str | None = Field(
        None,
        description="Only hold it, until then at most; RFC 3339. Without it, it is taken at once.",
        examples=["2026-03-29T10:15:00+02:00"],
    )
    paid: Paid = None
    order: str | None = Field(None, description="The order it belongs to.")
    wait: bool = Field(default=False, description="Wait for one that comes free where none is left.")


class CaptureFields(_Sent):
    """What of a hold is taken."""

    quantity: Quantity | None = Field(None, description="How many of them; null: all.")
    paid: Paid = None
    order: str | None = None


class ReleaseFields(_Sent):
    """What of a hold is not wanted any more."""

    quantity: Quantity | None = Field(None, description="How many of them; null: all.")


class CancelFields(_Sent):
    """Why a redemption is undone."""

    reason: str = Field(min_length=1, max_length=1000, examples=["the oven broke"])


class CodeFields(_Sent):
    """A code as somebody typed or scanned it."""

    code: str = Field(max_length=200, examples=["4F7K-2V6Q-3ZNH-5X2C"])
    order: str | None = Field(None, description="The order it was used for.")


class CodesFields(_Sent):
    """Codes of a partner."""

    codes: list[str] = Field(min_length=1, max_length=10_000, examples=[["ODEON-1", "ODEON-2"]])


class NoShowFields(_Sent):
    """Why seats are marked as empty."""

    reason: str = Field(min_length=1, max_length=1000, examples=["did not come"])


class RewardView(BaseModel):
    """A reward of the programme, and how many of it there are."""

    reward: str
    kind: Literal["event", "access", "content", "upgrade", "article", "donation", "partner", "voucher"]
    price: dict[str, Amount] = Field(description="By unit.")
    money: Amount | None = Field(description="Paid beside the points, at the shop.")
    tier: str | None = Field(description="Only for this tier and above.")
    tags: list[str]
    starts_at: datetime | None
    ends_at: datetime | None
    takes_place_at: datetime | None
    partner: str | None
    recipient: str | None
    left: int | None = Field(description="How many can be had now; null: any number.")
    taken: int = Field(description="How many are taken or held, where they are counted.")
    waiting: int = Field(description="How many members wait for one.")


class OfferView(RewardView):
    """A reward as a member sees it."""

    available: bool = Field(description="Whether the member could redeem one now.")
    code: str | None = Field(description="Why not: the refusal that redeeming would get.")
    message: str | None


class Rewards(BaseModel):
    """The rewards of the programme."""

    rewards: list[RewardView] = Field(description="By name.")


class Catalogue(BaseModel):
    """The rewards that run now, in the order in which the member should see them."""

    member: str
    rewards: list[OfferView]


class Redemption(BaseModel):
    """A redemption of a reward."""

    redemption: str = Field(description="Its id.")
    reward: str
    kind: str
    status: str = Field(
        description="held, waiting, taken, used, missed, cancelled, released or ended", examples=["taken"]
    )
    at: datetime
    taken: int = Field(description="How many were taken.")
    open: int = Field(description="How many are still held or waited for.")
    open_until: datetime | None = Field(description="When what is open ends by itself.")
    order: str | None
    code: str | None = Field(
        description="Of a ticket or voucher: shown in this answer alone; of a partner: shown whenever asked."
    )
    content: str | None = Field(description="What it unlocks.")
    takes_place_at: datetime | None
    ends_at: datetime | None = Field(description="When the tier or the early access that it gives ends.")


class Redemptions(BaseModel):
    """What a member has of rewards: all that is open, and the latest 50 of the rest."""

    member: str
    redemptions: list[Redemption] = Field(description="The latest first.")


class UsedCode(BaseModel):
    """A code was used."""

    member_id: str
    redemption: Redemption


class ImportedCodes(BaseModel):
    """What became of codes that were imported."""

    new: int
    known: int = Field(description="Codes that were there already.")


class MarkedNoShows(BaseModel):
    """What became of seats that stayed empty."""

    marked: int
    more: bool = Field(description="There are more: ask again.")


class MayBuy(BaseModel):
    """Whether a member may buy an article now."""

    may_buy: bool
    because: Literal["everybody_may", "early_access", "needs_reward", "not_open"]
    reward: str | None = Field(description="The reward that opens it early.")
    opens_at: datetime | None
    closes_at: datetime | None = Field(description="From then on everybody may.")


def reward_fields(reward: Reward, left: Left) -> dict[str, object]:
    """The fields of `RewardView`."""
    return {
        "reward": reward.name,
        "kind": reward.kind,
        "price": {unit: format_amount(amount) for unit, amount in reward.price},
        "money": format_amount(reward.money) if reward.money else None,
        "tier": reward.tier or None,
        "tags": sorted(reward.tags),
        "starts_at": reward.starts_at,
        "ends_at": reward.ends_at,
        "takes_place_at": reward.takes_place_at,
        "partner": reward.partner or None,
        "recipient": reward.recipient or None,
        **left._asdict(),
    }


def offer_view(offer: Offer) -> OfferView:
    """An offer for the wire."""
    refusal, is_sold_out = offer.refusal, offer.left.left == 0
    code = refusal.code if refusal is not None else "sold_out" if is_sold_out else None
    message = refusal.message if refusal is not None else "None is left now." if is_sold_out else None
    said = {"available": code is None, "code": code, "message": message}
    return OfferView.model_validate(reward_fields(offer.reward, offer.left) | said)


def owned_view(one: Owned) -> Redemption:
    """A redemption with its partner's code for the wire."""
    return redemption_view(one.redeemed, one.reward, one.partner_code)


def redemption_view(one: Redeemed, reward: Reward, code: str | None) -> Redemption:
    """A redemption for the wire, with the code that is shown with it."""
    is_theirs = one.status in {"taken", "used"}
    return Redemption(
        redemption=one.event,
        reward=one.reward,
        kind=reward.kind,
        status=one.status,
        at=one.at,
        taken=one.taken,
        open=one.open,
        open_until=one.until,
        order=one.order or None,
        code=code,
        content=reward.content or None if is_theirs else None,
        takes_place_at=reward.takes_place_at,
        ends_at=one.ends_at,
    )
