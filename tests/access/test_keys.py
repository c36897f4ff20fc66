"""API keys: shown once, kept as a hash, good for what they are good for."""

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest

from bondfire.access import (
    RANDOM_BYTES,
    SCOPES,
    Key,
    Scope,
    authenticate,
    create_key,
    list_keys,
    require,
    revoke_key,
)
from bondfire.db import connect
from bondfire.errors import BadInput, NotAllowed, NotAuthenticated, NotFound

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = datetime(2026, 4, 1, 12, tzinfo=UTC)


@pytest.fixture
def conn(database: str) -> Iterator[psycopg.Connection]:
    """A connection to a database with the brands 1 and 2."""
    with connect(database) as conn:
        for number in (1, 2):
            conn.execute(
                "INSERT INTO brand (brand_id, name, clock, created_at) VALUES (%s, %s, 'wall', %s)",
                [number, f"brand-{number}", NOON],
            )
        yield conn


def a_key(conn: psycopg.Connection, *scopes: str, seed: int = 1, brand_id: int = 1) -> tuple[Key, str]:
    return create_key(
        conn,
        brand_id,
        scopes or ("events:write",),
        f"till {seed}",
        created_at=NOON,
        random=bytes([seed]) * RANDOM_BYTES,
    )


def refusal_of(conn: psycopg.Connection, token: str) -> NotAuthenticated:
    with pytest.raises(NotAuthenticated) as refusal:
        authenticate(conn, token)
    return refusal.value


def test_a_new_key_opens_the_door(conn: psycopg.Connection) -> None:
    key, token = a_key(conn, "events:write", "members:read")

    assert token.startswith(f"bf_{key.key_id}_")
    assert authenticate(conn, token) == key
    assert (key.brand_id, key.name, key.created_at) == (1, "till 1", NOON)


def test_the_secret_is_nowhere_in_the_database(conn: psycopg.Connection) -> None:
    _, token = a_key(conn)
    secret = token.rsplit("_", 1)[1]

    row = conn.execute("SELECT api_key::text, encode(secret_hash, 'escape') FROM api_key").fetchone()

    assert len(secret) * 5 >= 160
    assert secret not in str(row)


def test_a_secret_made_of_too_little_chance_is_a_mistake(conn: psycopg.Connection) -> None:
    with pytest.raises(ValueError, match=f"needs {RANDOM_BYTES} random bytes"):
        create_key(conn, 1, ["admin"], "short", created_at=NOON, random=b"short")

    assert list_keys(conn, 1) == []


def test_a_wrong_secret_and_an_unknown_key_get_the_same_answer(conn: psycopg.Connection) -> None:
    _, token = a_key(conn)
    wrong = token[:-1] + ("a" if token[-1] != "a" else "b")
    unknown = token.replace(token[3:19], "b" * 16)

    assert refusal_of(conn, wrong).as_dict() == refusal_of(conn, unknown).as_dict()
    assert refusal_of(conn, wrong).code == "unknown_key"


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("", "no_key"),
        ("secret", "bad_key"),
        ("bf_x_y", "bad_key"),
        ("bf_\x00", "bad_key"),
        ("ß" * 60, "bad_key"),
    ],
)
def test_what_is_no_key_is_told_so(conn: psycopg.Connection, token: str, code: str) -> None:
    refusal = refusal_of(conn, token)

    assert (refusal.status, refusal.code) == (401, code)
    assert refusal.next_step


def test_a_revoked_key_stays_revoked(conn: psycopg.Connection) -> None:
    key, token = a_key(conn)

    revoked = revoke_key(conn, 1, key.key_id, revoked_at=NOON)
    again = revoke_key(conn, 1, key.key_id, revoked_at=LATER)

    assert revoked.revoked_at == NOON
    assert again == revoked
    refusal = refusal_of(conn, token)
    assert refusal.code == "revoked_key"
    assert "2026-03-01" in refusal.message


def test_a_brand_sees_and_revokes_only_its_own_keys(conn: psycopg.Connection) -> None:
    ours, _ = a_key(conn, seed=1)
    theirs, token = a_key(conn, seed=2, brand_id=2)

    with pytest.raises(NotFound, match=theirs.key_id):
        revoke_key(conn, 1, theirs.key_id, revoked_at=NOON)

    assert list_keys(conn, 1) == [ours]
    assert authenticate(conn, token) == theirs


def test_a_key_may_do_what_its_scopes_say(conn: psycopg.Connection) -> None:
    key, _ = a_key(conn, "events:write")

    require(key, "events:write")
    with pytest.raises(NotAllowed, match="lacks the scope 'members:write'; it has events:write") as refusal:
        require(key, "members:write")

    assert (refusal.value.status, refusal.value.code) == (403, "missing_scope")


def test_admin_may_do_everything(conn: psycopg.Connection) -> None:
    key, _ = a_key(conn, "admin")
    scopes: list[Scope] = ["events:write", "events:read", "members:read", "members:write", "programs:write"]

    for scope in scopes:
        require(key, scope)

    assert set(scopes) < SCOPES


@pytest.mark.parametrize(
    ("scopes", "hint"), [(["event:write"], "'events:write'"), (["everything"], "admin"), ([], "admin")]
)
def test_an_unknown_scope_is_refused_with_the_nearest(
    conn: psycopg.Connection, scopes: list[str], hint: str
) -> None:
    with pytest.raises(BadInput) as refusal:
        create_key(conn, 1, scopes, "till", created_at=NOON, random=bytes(RANDOM_BYTES))

    assert refusal.value.code == "bad_scope"
    assert hint in refusal.value.next_step
    assert list_keys(conn, 1) == []


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\x00b", "\ud800", "x" * 201])
def test_a_name_that_cannot_be_shown_is_refused(conn: psycopg.Connection, name: str) -> None:
    with pytest.raises(BadInput, match="name of a key"):
        create_key(conn, 1, ["admin"], name, created_at=NOON, random=bytes(RANDOM_BYTES))

    assert list_keys(conn, 1) == []


def test_a_key_needs_a_brand(conn: psycopg.Connection) -> None:
    with pytest.raises(NotFound, match="no brand number 9"):
        a_key(conn, brand_id=9)

    assert conn.execute("SELECT count(*) FROM api_key").fetchone() == (0,)
