"""Names, profiles and consents: what they are and what a valid one looks like."""

import base64
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, Protocol, get_args

from bondfire.errors import BadInput
from bondfire.kit import nearest

AliasKind = Literal["reference", "email", "card", "phone", "device", "referral"]
ALIAS_KINDS: Final[frozenset[str]] = frozenset(get_args(AliasKind))
LONGEST_TEXT: Final = 200
LONGEST_EMAIL: Final = 254
"""RFC 5321, section 4.5.3.1.3, less the angle brackets."""
LARGEST_DATA: Final = 16_384
"""Bytes of JSON in a profile's `data`; this is for a person's particulars, not for documents."""

_KIND: Final = re.compile(r"[a-z][a-z0-9_.]{0,63}", re.ASCII)
_PHONE: Final = re.compile(r"\+?\d{5,15}", re.ASCII)
_CODE: Final = re.compile(r"[A-Z2-7]{16}", re.ASCII)
CODE_BYTES: Final = 10
"""A referral code is 80 random bits: a million guesses at a million codes find one once in 10^12 times, so it
may stand in a link, and how often one is tried needs no limit."""
_CARD: Final = re.compile(r"[A-Z0-9]{4,64}", re.ASCII)


class Brand(Protocol):
    """What is needed of a brand: its number in the tables, and its name, which is part of every id."""

    @property
    def id(self) -> int:
        """The number in the tables."""

    @property
    def name(self) -> str:
        """The name, as in the programme."""


@dataclass(frozen=True)
class Alias:
    """One name a member goes by, in its normal form."""

    kind: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A member's personal data; all of it may be missing."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Consent:
    """What a member said to one question: which text they saw, when, and where it was asked."""

    kind: str
    granted: bool
    text_version: str
    recorded_at: datetime
    source: str


@dataclass(frozen=True)
class Consents:
    """Everything a member ever agreed to or took back, in the order in which we learned of it."""

    history: tuple[Consent, ...]

    @property
    def current(self) -> dict[str, Consent]:
        """The latest word on each kind; news of an older one that arrives late changes nothing."""
        latest: dict[str, Consent] = {}
        for consent in self.history:
            held = latest.get(consent.kind)
            if held is None or held.recorded_at <= consent.recorded_at:
                latest[consent.kind] = consent
        return latest

    def allows(self, kind: str) -> bool:
        """Whether the member has agreed; silence is no."""
        consent = self.current.get(kind)
        return consent is not None and consent.granted


def check_text(text: object, name: str, *, longest: int = LONGEST_TEXT) -> str:
    """One text that can be stored, sent and shown.

    Raises:
        BadInput: no text, empty, too long, or with NUL, other control signs or half a surrogate pair.
    """
    if not isinstance(text, str):
        raise BadInput(f"{name} is {str(text)[:60]!r}, not a text.", next_step="Send it as a JSON string.")
    if not text.strip() or len(text) > longest:
        raise BadInput(
            f"{name} has {len(text)} characters; from 1 to {longest} are possible, not all of them blank.",
            next_step=f"Correct {name}.",
        )
    _check_storable(text, name)
    return text


def _check_storable(text: str, name: str) -> None:
    bad = next(
        (sign for sign in text if unicodedata.category(sign) in {"Cc", "Cs"} and sign not in "\n\t"), None
    )
    if bad is not None:
        raise BadInput(
            f"{name} holds U+{ord(bad):04X}, which is not a character that can be stored.",
            next_step="Remove it; it often comes from a broken encoding.",
        )


def check_reference(reference: object, name: str = "member") -> str:
    """A member's reference, used as sent: `c-17` and `C-17` are two members.

    Raises:
        BadInput: not a storable text, or with blanks around it.
    """
    text = check_text(reference, name)
    if text != text.strip():
        raise BadInput(f"{name} is {text[:60]!r}, with blanks around it.", next_step="Send it without.")
    return text


def normalise_alias(kind: str, value: object) -> Alias:
    """The normal form, in which equal names are equal: `Ann@Example.COM ` is `ann@example.com`.

    Raises:
        BadInput: an unknown kind (the nearest is named) or a value that cannot be one.
    """
    if kind not in ALIAS_KINDS:
        like = nearest(kind, ALIAS_KINDS)
        raise BadInput(
            f"There is no kind of alias {kind[:60]!r}.",
            next_step=f"Did you mean {like!r}?" if like else f"Kinds are {', '.join(sorted(ALIAS_KINDS))}.",
        )
    if kind == "reference":
        return Alias(kind, check_reference(value, kind))
    text = check_text(value, kind, longest=LONGEST_EMAIL).strip()
    normal = {"email": _email, "phone": _phone, "card": _card, "referral": _code}.get(kind)
    return Alias(kind, normal(text) if normal else text)


