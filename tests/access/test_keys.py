"""API keys: shown once, kept as a hash, good for what they are good for."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from access.conftest import LATER, NOON, a_key
from bondfire.access import (
    RANDOM_BYTES,
    SCOPES,
    KeyPlace,
    Scope,
    authenticate,
    create_key,
    list_keys,
    read_key,
    require,
    revoke_key,
)
from bondfire.errors import BadInput, NotAllowed, NotAuthenticated, NotFound


def refusal_of(conn: psycopg.Connection, token: str) -> NotAuthenticated:
    with pytest.raises(NotAuthenticated) as refusal:
        authenticate(conn, token, now=NOON)
    return refusal.value


def test_a_new_key_opens_the_door(conn: psycopg.Connection) -> None:
    key, token = a_key(conn, "events:write", "members:read")

    assert token.startswith(f"bf_{key.key_id}_")
    assert authenticate(conn, token, now=NOON) == key
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
    assert authenticate(conn, token, now=NOON) == theirs


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


def test_a_key_opens_until_the_very_instant_it_expires(conn: psycopg.Connection) -> None:
    key, token = a_key(conn, expires_at=LATER)

    assert authenticate(conn, token, now=LATER - timedelta(microseconds=1)).key_id == key.key_id
    with pytest.raises(NotAuthenticated, match="expired on 2026-04-01") as refusal:
        authenticate(conn, token, now=LATER)

    assert refusal.value.code == "expired_key"


def test_a_key_that_has_expired_before_it_is_made_is_refused(conn: psycopg.Connection) -> None:
    with pytest.raises(BadInput) as refusal:
        a_key(conn, expires_at=NOON)

    assert refusal.value.code == "bad_expiry"
    assert list_keys(conn, 1) == []


def test_the_last_use_is_written_once_a_day(conn: psycopg.Connection) -> None:
    key, token = a_key(conn)
    written = []
    for hours in (0, 1, 11, 12, 13, 36):
        authenticate(conn, token, now=NOON + timedelta(hours=hours))
        row = conn.execute("SELECT ctid::text, last_used_on FROM api_key").fetchone()
        assert row is not None
        written.append((row[0], str(row[1])))

    assert [day for _, day in written] == ["2026-03-01"] * 3 + ["2026-03-02"] * 2 + ["2026-03-03"]
    assert len({version for version, _ in written}) == 3
    assert read_key(conn, 1, key.key_id).last_used_on == datetime(2026, 3, 3, tzinfo=UTC).date()


def test_keys_come_in_pages_that_inserts_do_not_move(conn: psycopg.Connection) -> None:
    made = [a_key(conn, seed=seed)[0] for seed in range(5)]
    first = list_keys(conn, 1, limit=2)
    a_key(conn, seed=200)

    rest = list_keys(conn, 1, after=KeyPlace(first[-1].created_at, first[-1].key_id), limit=100)

    assert {key.key_id for key in made} <= {key.key_id for key in (*first, *rest)}
    assert not {key.key_id for key in first} & {key.key_id for key in rest}


def test_one_key_is_read_by_its_brand_only(conn: psycopg.Connection) -> None:
    key, _ = a_key(conn)

    assert read_key(conn, 1, key.key_id) == key
    with pytest.raises(NotFound, match=key.key_id):
        read_key(conn, 2, key.key_id)
