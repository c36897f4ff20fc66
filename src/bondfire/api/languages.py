"""The language that a caller reads, of those that sentences are told in."""

from typing import Annotated

from fastapi import Depends, Header, Response

from bondfire.journal import LANGUAGES, Language

_Asked = Annotated[
    str,
    Header(
        alias="Accept-Language",
        max_length=200,
        description="The language of sentences, by RFC 9110: `en` (the default) or `de`.",
        examples=["de"],
    ),
]


def asked_language(response: Response, accept_language: _Asked = "en") -> Language:
    """The best of the languages there are, by the weights of RFC 9110, section 12.5.4, else English."""
    wanted = {
        tag.strip().lower().partition("-")[0]: _weight(weight)
        for tag, _, weight in (part.partition(";") for part in reversed(accept_language.split(",")))
    }
    anything = wanted.get("*", 0.0)
    language = max(LANGUAGES, key=lambda one: wanted.get(one, anything))
    response.headers["Content-Language"] = language
    response.headers["Vary"] = "Accept-Language"
    return language


def _weight(text: str) -> float:
    """The weight of one language, `q=0.5`; one that cannot be read counts for nothing."""
    name, _, number = text.replace(" ", "").partition("=")
    if not name:
        return 1.0
    try:
        return min(1.0, max(0.0, float(number))) if name == "q" else 0.0
    except ValueError:
        return 0.0


AskedLanguage = Annotated[Language, Depends(asked_language)]
