"""The section `referrals`: what both sides get, for which order, how often, and what is held for a person."""

from decimal import Decimal
from typing import Final, get_args

from bondfire.programs.findings import Fields
from bondfire.programs.inviting import CODE_IN_LINK, REFERRAL_RULES, Doubts, LimitWindow, Referrals
from bondfire.programs.leaves import amount, flag, period, positive, whole, words
from bondfire.programs.scope import Scope, known_unit, of_unit
from bondfire.programs.shapes import WORD, Key, MapOf, Record, Shape

_MOST: Final = 1_000_000


def _award(about: str) -> Shape:
    return MapOf(about, positive("How much of this unit."), "unit", WORD)


REFERRALS: Final = Record(
    "Members invite others; both are rewarded once the first order of the new member is kept.",
    {
        "referrer": Key(_award("What the member gets who invited.")),
        "referred": Key(_award("What the member gets who was invited.")),
        "first_order": Key(
            Record(
                "The order that counts: the first one of at least this total.",
                {
                    "total": Key(amount("The least it has to come to; any order when not given.")),
                    "within": Key(period("How soon after joining; 90 days by default.")),
                },
            )
        ),
        "after": Key(period("How long the order has to be kept before both are paid; 14 days by default.")),
        "link": Key(
            words("The address that members give away, with {code} in it.", "an address with {code}")
        ),
        "limits": Key(
            Record(
                "How many rewards one referrer gets at most; what is over gives the referrer nothing.",
                {
                    "month": Key(whole("In a calendar month.", 1, _MOST)),
                    "membership_year": Key(whole("In a year of their membership.", 1, _MOST)),
                    "lifetime": Key(whole("Ever.", 1, _MOST)),
                },
            )
        ),
        "hold": Key(
            Record(
                "What a person has to decide before it is paid. All of it is looked at by default.",
                {
                    "same_person": Key(
                        flag("true (default): the two share an e-mail address, a telephone number or a card.")
                    ),
                    "ring": Key(
                        whole(
                            "How far up the chain a ring is looked for; 5 by default.",
                            0,
                            20,
                        )
                    ),
                    "sign_ups": Key(
                        whole("More members than this invited by one are a burst; 10 by default.", 1, _MOST)
                    ),
                    "within": Key(period("The time in which they are counted; 1 day by default.")),
                },
            )
        ),
    },
)


def read_referrals(fields: Fields | None, scope: Scope) -> Referrals | None:
    """What is given when a member brings another; None: nothing."""
    if fields is None:
        return None
    awards = {side: _units(fields.get(side), scope) for side in REFERRAL_RULES}
    if not any(awards.values()):
        fields.place.refuse(
            "no_award",
            f"{fields.place.where} gives nothing to anybody.",
            "Write it like referrer: {points: 500}.",
        )
    order: Fields | None = fields.get("first_order")
    known = Referrals(awards)
    return Referrals(
        awards,
        minimum=order.get("total", known.minimum) if order else known.minimum,
        within=order.get("within", known.within) if order else known.within,
        after=fields.get("after", known.after),
        limits=_limits(fields.get("limits")),
        doubts=_doubts(fields.get("hold")),
        link=_link(fields),
    )


def _units(fields: Fields | None, scope: Scope) -> tuple[tuple[str, Decimal], ...]:
    if fields is None:
        return ()
    for unit, place in fields.places.items():
        known_unit(place.head, unit, scope.units)
        if unit in fields.values:
            of_unit(place, fields.values[unit], scope.units.get(unit))
    return tuple(sorted((unit, amount) for unit, amount in fields.values.items() if unit in scope.units))


def _link(fields: Fields) -> str:
    link: str = fields.get("link", "")
    if link and not (link.startswith("https://") and link.count(CODE_IN_LINK) == 1):
        place = fields.places["link"]
        place.refuse(
            "bad_value",
            f"{place.where} is {link!r}; an https address with {CODE_IN_LINK} in it belongs here.",
            f"Write it like https://shop.example/welcome?friend={CODE_IN_LINK}.",
        )
    return link


def _limits(fields: Fields | None) -> dict[LimitWindow, int]:
    windows: tuple[LimitWindow, ...] = get_args(LimitWindow)
    return {window: fields.values[window] for window in windows if window in fields.values} if fields else {}


def _doubts(fields: Fields | None) -> Doubts:
    return Doubts(**fields.values) if fields else Doubts()
