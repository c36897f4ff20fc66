"""The languages there are."""

from collections.abc import Mapping
from typing import Final, Literal, get_args

from bondfire.journal.phrases.english import ENGLISH
from bondfire.journal.phrases.german import GERMAN
from bondfire.journal.phrases.words import Words

Language = Literal["en", "de"]
"""A language that sentences are told in, by its ISO 639 code."""

LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
_WORDS: Final[Mapping[Language, Words]] = {"en": ENGLISH, "de": GERMAN}


def words_of(language: Language) -> Words:
    """The sentences of a language."""
    return _WORDS[language]
