"""What can be wrong with a reward as a whole: keys of another kind, and what nothing limits (U9)."""

from typing import Final

from bondfire.programs.findings import Fields
from bondfire.programs.reward import Reward, RewardKind

_BELONGS: Final[dict[str, RewardKind]] = {
    "at": "event",
    "no_show": "event",
    "grants": "upgrade",
    "window": "access",
    "content": "content",
    "partner": "partner",
    "recipient": "donation",
}
"""Which keys mean something for which kind."""
_NEEDS: Final[dict[RewardKind, str]] = {
    "upgrade": "grants",
    "access": "window",
    "content": "content",
    "partner": "partner",
}
_GRANTS_NOTHING: Final = frozenset({"access", "content"})
"""Given away without end they cost nothing."""


def judge_reward(fields: Fields, reward: Reward) -> None:
    """Record what cannot be, or would be given away without end."""
    _judge_keys(fields, reward)
    _judge_stock(fields, reward)
    _judge_cost(fields, reward)
    at, starts_at = reward.takes_place_at, reward.starts_at
    if at is not None and starts_at is not None and at <= starts_at:
        place = fields.places["at"]
        place.refuse(
            "ends_before_start", f"{place.where}: it is over before it can be had.", "Offer it earlier."
        )


def _judge_keys(fields: Fields, reward: Reward) -> None:
    for key, kind in _BELONGS.items():
        if key in fields.places and reward.kind != kind:
            place = fields.places[key]
            place.head.refuse(
                "bad_value",
                f"{place.where}: {key} means nothing for kind: {reward.kind}.",
                f"It belongs to kind: {kind}.",
            )
    needed = _NEEDS.get(reward.kind)
    if needed and needed not in fields.places:
        fields.place.head.refuse(
            "missing_key", f"{fields.place.where} lacks the key {needed!r}, which kind: {reward.kind} needs."
        )


def _judge_stock(fields: Fields, reward: Reward) -> None:
    if "stock" in fields.places and "seats" in fields.places:
        fields.places["stock"].head.refuse(
            "bad_value", f"{fields.place.where} has both stock and seats.", "Keep the one that is meant."
        )
    if "stock" in fields.places and reward.kind == "partner":
        place = fields.places["stock"]
        place.head.refuse(
            "bad_value",
            f"{place.where}: there are as many as codes were imported.",
            "Leave it out, and import the codes: bondfire rewards import-codes.",
        )
    if not reward.waiting_list:
        return
    place = fields.places["waiting_list"]
    if reward.stock is None:
        place.warn(
            "never_waits", f"{place.where}: nobody has to wait for what has no end.", "Say how many: seats."
        )
    elif reward.money:
        place.refuse(
            "waits_for_money",
            f"{place.where}: whoever moves up has paid its points, but nobody can have paid its money.",
            "Take the money out of the price, or do without the list.",
        )


def _judge_cost(fields: Fields, reward: Reward) -> None:
    """What is free must be limited, for each member or in all; in what was allowed before, it is a doubt."""
    if reward.price or reward.money or reward.limits or reward.kind in _GRANTS_NOTHING:
        return
    if reward.stock is not None:
        return
    place, kind = fields.place.head, reward.kind
    message = f"{fields.place.where} costs nothing, and nothing limits how many one member may have."
    step = "Say how many: limit: {times: 1}."
    if kind in {"upgrade", "partner"}:
        place.refuse("unbounded_cost", message, step)
    else:
        place.warn("unlimited_gift", message, step)
