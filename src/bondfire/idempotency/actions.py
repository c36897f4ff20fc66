"""What can be done about answers: claim the right to give one, keep it, forget old ones."""

import json
from collections.abc import Collection
from datetime import datetime
from typing import Final

from bondfire.db import Connection
from bondfire.idempotency import store
from bondfire.idempotency.model import KEPT, Answer, Asked, KeyInUse, KeyReused

_ATTEMPTS: Final = 3
"""Another may come between the look and the claim, and an answer may be forgotten between two looks."""


def claim(conn: Connection, brand_id: int, asked: Asked, *, now: datetime) -> Answer | None:
    """The answer that was given before, or None: then this request is the first, and its key is taken.

    The claim is a row of the caller's transaction. Whoever comes with the same key meanwhile waits a
    moment for its end; if the transaction is rolled back, or its process killed, nobody has come. To give
    an answer again locks nothing.

    Args:
        conn: in a transaction, before anything else is done in it.
        brand_id: whose key it is.
        asked: the request.
        now: aware time; older answers than a day count no more.

    Raises:
        KeyInUse: the first request is still being worked on.
        KeyReused: the key came with another request.
    """
    for _ in range(_ATTEMPTS):
        given = store.given_answer(conn, brand_id, asked.key_hash, newer_than=now - KEPT)
        if given is not None:
            if given.fingerprint != asked.fingerprint:
                raise KeyReused
            return given.answer
        if store.insert_claim(conn, brand_id, asked, given_at=now, older_than=now - KEPT):
            return None
    raise KeyInUse


def keep(conn: Connection, brand_id: int, asked: Asked, answer: Answer) -> None:
    """Keep the answer, in the transaction of the claim and of what the request did."""
    store.write_answer(conn, brand_id, asked.key_hash, answer)


def forget_answers(conn: Connection, *, now: datetime, limit: int = 1_000) -> int:
    """Remove answers older than a day, at most so many; call it again until it gives 0."""
    return store.delete_answers(conn, older_than=now - KEPT, most=limit)


def forget_words(conn: Connection, brand_id: int, words: Collection[str]) -> int:
    """Remove every answer that may tell of a person: those with one of these words, and all refusals.

    A refusal may repeat anything that was sent; whoever sends the same again is simply told again.
    """
    spelled = {word.encode() for word in words} | {json.dumps(word)[1:-1].encode() for word in words}
    return store.forget_words(conn, brand_id, sorted(spelled))
