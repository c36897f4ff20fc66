"""The sections `rewards` and `catalogue`: what members can get for their points, and in which order."""

from datetime import datetime
from decimal import Decimal
from typing import Final, get_args

from bondfire.events import CURRENCIES
from bondfire.kit import AmountError, local_time, parse_amount
from bondfire.programs.expressions import compile_at
from bondfire.programs.findings import Fields
from bondfire.programs.leaves import (
    LocalMoment,
    amount,
    choice,
    expression,
    flag,
    moment,
    name,
    period,
    whole,
    words,
)
from bondfire.programs.offers_judged import judge_reward
from bondfire.programs.reward import NoShow, Reward, RewardKind, Upgrade, Window
from bondfire.programs.scope import Scope, of_unit, read_schedule
from bondfire.programs.shapes import SLUG, WORD, Key, ListOf, MapOf, Record
from bondfire.programs.times import TIMES, read_times, set_with_tier
from bondfire.rules import BOOL, EvaluationError, Expression

MONEY: Final = "money"
_MOST: Final = 1_000_000_000
_SKU: Final = name("An article's number.", "sku", r"\S(.{0,198}\S)?")
_TAG: Final = name("A word.", "tag", SLUG)

REWARDS: Final = MapOf(
    "What members can get for their points, by name.",
    Record(
        "One reward.",
        {
            "price": Key(
                MapOf(
                    "What it costs, in which units; 0 is free. `money` is paid beside them, at the shop.",
                    amount("How much of this unit."),
                    "unit",
                    WORD,
                    least=1,
                ),
                required=True,
            ),
            "kind": Key(choice("What it is; article by default.", *sorted(get_args(RewardKind)))),
            "when": Key(expression("Condition over member; without it, everybody.", "condition")),
            "tier": Key(name("Only members of this tier or a higher one may have it.", "tier", SLUG)),
            "limit": Key(TIMES),
            "stock": Key(whole("How many there are in all.", 0, _MOST)),
            "seats": Key(whole("How many seats there are in all.", 0, _MOST)),
            "waiting_list": Key(flag("true: members can wait for one that comes free.")),
            "at": Key(moment("Of an event: when it begins.")),
            "no_show": Key(
                choice(
                    "Of an event: what a seat that stayed empty cost: keep (default) or give_back.",
                    *get_args(NoShow),
                )
            ),
            "grants": Key(
                Record(
                    "Of an upgrade: the tier it gives.",
                    {
                        "tier": Key(name("The tier.", "tier", SLUG), required=True),
                        "for": Key(period("For so long.")),
                        "until": Key(moment("Last day (included), or the local time it ends.")),
                    },
                )
            ),
            "window": Key(
                Record(
                    "Of early access: which articles can be bought when, before everybody else.",
                    {
                        "skus": Key(ListOf("The articles.", _SKU), required=True),
                        "from": Key(moment("First day or local time."), required=True),
                        "until": Key(
                            moment("Last day (included), or the local time when all may buy."), required=True
                        ),
                    },
                )
            ),
            "content": Key(
                words("Of content: what is unlocked: an address or a name.", "an address or a name")
            ),
            "partner": Key(words("Of a partner's reward: whose codes are given out.", "a name")),
            "recipient": Key(words("Of a donation: whom it is for.", "a name")),
            "tags": Key(ListOf("Words that are compared with what members prefer.", _TAG)),
            "starts": Key(moment("First day or local time it can be had.")),
            "ends": Key(moment("Last day (included), or the local time it ends.")),
        },
    ),
    noun="reward",
)
CATALOGUE_ORDER: Final = Record(
    "In which order a member sees the rewards: experiences first, discounts last; then what they prefer.",
    {
        "preferences": Key(
            ListOf(
                "Attributes whose words are compared with `tags`.", name("An attribute.", "attribute", WORD)
            ),
            required=True,
        )
    },
)


def read_rewards(fields: Fields | None, scope: Scope, currency: str) -> dict[str, Reward]:
    """The rewards that could be read, by name."""
    return (
        {each: _reward(each, fields.values[each], scope, currency) for each in fields.values}
        if fields
        else {}
    )


def read_preferences(fields: Fields | None, scope: Scope) -> tuple[str, ...]:
    """The attributes that order the catalogue."""
    named: list[str] = fields.get("preferences", []) if fields else []
    for each in named:
        assert fields is not None  # noqa: S101 - something was named
        place = fields.places["preferences"]
        if each not in scope.attributes:
            place.unknown("attribute", each, scope.attributes)
            continue
        kind = scope.attributes[each]
        if kind.kind != "string" and not (kind.kind == "list" and kind.parameters[0].kind == "string"):
            place.refuse(
                "bad_value", f"{place.where}: {each!r} is {kind}; words are needed.", "Declare it as strings."
            )
    return tuple(named)


