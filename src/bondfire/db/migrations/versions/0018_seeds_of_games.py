"""The seeds that games of chance draw with: one for each period, made before the first draw of it.

Its hash is shown at once, the seed itself when the period is over.
"""

from alembic import op

revision = "0018"
down_revision = "0017"

STATEMENTS = (
    """
    CREATE TABLE game_seed (
        brand_id int NOT NULL REFERENCES brand,
        game text NOT NULL,
        moment timestamptz NOT NULL,
        seed bytea NOT NULL CHECK (length(seed) = 32),
        PRIMARY KEY (brand_id, game, moment)
    )
    """,
    "COMMENT ON TABLE game_seed IS 'reference: what a game draws with in a period, secret until it is over'",
)


def upgrade() -> None:
    """Create it."""
    for statement in STATEMENTS:
        op.execute(statement)
