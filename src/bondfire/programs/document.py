"""The whole document: its keys, and how its sections become a programme."""

from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from bondfire.events import CURRENCIES
from bondfire.programs.budgets import BUDGETS, read_budgets
from bondfire.programs.challenges import CHALLENGES, read_challenges
from bondfire.programs.coupons import COUPONS, read_coupons
from bondfire.programs.creators import CREATORS, read_creators
from bondfire.programs.declarations import EVENTS, MEMBER, read_catalogue
from bondfire.programs.earn import EARN, read_rules
from bondfire.programs.exchange import EXCHANGE, read_exchange
from bondfire.programs.findings import Fields, Place, suggest
from bondfire.programs.games import GAMES, read_games
from bondfire.programs.households import COMPANIES, HOUSEHOLDS, read_groups
from bondfire.programs.leaderboards import LEADERBOARDS, read_boards
from bondfire.programs.leaves import choice, name, words
from bondfire.programs.model import Program
from bondfire.programs.offers import CATALOGUE_ORDER, REWARDS, read_preferences, read_rewards
from bondfire.programs.policies import (
    ADJUSTMENTS,
    BOOKS,
    EARNING,
    RESTORED,
    RETURNS,
    read_approvals,
    read_books,
    read_earning,
    read_grace,
    read_returns,
)
from bondfire.programs.referrals import REFERRALS, read_referrals
from bondfire.programs.review import REVIEW, read_review
from bondfire.programs.scope import Scope
from bondfire.programs.shapes import SLUG, Key, Record
from bondfire.programs.spending import with_spending
from bondfire.programs.tiers import TIER_SETS, read_tier_sets
from bondfire.programs.units import UNITS, check_prolonged, read_units

DOCUMENT: Final = Record(
    "A loyalty programme.",
    {
        "program": Key(name("The programme's name.", "programme", SLUG), required=True),
        "brand": Key(name("The brand's name.", "brand", SLUG), required=True),
        "timezone": Key(
            words("IANA time zone in which days, months and schedules are counted.", "a time zone"),
            required=True,
        ),
        "currency": Key(words("ISO 4217 code of the programme's money.", "a currency"), required=True),
        "exchange": Key(EXCHANGE),
        "enrolment": Key(
            choice(
                "automatic (default): the first event makes a member; on_join: only member.joined does.",
                "automatic",
                "on_join",
            )
        ),
        "units": Key(UNITS, required=True),
        "tier_sets": Key(TIER_SETS),
        "budgets": Key(BUDGETS),
        "earn": Key(EARN),
        "earning": Key(EARNING),
        "challenges": Key(CHALLENGES),
        "coupons": Key(COUPONS),
        "leaderboards": Key(LEADERBOARDS),
        "games": Key(GAMES),
        "rewards": Key(REWARDS),
        "catalogue": Key(CATALOGUE_ORDER),
        "referrals": Key(REFERRALS),
        "creators": Key(CREATORS),
        "returns": Key(RETURNS),
        "restored": Key(RESTORED),
        "adjustments": Key(ADJUSTMENTS),
        "review": Key(REVIEW),
        "books": Key(BOOKS),
        "households": Key(HOUSEHOLDS),
        "companies": Key(COMPANIES),
        "events": Key(EVENTS),
        "member": Key(MEMBER),
    },
)
_AREAS: Final = (
    *("Africa/", "America/", "Antarctica/", "Arctic/", "Asia/", "Atlantic/", "Australia/", "Europe/"),
    *("Indian/", "Pacific/", "Etc/"),
)


def read_program(
    fields: Fields, *, document: str, digest: str, runs_challenges: bool
) -> tuple[Program, Scope]:
    """The programme of a document; only to be used when nothing was found wrong with it."""
    zone = _zone(fields.places.get("timezone"), fields.get("timezone", "UTC"))
    _check_currency(fields)
    units_read: Fields | None = fields.get("units")
    units = read_units(units_read) if units_read else {}
    catalogue, attributes = read_catalogue(fields.get("events"), fields.get("member"))
    tier_sets = read_tier_sets(fields.get("tier_sets"), Scope(zone, units, {}, catalogue, {}))
    budgets = read_budgets(fields.get("budgets"), Scope(zone, units, tier_sets, catalogue, attributes))
    scope = Scope(zone, units, tier_sets, catalogue, attributes, budgets)
    rules = read_rules(fields.get("earn"), scope)
    check_prolonged(units_read, scope, rules)
    challenges = read_challenges(fields.get("challenges"), scope)
    program = Program(
        name=fields.get("program", ""),
        brand=fields.get("brand", ""),
        zone=zone,
        currency=fields.get("currency", ""),
        units=with_spending(units_read, units, scope),
        tier_sets=tier_sets,
        rules=rules,
        rewards=read_rewards(fields.get("rewards"), scope, fields.get("currency", "")),
        preferences=read_preferences(fields.get("catalogue"), scope),
        coupons=read_coupons(fields.get("coupons"), scope, fields.get("currency", "")),
        exchange=read_exchange(fields.get("exchange"), fields.get("currency", "")),
        challenges=challenges if runs_challenges else {},
        games=read_games(fields.get("games"), scope),
        boards=read_boards(fields.get("leaderboards"), scope, challenges),
        budgets=budgets,
        catalogue=catalogue,
        returns=read_returns(fields.get("returns")),
        earning=read_earning(fields.get("earning")),
        books=read_books(fields.get("books")),
        grace_after_return=read_grace(fields.get("restored")),
        approval_above=read_approvals(fields.get("adjustments"), units),
        enrolment=fields.get("enrolment", "automatic"),
        creators=read_creators(fields.get("creators")),
        review=read_review(fields.get("review"), scope, rules),
        referrals=read_referrals(fields.get("referrals"), scope),
        groups=read_groups(fields.get("households"), fields.get("companies"), units),
        document=document,
        digest=digest,
    )
    return program, scope


def _zone(place: Place | None, text: str) -> ZoneInfo:
    """Only names with an area: `localtime` and the like mean something else on each machine."""
    if text == "UTC" or text.startswith(_AREAS):
        try:
            return ZoneInfo(text)
        except (KeyError, ValueError, OSError):
            pass
    if place:
        known = [each for each in available_timezones() if each.startswith(_AREAS)]
        place.refuse("unknown_time_zone", f"{place.where}: no time zone {text!r}.", suggest(text, known))
    return ZoneInfo("UTC")


def _check_currency(fields: Fields) -> None:
    text: str = fields.get("currency", "")
    if text and text not in CURRENCIES:
        place = fields.places["currency"]
        place.refuse(
            "unknown_currency", f"{place.where}: no currency {text!r}.", suggest(text.upper(), CURRENCIES)
        )
