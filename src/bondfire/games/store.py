"""The table of seeds."""

from datetime import datetime
from typing import Final

from bondfire.db import Connection

SEED: Final = """
SELECT seed FROM game_seed WHERE brand_id = %(brand_id)s AND game = %(game)s AND moment = %(moment)s
"""
KEEP: Final = """
INSERT INTO game_seed (brand_id, game, moment, seed)
VALUES (%(brand_id)s, %(game)s, %(moment)s, %(seed)s)
ON CONFLICT (brand_id, game, moment) DO NOTHING
"""


def seed_of(conn: Connection, brand_id: int, game: str, moment: datetime) -> bytes | None:
    """What a game draws with in the period that begins at a moment."""
    row = conn.execute(SEED, {"brand_id": brand_id, "game": game, "moment": moment}).fetchone()
    return bytes(row[0]) if row else None


def keep_seed(conn: Connection, brand_id: int, game: str, moment: datetime, *, seed: bytes) -> None:
    """Keep a seed; the first one of a period stays."""
    conn.execute(KEEP, {"brand_id": brand_id, "game": game, "moment": moment, "seed": seed})
