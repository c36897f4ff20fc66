"""What members are told, in each language: every reason and refusal has its sentence, with the same facts."""

import inspect
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from string import Formatter
from zoneinfo import ZoneInfo

import pytest

from bondfire import ledger
from bondfire.engine import Reason, errors
from bondfire.errors import BondfireError
from bondfire.journal.phrases import LANGUAGES, About, Language, words_of
from bondfire.ledger import Lot

BERLIN = ZoneInfo("Europe/Berlin")


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def told(language: Language, reason: Reason, lot: Lot | None = None) -> str:
    return words_of(language).sentence(reason, About(lot, 3, BERLIN))


def test_every_language_tells_every_reason() -> None:
    documented = (Reason.__doc__ or "").split("stable word: ")[1].split("rule: ")[0]
    headings = {
        "of",
        "tiers",
        "challenges",
        "what",
        "is",
        "gone",
        "rewards",
        "referrals",
        "review",
        "coupons",
    }
    headings |= {
        "an",
        "order",
        "in",
        "another",
        "currency",
        "leaderboards",
        "games",
        "accounts",
        "that",
        "become",
        "one",
    }
    codes = set(re.findall("[a-z_]+", documented)) - headings

    for language in LANGUAGES:
        assert words_of(language).sentences.keys() == codes
        assert words_of(language).parts.keys() == words_of("en").parts.keys()


def test_a_reason_names_no_fact_in_german_that_it_does_not_name_in_english() -> None:
    for code, german in words_of("de").sentences.items():
        assert fields(german) <= fields(words_of("en").sentences[code]), code


def test_every_refusal_of_engine_and_ledger_has_a_german_sentence() -> None:
    kinds = [*vars(errors).values(), *vars(ledger).values()]
    refusals = [kind for kind in kinds if inspect.isclass(kind) and issubclass(kind, BondfireError)]
    codes = {kind.code for kind in refusals if kind.__module__ in {errors.__name__, "bondfire.ledger.errors"}}
    for module in Path(errors.__file__).parent.glob("*.py"):
        codes |= set(re.findall(r'\bcode="([a-z_]+)"', module.read_text(encoding="utf-8")))

    assert len(codes) > 15
    assert codes <= words_of("de").refusals.keys()


def test_an_award_in_german_has_german_numbers_and_days() -> None:
    lot = Lot(
        number=1,
        unit="points",
        amount=Decimal("119.5"),
        left=Decimal("119.5"),
        entry=1,
        is_pending=True,
        earned_at=datetime(2026, 4, 1, 12, tzinfo=UTC),
        available_at=datetime(2026, 4, 15, 12, tzinfo=UTC),
        expires_at=datetime(2028, 4, 30, 22, tzinfo=UTC),
        rule="base",
        event="ord-1",
    )
    reason = Reason(
        "awarded",
        rule="base",
        unit="points",
        amount=Decimal("119.5"),
        base=Decimal("59.75"),
        multiplier=Decimal(2),
        order="1001",
        lot=1,
    )

    assert told("de", reason, lot) == (
        "119,5 points aus Regel base (Version 3) für Bestellung 1001; 59,75 mal 2; 14 Tage Wartezeit, "
        "einlösbar ab 15.04.2026, gültig bis 01.05.2028."
    )


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "Rose in flame: no tier to fire."), ("de", "Aufgestiegen in flame: von keiner Stufe zu fire.")],
)
def test_who_had_no_tier_before_is_told_so(language: Language, sentence: str) -> None:
    assert told(language, Reason("upgraded", values={"tier_set": "flame", "after": "fire"})) == sentence


def test_a_refusal_is_told_for_the_member_in_german_and_for_the_sender_in_english() -> None:
    message, step = "40 points are there, and 50 should be spent.", "Spend less."

    assert words_of("en").refused("not_enough", message, step) == f"Refused (not_enough): {message} {step}"
    assert words_of("de").refused("not_enough", message, step) == (
        "Abgelehnt (not_enough): Dafür sind nicht genug Punkte da."
    )
