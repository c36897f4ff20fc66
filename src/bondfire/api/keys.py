"""API keys of the brand: which there are, and revoking one. `bondfire keys add` makes them."""

from datetime import date, datetime
from typing import Annotated

import msgspec
from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, Field

from bondfire.access import Key, KeyPlace, list_keys, read_key, revoke_key
from bondfire.api.changes import IdempotencyKey, change
from bondfire.api.guard import MayWriteKeys
from bondfire.api.pages import Cursor, Limit, Page, RowPlace, cut, read_cursor, write_cursor
from bondfire.api.problems import problems
from bondfire.db import Connection

router = APIRouter(prefix="/v1/keys", tags=["keys"])

KeyId = Annotated[
    str,
    Path(
        description="Its id: the part of the token between the underscores.",
        examples=["7f4k2v6q3znh5x2c"],
        max_length=100,
    ),
]


class KeyRate(BaseModel):
    """How much a key may send, in place of what the installation allows every key."""

    per_minute: int = Field(description="Requests and events a minute; 0: no limit.")
    burst: int = Field(description="How many at once.")


class KeyAnswer(BaseModel):
    """A key, without its secret, which is kept as a hash only."""

    key: str = Field(examples=["7f4k2v6q3znh5x2c"])
    name: str = Field(description="Who uses it, for people.", examples=["till 3"])
    scopes: list[str] = Field(examples=[["events:write"]])
    created_at: datetime
    expires_at: datetime | None = Field(description="From then on it opens nothing; null: never.")
    revoked_at: datetime | None
    last_used_on: date | None = Field(description="The last day (UTC) on which it opened something.")
    rate: KeyRate | None = Field(description="Null: that of every key.")


class KeysPage(Page):
    """Keys, the oldest first, the revoked ones too."""

    keys: list[KeyAnswer]


class ListedKey(RowPlace, tag="keys"):
    """Where a key stands in the list."""

    created_at: Annotated[datetime, msgspec.Meta(tz=True)]
    key_id: Annotated[str, msgspec.Meta(pattern="^[a-z2-7]{16}$")]


@router.get("", responses=problems())
def list_api_keys(caller: MayWriteKeys, cursor: Cursor = None, limit: Limit = 100) -> KeysPage:
    """List the keys of the brand, the oldest first, the revoked ones too."""
    sent = read_cursor(cursor, ListedKey)
    after = KeyPlace(sent.created_at, sent.key_id) if sent else None
    found = caller.read(lambda conn: list_keys(conn, caller.brand.id, after=after, limit=limit + 1))
    page, last = cut(found, limit)
    return KeysPage(
        keys=[_answer(key) for key in page],
        next_cursor=write_cursor(ListedKey(last.created_at, last.key_id)) if last else None,
        limit=limit,
    )


@router.get("/{key}", responses=problems(404))
def get_api_key(caller: MayWriteKeys, key: KeyId) -> KeyAnswer:
    """Read one key of the brand."""
    return _answer(caller.read(lambda conn: read_key(conn, caller.brand.id, key)))


@router.delete("/{key}", responses=problems(404, 409), response_model=KeyAnswer)
def revoke_api_key(caller: MayWriteKeys, key: KeyId, idempotency_key: IdempotencyKey = None) -> Response:
    """Revoke a key for ever; doing it again changes nothing. Other processes learn of it in seconds."""

    def act(conn: Connection) -> KeyAnswer:
        return _answer(revoke_key(conn, caller.brand.id, key, revoked_at=caller.house.now()))

    answer = change(caller, act, idempotency_key)
    caller.house.keys.forget(key)
    return answer


def _answer(key: Key) -> KeyAnswer:
    return KeyAnswer(
        key=key.key_id,
        name=key.name,
        scopes=sorted(key.scopes),
        created_at=key.created_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
        last_used_on=key.last_used_on,
        rate=KeyRate(per_minute=key.rate.per_minute, burst=key.rate.burst) if key.rate else None,
    )
