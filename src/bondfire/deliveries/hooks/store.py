"""The tables of endpoints and of their secrets."""

from datetime import datetime
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow

from bondfire.deliveries.hooks.model import Hook, SecretMark, check_shop, mark_of

INSERT_HOOK: Final = """
INSERT INTO hook (hook_id, brand_id, shop, name, prefix, created_at)
VALUES (%(hook_id)s, %(brand_id)s, %(shop)s, %(name)s, %(prefix)s, %(created_at)s)
"""
LOCK_HOOK_IN_USE: Final = """
SELECT hook_id, brand_id, shop, name, prefix, created_at, revoked_at FROM hook
WHERE brand_id = %(brand_id)s AND name = %(name)s AND revoked_at IS NULL FOR UPDATE
"""
HOOK_BY_ID: Final = """
SELECT hook_id, brand_id, shop, name, prefix, created_at, revoked_at FROM hook WHERE hook_id = %(hook_id)s
"""
HOOKS_OF_BRAND: Final = """
SELECT hook_id, brand_id, shop, name, prefix, created_at, revoked_at FROM hook
WHERE brand_id = %(brand_id)s ORDER BY created_at, hook_id
"""
REVOKE_HOOK: Final = "UPDATE hook SET revoked_at = %(revoked_at)s WHERE hook_id = %(hook_id)s"
REMEMBER_ONE: Final = """
INSERT INTO hook_secret (hook_id, secret_id, secret, added_at)
VALUES (%(hook_id)s, %(secret_id)s, %(secret)s, %(added_at)s)
ON CONFLICT (hook_id, secret_id) DO NOTHING
"""
SECRETS_OF_HOOK: Final = """
SELECT secret, added_at FROM hook_secret WHERE hook_id = %(hook_id)s ORDER BY added_at, secret_id
"""
FORGET_ONE: Final = """
DELETE FROM hook_secret WHERE hook_id = %(hook_id)s AND secret_id = %(secret_id)s
"""
FORGET_ALL: Final = "DELETE FROM hook_secret WHERE hook_id = %(hook_id)s"


def insert_hook(conn: Connection, hook: Hook) -> None:
    """Add an endpoint without secrets."""
    values = {
        "hook_id": hook.hook_id,
        "brand_id": hook.brand_id,
        "shop": hook.shop,
        "name": hook.name,
        "prefix": hook.prefix,
        "created_at": hook.created_at,
    }
    conn.execute(INSERT_HOOK, values)


def lock_hook_in_use(conn: Connection, brand_id: int, name: str) -> Hook | None:
    """The endpoint of this name that is not revoked, locked until the transaction ends."""
    row = conn.execute(LOCK_HOOK_IN_USE, {"brand_id": brand_id, "name": name}).fetchone()
    return None if row is None else _hook(conn, row)


def hook_by_id(conn: Connection, hook_id: str) -> Hook | None:
    """The endpoint, or None."""
    row = conn.execute(HOOK_BY_ID, {"hook_id": hook_id}).fetchone()
    return None if row is None else _hook(conn, row)


def hooks_of_brand(conn: Connection, brand_id: int) -> list[Hook]:
    """All endpoints, the oldest first."""
    return [_hook(conn, row) for row in conn.execute(HOOKS_OF_BRAND, {"brand_id": brand_id}).fetchall()]


def insert_secret(conn: Connection, hook_id: str, secret: str, *, added_at: datetime) -> None:
    """Add a secret; the same again changes nothing."""
    values = {"hook_id": hook_id, "secret_id": mark_of(secret), "secret": secret, "added_at": added_at}
    conn.execute(REMEMBER_ONE, values)


def secrets_of_hook(conn: Connection, hook_id: str) -> list[str]:
    """The secrets themselves, to verify with; they leave this folder for nothing else."""
    return [row[0] for row in conn.execute(SECRETS_OF_HOOK, {"hook_id": hook_id})]


def delete_secret(conn: Connection, hook_id: str, mark: str) -> bool:
    """Forget one secret; False when there is none of that mark."""
    return conn.execute(FORGET_ONE, {"hook_id": hook_id, "secret_id": mark}).rowcount == 1


def mark_revoked(conn: Connection, hook_id: str, revoked_at: datetime) -> None:
    """Close an endpoint and forget its secrets."""
    conn.execute(REVOKE_HOOK, {"hook_id": hook_id, "revoked_at": revoked_at})
    conn.execute(FORGET_ALL, {"hook_id": hook_id})


def _hook(conn: Connection, row: TupleRow) -> Hook:
    marks = tuple(
        SecretMark(mark_of(secret), added_at)
        for secret, added_at in conn.execute(SECRETS_OF_HOOK, {"hook_id": row[0]})
    )
    return Hook(row[0], row[1], check_shop(row[2]), row[3], row[4], row[5], row[6], marks)