def _reward(reward: str, fields: Fields, scope: Scope, currency: str) -> Reward:
    starts_at, ends_at = read_schedule(fields, scope.zone)
    takes_place_at = _moment(fields, "at", scope)
    price, money = _price(fields.get("price"), scope, currency)
    tier: str = fields.get("tier", "")
    read = Reward(
        reward,
        kind=fields.get("kind", "article"),
        price=price,
        money=money,
        when=_condition(fields, scope),
        tier_set=set_with_tier(fields.places["tier"], tier, scope) if tier else "",
        tier=tier,
        limits=read_times(fields.get("limit"), f"/{reward}/redeemed"),
        starts_at=starts_at,
        ends_at=ends_at or takes_place_at,
        stock=fields.get("stock", fields.get("seats")),
        waiting_list=fields.get("waiting_list", False),
        takes_place_at=takes_place_at,
        no_show=fields.get("no_show", "keep"),
        upgrade=_upgrade(fields.get("grants"), scope),
        window=_window(fields.get("window"), scope),
        content=fields.get("content", ""),
        partner=fields.get("partner", ""),
        recipient=fields.get("recipient", ""),
        tags=frozenset(fields.get("tags", ())),
    )
    judge_reward(fields, read)
    return read


def _moment(fields: Fields, key: str, scope: Scope) -> datetime | None:
    read: LocalMoment | None = fields.get(key)
    return local_time(read.at, scope.zone) if read else None


def _price(
    fields: Fields | None, scope: Scope, currency: str
) -> tuple[tuple[tuple[str, Decimal], ...], Decimal]:
    """What it costs in units, and in money."""
    price: dict[str, Decimal] = {}
    money = Decimal(0)
    for unit, place in fields.places.items() if fields else ():
        given: Decimal | None = fields.get(unit) if fields else None
        if unit == MONEY and unit not in scope.units:
            money = given or money
            try:
                parse_amount(money, decimals=CURRENCIES.get(currency, 2), name=place.where)
            except AmountError as refusal:
                place.refuse("bad_value", refusal.message, f"Write it as an amount of {currency}.")
        elif unit not in scope.units:
            place.head.unknown("unit", unit, [*scope.units, MONEY])
        elif scope.units[unit].qualifying:
            place.head.refuse(
                "not_spendable", f"{place.where}: {unit!r} is qualifying and can never be spent."
            )
        elif given is not None:
            of_unit(place, given, scope.units[unit])
            price[unit] = given
    return tuple(sorted((unit, given) for unit, given in price.items() if given)), money


def _condition(fields: Fields, scope: Scope) -> Expression | None:
    if "when" not in fields.values:
        return None
    place = fields.places["when"]
    when = compile_at(place, scope, "reward.redeemed", expects=BOOL)
    if when is None:
        return None
    if any(path == "event" or path.startswith("event.") for path in when.paths):
        place.refuse(
            "not_about_member",
            f"{place.where} looks at an event; a reward is offered before anything happens.",
            "Ask for what is known of the member: member.attributes, member.tiers, member.wallets.",
        )
    elif not when.paths and not _holds(when):
        place.refuse("never_offered", f"{place.where} never holds.", "Leave the reward out, or ask for less.")
    return when


def _holds(when: Expression) -> bool:
    try:
        return when.evaluate({}) is True
    except EvaluationError:
        return False


def _upgrade(fields: Fields | None, scope: Scope) -> Upgrade | None:
    if fields is None or "tier" not in fields.values:
        return None
    if ("for" in fields.places) == ("until" in fields.places):
        fields.place.refuse(
            "wrong_shape", f"{fields.place.where} needs one end: for or until.", "Write for: 3 months."
        )
    tier: str = fields.values["tier"]
    tier_set = set_with_tier(fields.places["tier"], tier, scope)
    until: LocalMoment | None = fields.get("until")
    return Upgrade(
        tier_set, tier, fields.get("for"), local_time(until.following, scope.zone) if until else None
    )


def _window(fields: Fields | None, scope: Scope) -> Window | None:
    opens, closes = (fields.get("from"), fields.get("until")) if fields else (None, None)
    if fields is None or opens is None or closes is None:
        return None
    window = Window(
        frozenset(fields.get("skus", ())),
        local_time(opens.at, scope.zone),
        local_time(closes.following, scope.zone),
    )
    if window.closes_at <= window.opens_at:
        place = fields.places["until"]
        place.refuse(
            "ends_before_start", f"{place.where}: it ends before it starts.", "Exchange the two dates."
        )
    return window
