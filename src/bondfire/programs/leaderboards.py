"""The section `leaderboards`: members compared with each other, period by period (C2)."""

from collections.abc import Mapping
from typing import Final, Literal, get_args

from bondfire.programs.boards import Board, BoardPeriod, Prize, Stretch
from bondfire.programs.caps import DAYS
from bondfire.programs.challenges import AWARD, BADGE, read_awards
from bondfire.programs.earn import EVENT_TYPE
from bondfire.programs.findings import Fields
from bondfire.programs.goals import Challenge
from bondfire.programs.leaves import choice, expression, flag, name, whole
from bondfire.programs.scope import Scope
from bondfire.programs.shapes import SLUG, WORD, Key, ListOf, MapOf, Record
from bondfire.programs.tiers import COUNTS, check_counted, counted_type, counted_unit, counted_value

_MOST_SHOWN: Final = 1_000
_PRIZE: Final = Record(
    "What everybody gets who ends at a rank; those who share it all do.",
    {
        "rank": Key(whole("The rank, or the first of several.", 1, _MOST_SHOWN), required=True),
        "to": Key(whole("The last of several ranks.", 1, _MOST_SHOWN)),
        "award": Key(AWARD),
        "badge": Key(BADGE),
    },
)
LEADERBOARDS: Final = MapOf(
    "Members compared with each other, by name. Ties share a rank: 1, 2, 2, 4.",
    Record(
        "One leaderboard.",
        {
            "by": Key(COUNTS),
            "unit": Key(name("The unit whose earnings count.", "unit", WORD)),
            "on": Key(EVENT_TYPE),
            "value": Key(
                expression("What one event counts, as a number or an expression over event.", "amount")
            ),
            "per": Key(
                choice(
                    "How long it runs before it begins anew, in the programme's time zone; challenge: as "
                    "long as the challenge that is named.",
                    *get_args(BoardPeriod),
                ),
                required=True,
            ),
            "challenge": Key(name("The challenge whose `starts` and `ends` it has.", "challenge", SLUG)),
            "week_starts": Key(choice("The first day of a week: monday (default) to sunday.", *DAYS)),
            "attribute": Key(
                name("Members are compared with those who have the same in this.", "attribute", WORD)
            ),
            "tier_set": Key(name("Members are compared with those of the same tier.", "tier set", WORD)),
            "size": Key(whole("How many are shown, 100 by default.", 1, _MOST_SHOWN)),
            "opt_in": Key(flag("true: only who sent leaderboard.joined is shown; otherwise all who stay.")),
            "scores": Key(flag("true: members see the exact scores of others; false by default.")),
            "prizes": Key(ListOf("What the first ones get when a period is over.", _PRIZE)),
        },
    ),
    noun="leaderboard",
    most=50,
)


def read_boards(fields: Fields | None, scope: Scope, challenges: Mapping[str, Challenge]) -> dict[str, Board]:
    """The leaderboards that could be read, by name."""
    if fields is None:
        return {}
    read = [_board(each, fields.get(each), scope, challenges) for each in sorted(fields.places)]
    return {one.name: one for one in read if one}


def _board(
    name: str, fields: Fields | None, scope: Scope, challenges: Mapping[str, Challenge]
) -> Board | None:
    if fields is None:
        return None
    by, period = fields.get("by", "unit"), fields.get("per", "month")
    check_counted(fields, by)
    unit, on = counted_unit(fields, by, scope), counted_type(fields, by, scope)
    _check_belongs(fields, period)
    return Board(
        name,
        by,
        unit,
        on,
        counted_value(fields, by, on, scope),
        period,
        runs=_runs(fields, period, challenges),
        week_starts=DAYS.index(fields.get("week_starts", "monday")),
        segment=_segment(fields, scope),
        size=fields.get("size", 100),
        prizes=_prizes(fields, scope),
        opt_in=fields.get("opt_in", False),
        shows_scores=fields.get("scores", False),
    )


def _check_belongs(fields: Fields, period: BoardPeriod) -> None:
    for key, belongs in (("challenge", "challenge"), ("week_starts", "week")):
        if key in fields.places and period != belongs:
            place = fields.places[key]
            place.head.refuse(
                "bad_value", f"{place.where} belongs to per: {belongs}.", "Leave it out, or change `per`."
            )


def _runs(fields: Fields, period: BoardPeriod, challenges: Mapping[str, Challenge]) -> Stretch | None:
    if period != "challenge":
        return None
    if "challenge" not in fields.places:
        fields.place.head.refuse("missing_key", f"{fields.place.where} lacks the key 'challenge'.")
        return None
    place, named = fields.places["challenge"], fields.get("challenge", "")
    challenge = challenges.get(named)
    if challenge is None:
        place.unknown("challenge", named, challenges)
    elif challenge.starts_at is None or challenge.ends_at is None:
        place.refuse(
            "no_schedule",
            f"{place.where}: the challenge {named!r} has no beginning or no end.",
            "Give the challenge `starts` and `ends`.",
        )
    else:
        return Stretch(challenge.starts_at, challenge.ends_at)
    return None


def _segment(fields: Fields, scope: Scope) -> tuple[Literal["attribute", "tier_set"], str] | None:
    attribute, tier_set = fields.get("attribute"), fields.get("tier_set")
    if attribute and tier_set:
        place = fields.places["tier_set"]
        place.refuse(
            "bad_value", f"{place.where}: members are compared by one thing.", "Keep one of the two."
        )
    if attribute:
        if attribute not in scope.attributes:
            fields.places["attribute"].unknown("attribute", attribute, scope.attributes)
        return "attribute", attribute
    if tier_set:
        if tier_set not in scope.tier_sets:
            fields.places["tier_set"].unknown("tier set", tier_set, scope.tier_sets)
        return "tier_set", tier_set
    return None


def _prizes(fields: Fields, scope: Scope) -> tuple[Prize, ...]:
    prizes: list[Prize] = []
    for read in sorted(fields.get("prizes", ()), key=lambda one: one.get("rank", 0)):
        first = read.get("rank")
        if first is None:
            continue
        last, place = read.get("to", first), read.place
        awards = read_awards(read.get("award"), scope)
        if last < first or (prizes and first <= prizes[-1].last):
            place.refuse(
                "bad_prize",
                f"{place.where}: rank {first} to {last} goes backwards or has a prize already.",
                "Give each rank one prize, the first ones first.",
            )
        if not awards and "badge" not in read.places:
            place.refuse("bad_prize", f"{place.where} gives nothing.", "Add an award or a badge.")
        prizes.append(Prize(first, last, awards, read.get("badge")))
    return tuple(prizes)
