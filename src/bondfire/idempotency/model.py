"""Keys, fingerprints and answers as pure functions."""

import re
from datetime import timedelta
from hashlib import sha256
from typing import Final, NamedTuple

from bondfire.errors import BadInput, Conflict

KEPT: Final = timedelta(hours=24)
"""How long an answer is given again."""

_LONGEST: Final = 255
_QUOTED: Final = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"', re.ASCII)
_BARE: Final = re.compile(r"[!#-~]+", re.ASCII)


class Asked(NamedTuple):
    """A request that may be sent again.

    Attributes:
        key_hash: of the sender's key; 32 bytes.
        fingerprint: of what is asked; two requests with the same one are the same. 32 bytes.
    """

    key_hash: bytes
    fingerprint: bytes


class Answer(NamedTuple):
    """What a request was answered."""

    status: int
    media_type: str
    body: bytes


class KeyInUse(Conflict):
    """The first request with this key is still being worked on."""

    code = "request_in_progress"

    def __init__(self) -> None:
        super().__init__(
            "The first request with this Idempotency-Key is still being worked on.",
            next_step="Send it again in a second; then it gets the first answer.",
        )


class KeyReused(BadInput):
    """The key came before, with another request."""

    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__(
            "This Idempotency-Key came before with another request; nothing was changed.",
            next_step="Send every new request with a key of its own, such as a UUID.",
        )


def asked_of(header: str, method: str, target: bytes, body: bytes) -> Asked:
    """A request with its `Idempotency-Key`.

    Args:
        header: the field's value: a string of RFC 9651 (`"8e03..."`), or the bare key as many send it.
        method: of the request.
        target: path and query, as sent.
        body: without content coding.

    Raises:
        BadInput: `bad_idempotency_key`.
    """
    parts = (method.encode(), target, body)
    digest = sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return Asked(sha256(_key_in(header).encode()).digest(), digest.digest())


def _key_in(header: str) -> str:
    text = header.strip()
    quoted = _QUOTED.fullmatch(text)
    key = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else text
    if not key or len(key) > _LONGEST or not (quoted or _BARE.fullmatch(text)):
        raise BadInput(
            f"The Idempotency-Key is not a string of 1 to {_LONGEST} printable ASCII characters.",
            next_step='Send a fresh UUID for each new request: Idempotency-Key: "8e03978e-40d5-..."',
            code="bad_idempotency_key",
        )
    return key
