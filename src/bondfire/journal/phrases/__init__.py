"""A plain sentence for each reason that a decision can have, in the languages that members read.

A language is a set of templates (`english`, `german`); how a reason fills them is the same for all (`words`).
"""

from bondfire.journal.phrases.languages import LANGUAGES, Language, words_of
from bondfire.journal.phrases.words import About, Words

__all__ = ["LANGUAGES", "About", "Language", "Words", "words_of"]
