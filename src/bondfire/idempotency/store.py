"""The table of answers given."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from psycopg import Connection
from psycopg.errors import LockNotAvailable

from bondfire.idempotency.model import Answer, Asked, KeyInUse

WAIT_SHORTLY: Final = "SET LOCAL lock_timeout = '100ms'"
"""How long a request waits for the first one with its key: long enough for most to end."""

WAIT_AS_BEFORE: Final = "SET LOCAL lock_timeout TO DEFAULT"
INSERT_CLAIM: Final = """
INSERT INTO given_answer (brand_id, key_hash, fingerprint, given_at)
VALUES (%(brand_id)s, %(key_hash)s, %(fingerprint)s, %(given_at)s)
ON CONFLICT (brand_id, key_hash) DO UPDATE SET
    fingerprint = excluded.fingerprint, given_at = excluded.given_at, status = NULL, media_type = NULL,
    body = NULL
WHERE given_answer.given_at <= %(older_than)s
"""
GIVEN_ANSWER: Final = """
SELECT fingerprint, status, media_type, body FROM given_answer
WHERE brand_id = %(brand_id)s AND key_hash = %(key_hash)s AND given_at > %(newer_than)s
"""
WRITE_ANSWER: Final = """
UPDATE given_answer SET status = %(status)s, media_type = %(media_type)s, body = %(body)s
WHERE brand_id = %(brand_id)s AND key_hash = %(key_hash)s
"""
FORGET_ANSWERS: Final = """
DELETE FROM given_answer
WHERE brand_id = %(brand_id)s AND body IS NOT NULL AND (
    status >= 400
    OR EXISTS (SELECT 1 FROM unnest(%(words)s::bytea[]) AS word WHERE POSITION(word IN body) > 0)
)
"""
DELETE_ANSWERS: Final = """
DELETE FROM given_answer
WHERE (brand_id, key_hash) IN (
    SELECT brand_id, key_hash FROM given_answer
    WHERE given_at <= %(older_than)s
    ORDER BY given_at
    LIMIT %(most)s
    FOR UPDATE SKIP LOCKED
)
"""


class Given(NamedTuple):
    """An answer and the request it was given to."""

    fingerprint: bytes
    answer: Answer


def insert_claim(
    conn: Connection, brand_id: int, asked: Asked, *, given_at: datetime, older_than: datetime
) -> bool:
    """Take the key, or that of an answer which is too old; False when somebody has it.

    Raises:
        KeyInUse: somebody took it and has not finished; the transaction can only be rolled back.
    """
    values = {
        "brand_id": brand_id,
        "key_hash": asked.key_hash,
        "fingerprint": asked.fingerprint,
        "given_at": given_at,
        "older_than": older_than,
    }
    try:
        conn.execute(WAIT_SHORTLY)
        taken = conn.execute(INSERT_CLAIM, values).rowcount == 1
        conn.execute(WAIT_AS_BEFORE)
    except LockNotAvailable:
        raise KeyInUse from None
    return taken


def given_answer(conn: Connection, brand_id: int, key_hash: bytes, *, newer_than: datetime) -> Given | None:
    """The answer that was given under a key since a time, or None."""
    values = {"brand_id": brand_id, "key_hash": key_hash, "newer_than": newer_than}
    row = conn.execute(GIVEN_ANSWER, values).fetchone()
    return None if row is None else Given(bytes(row[0]), Answer(row[1], row[2], bytes(row[3])))


def write_answer(conn: Connection, brand_id: int, key_hash: bytes, answer: Answer) -> None:
    """Write the answer beside the claim."""
    values = {"brand_id": brand_id, "key_hash": key_hash, **answer._asdict()}
    conn.execute(WRITE_ANSWER, values)


def delete_answers(conn: Connection, *, older_than: datetime, most: int) -> int:
    """Remove the oldest answers up to a time, and how many."""
    return conn.execute(DELETE_ANSWERS, {"older_than": older_than, "most": most}).rowcount


def forget_words(conn: Connection, brand_id: int, words: Sequence[bytes]) -> int:
    """Remove the refusals, which may repeat anything that was sent, and answers with one of these words."""
    return conn.execute(FORGET_ANSWERS, {"brand_id": brand_id, "words": list(words)}).rowcount
