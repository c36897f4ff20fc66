"""Keys are remembered for a few seconds, and the secret is compared every time."""

from datetime import timedelta

import psycopg
import pytest

from access.conftest import NOON, a_key
from bondfire.access import KeyCache, revoke_key
from bondfire.errors import NotAuthenticated


def test_a_key_that_was_looked_up_is_known_for_its_seconds(conn: psycopg.Connection) -> None:
    cache, (key, token) = KeyCache(5), a_key(conn)

    assert cache.recall(token, now=NOON) is None
    assert cache.authenticate(conn, token, now=NOON) == key
    assert cache.recall(token, now=NOON + timedelta(seconds=4.9)) == key
    assert cache.recall(token, now=NOON + timedelta(seconds=5)) is None


def test_a_wrong_secret_of_a_known_key_is_refused_from_memory_too(conn: psycopg.Connection) -> None:
    cache, (_, token) = KeyCache(5), a_key(conn)
    cache.authenticate(conn, token, now=NOON)
    wrong = token[:-1] + ("a" if token[-1] != "a" else "b")

    with pytest.raises(NotAuthenticated) as refusal:
        cache.recall(wrong, now=NOON)

    assert refusal.value.code == "unknown_key"


def test_a_key_that_expires_meanwhile_is_refused_from_memory_too(conn: psycopg.Connection) -> None:
    cache, (_, token) = KeyCache(5), a_key(conn, expires_at=NOON + timedelta(seconds=2))
    cache.authenticate(conn, token, now=NOON)

    with pytest.raises(NotAuthenticated) as refusal:
        cache.recall(token, now=NOON + timedelta(seconds=2))

    assert refusal.value.code == "expired_key"


def test_a_revoked_key_is_let_in_until_its_seconds_are_over_unless_it_is_forgotten(
    conn: psycopg.Connection,
) -> None:
    here, elsewhere, (key, token) = KeyCache(5), KeyCache(5), a_key(conn)
    for cache in (here, elsewhere):
        cache.authenticate(conn, token, now=NOON)

    revoke_key(conn, 1, key.key_id, revoked_at=NOON)
    here.forget(key.key_id)

    still = elsewhere.recall(token, now=NOON)
    assert still is not None
    assert still.key_id == key.key_id
    assert here.recall(token, now=NOON) is None
    with pytest.raises(NotAuthenticated, match="revoked"):
        here.authenticate(conn, token, now=NOON)


def test_no_seconds_mean_no_memory(conn: psycopg.Connection) -> None:
    cache, (_, token) = KeyCache(0), a_key(conn)
    cache.authenticate(conn, token, now=NOON)

    assert cache.recall(token, now=NOON) is None


def test_the_first_use_of_a_day_asks_the_database_so_that_it_is_written_down(
    conn: psycopg.Connection,
) -> None:
    cache, (_, token) = KeyCache(300), a_key(conn)
    late = NOON.replace(hour=23, minute=59)
    cache.authenticate(conn, token, now=late)

    assert cache.recall(token, now=late + timedelta(seconds=59)) is not None
    assert cache.recall(token, now=late + timedelta(seconds=60)) is None


def test_neither_the_token_nor_its_secret_is_kept(conn: psycopg.Connection) -> None:
    cache, (_, token) = KeyCache(5), a_key(conn)
    cache.authenticate(conn, token, now=NOON)

    assert token.rsplit("_", 1)[1] not in repr(vars(cache))