def _email(text: str) -> str:
    before, at, domain = text.partition("@")
    if not (before and at and domain) or "@" in domain or any(sign.isspace() for sign in text):
        raise BadInput(
            f"email is {text[:80]!r}, which is not an e-mail address.",
            next_step="Write it like ann@example.com: one @, something on both sides, no blanks.",
        )
    return unicodedata.normalize("NFC", text).lower()


def _phone(text: str) -> str:
    digits = re.sub(r"[ ()/.\-]", "", text)
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if not _PHONE.fullmatch(digits):
        raise BadInput(
            f"phone is {text[:40]!r}, which is not a telephone number.",
            next_step="Write it like +49 30 123456: 5 to 15 digits.",
        )
    return digits


def _card(text: str) -> str:
    number = re.sub(r"[ \-]", "", text).upper()
    if not _CARD.fullmatch(number):
        raise BadInput(
            f"card is {text[:40]!r}, which is not a card number.",
            next_step="Write 4 to 64 letters and digits; blanks and hyphens do not count.",
        )
    return number


def new_code(random: bytes) -> Alias:
    """A referral code: 16 letters and digits that are not mistaken for each other.

    Args:
        random: exactly `CODE_BYTES` from a cryptographic source.
    """
    if len(random) != CODE_BYTES:
        raise ValueError(f"a referral code needs {CODE_BYTES} random bytes, not {len(random)}")
    return Alias("referral", base64.b32encode(random).decode())


def shown_code(alias: Alias) -> str:
    """A referral code as it is shown: in groups of four."""
    return "-".join(alias.value[place : place + 4] for place in range(0, len(alias.value), 4))


def _code(text: str) -> str:
    code = re.sub(r"[ \-]", "", text).upper()
    if not _CODE.fullmatch(code):
        raise BadInput(
            f"referral is {text[:40]!r}, which is not a referral code.",
            next_step="Write it as it was given: 16 letters and digits; blanks and hyphens do not count.",
        )
    return code


def check_profile(profile: Profile) -> Profile:
    """The profile with its e-mail address and telephone number in normal form.

    Raises:
        BadInput: a field that cannot be stored; it is named.
    """
    check_data(profile.data)
    return Profile(
        name=None if profile.name is None else check_text(profile.name, "name").strip(),
        email=None if profile.email is None else normalise_alias("email", profile.email).value,
        phone=None if profile.phone is None else normalise_alias("phone", profile.phone).value,
        data=profile.data,
    )


def check_data(data: Mapping[str, Any]) -> str:
    """A profile's further particulars as JSON.

    Raises:
        BadInput: not JSON, too large, or with a text that cannot be stored.
    """
    try:
        for each in _texts_in(data):
            _check_storable(each, "data")
        text = json.dumps(dict(data), ensure_ascii=False, allow_nan=False, sort_keys=True)
    except (TypeError, ValueError, RecursionError) as reason:
        raise BadInput(
            f"data is not JSON: {reason}.", next_step="Send an object of texts and numbers."
        ) from None
    if len(text.encode()) > LARGEST_DATA:
        raise BadInput(
            f"data has {len(text.encode())} bytes; at most {LARGEST_DATA} are possible.",
            next_step="Keep documents elsewhere and their address here.",
        )
    return text


def _texts_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _texts_in(name)
            yield from _texts_in(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts_in(inner)


def check_consent(consent: Consent) -> Consent:
    """A consent that may be recorded.

    Raises:
        BadInput: a field that is missing or cannot be; it is named.
    """
    if not _KIND.fullmatch(consent.kind):
        raise BadInput(
            f"kind is {consent.kind[:80]!r}, which cannot name a consent.",
            next_step="Use small letters, digits, _ and ., such as email.marketing.",
        )
    if consent.recorded_at.tzinfo is None:
        raise BadInput("recorded_at has no offset from UTC.", code="bad_time")
    check_text(consent.text_version, "text_version")
    check_text(consent.source, "source")
    return consent
