"""The section `games`: wheels and scratch cards with declared odds."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final, get_args

from bondfire.programs.challenges import AWARD, BADGE, read_awards
from bondfire.programs.findings import Fields
from bondfire.programs.leaves import choice, fraction, moment, name, whole
from bondfire.programs.odds import Chance, Game, GameKind, PlayWindow
from bondfire.programs.scope import Scope, read_schedule
from bondfire.programs.shapes import SLUG, WORD, Key, ListOf, MapOf, Record

_MOST_SIDES: Final = 10**12
_MOST_STOCK: Final = 1_000_000_000
_PRIZE: Final = Record(
    "One prize.",
    {
        "odds": Key(fraction("The share of draws that give it, such as 1/1000."), required=True),
        "award": Key(AWARD),
        "badge": Key(BADGE),
        "stock": Key(whole("How many there are in all.", 1, _MOST_STOCK)),
        "otherwise": Key(name("The prize that is given when none is left.", "prize", SLUG)),
    },
)
_LIMIT: Final = Record(
    "How often one member may play.",
    {
        "plays": Key(whole("How often at most.", 1, 1_000_000), required=True),
        "per": Key(
            choice("The window, in the programme's time zone.", *get_args(PlayWindow)),
            required=True,
        ),
    },
)
GAMES: Final = MapOf(
    "Games of chance, by name. Each draw can be proved.",
    Record(
        "One game.",
        {
            "kind": Key(choice("What members see: wheel (default) or scratch_card.", *get_args(GameKind))),
            "price": Key(MapOf("What a play costs, of one unit.", AWARD.of, "unit", WORD)),
            "prizes": Key(
                MapOf("The prizes, by name; their odds add up to 1.", _PRIZE, "prize", least=2, most=100),
                required=True,
            ),
            "per": Key(
                choice(
                    "For how long one seed draws; it is revealed when that is over. month by default.",
                    *("week", "month", "quarter", "year"),
                )
            ),
            "limits": Key(ListOf("How often one member may play: one limit, or a list.", _LIMIT, alone=True)),
            "attribute": Key(name("The attribute of a member that says their country.", "attribute", WORD)),
            "countries": Key(
                ListOf(
                    "Where it may be played; who is elsewhere, or of whom it is not known, cannot.",
                    name("A value of the attribute, such as DE.", "country", r"[A-Za-z]{2,3}"),
                )
            ),
            "starts": Key(moment("First day or local time it runs, in the programme's time zone.")),
            "ends": Key(moment("Last day (included), or the local time it stops.")),
        },
    ),
    noun="game",
    most=50,
)


def read_games(fields: Fields | None, scope: Scope) -> dict[str, Game]:
    """The games that could be read, by name."""
    if fields is None:
        return {}
    read = [_game(each, fields.get(each), scope) for each in sorted(fields.places)]
    return {one.name: one for one in read if one}


def _game(name: str, fields: Fields | None, scope: Scope) -> Game | None:
    prizes = _prizes(fields.get("prizes"), scope) if fields is not None else {}
    if fields is None or not prizes:
        return None
    starts_at, ends_at = read_schedule(fields, scope.zone)
    game = Game(
        name,
        fields.get("kind", "wheel"),
        prizes,
        price=_price(fields.get("price"), scope),
        period=fields.get("per", "month"),
        limits=tuple((one.get("per"), one.get("plays")) for one in _whole(fields.get("limits", ()))),
        attribute=fields.get("attribute", ""),
        countries=frozenset(fields.get("countries", ())),
        starts_at=starts_at,
        ends_at=ends_at,
    )
    _check_odds(fields, game)
    _check_countries(fields, game, scope)
    return game


def _whole(limits: Sequence[Fields]) -> list[Fields]:
    return [one for one in limits if {"plays", "per"} <= one.values.keys()]


def _prizes(fields: Fields | None, scope: Scope) -> dict[str, Chance]:
    chances = {}
    for prize, place in fields.places.items() if fields else ():
        read: Fields | None = fields.get(prize) if fields else None
        odds: Fraction | None = read.get("odds") if read else None
        if read is None or odds is None:
            continue
        stock: int | None = read.get("stock")
        fallback = read.get("otherwise", "")
        if (stock is None) != (not fallback):
            place.head.refuse(
                "bad_prize",
                f"{place.where}: `stock` and `otherwise` belong together.",
                "Say which prize is given when none is left.",
            )
        awards = read_awards(read.get("award"), scope)
        limit = None if stock is None else Decimal(stock)
        chances[prize] = Chance(prize, odds, awards, read.get("badge"), limit, fallback)
    for prize, chance in chances.items():
        other = chances.get(chance.fallback)
        if fields and chance.fallback and (other is None or other.stock is not None):
            place = fields.places[prize]
            place.refuse(
                "bad_prize",
                f"{place.where}: {chance.fallback!r} is no prize of which there is always one.",
                "Name a prize without `stock`.",
            )
    return chances


def _price(fields: Fields | None, scope: Scope) -> tuple[str, Decimal] | None:
    prices = read_awards(fields, scope)
    for unit, _ in prices[:1]:
        if fields and unit in scope.units and scope.units[unit].qualifying:
            place = fields.places[unit]
            place.head.refuse("not_spendable", f"{place.where}: {unit!r} can never be spent.")
    if fields and len(prices) > 1:
        fields.place.refuse("bad_value", f"{fields.place.where}: a play costs one unit.", "Keep one of them.")
    return prices[0] if prices else None


def _check_odds(fields: Fields, game: Game) -> None:
    """Odds that do not add up to 1 are no odds; neither are such that no draw could tell apart."""
    place = fields.places["prizes"]
    total = sum((chance.odds for chance in game.prizes.values()), Fraction(0))
    if total != 1:
        place.head.refuse(
            "bad_odds", f"{place.where}: the odds add up to {total}, not to 1.", "Give the rest to a prize."
        )
    elif game.sides > _MOST_SIDES:
        place.head.refuse(
            "bad_odds",
            f"{place.where}: the odds make {game.sides} parts of it.",
            "Use rounder odds.",
        )


def _check_countries(fields: Fields, game: Game, scope: Scope) -> None:
    if game.attribute and game.attribute not in scope.attributes:
        fields.places["attribute"].unknown("attribute", game.attribute, scope.attributes)
    if ("countries" in fields.places) != bool(game.attribute):
        fields.place.head.refuse(
            "bad_value",
            f"{fields.place.where}: `countries` and `attribute` belong together.",
            "Say which attribute of a member is their country, and where the game may be played.",
        )
