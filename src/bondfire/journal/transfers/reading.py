"""To whom a member has sent something."""

from typing import Any
from uuid import UUID

import msgspec

from bondfire.journal.log.store import Connection
from bondfire.journal.transfers import store
from bondfire.kit import parse_id
from bondfire.programs import Brand


def sent_to(conn: Connection, brand: Brand, member_id: UUID, *, limit: int = 100) -> list[UUID]:
    """Who got something of a member's first `limit` transfers, each once, in order."""
    bodies: list[Any] = [
        msgspec.json.decode(body) for body in store.sent_by(conn, brand.id, member_id, most=limit)
    ]
    return list(dict.fromkeys(parse_id("mem", body["to"]) for body in bodies))
