"""What comes from outside: endpoints of shops with their secrets, rejects, and whose a shop's orders are.

A secret of a shop has to sign again what the shop has signed, so it cannot be kept as a hash.
"""

from alembic import op

revision = "0005"
down_revision = "0004"

HOOKS = (
    """
    CREATE TABLE hook (
        hook_id text PRIMARY KEY,
        brand_id int NOT NULL REFERENCES brand,
        shop text NOT NULL,
        name text NOT NULL,
        prefix text NOT NULL,
        created_at timestamptz NOT NULL,
        revoked_at timestamptz
    )
    """,
    "COMMENT ON TABLE hook IS 'reference: the endpoints at which a brand lets shops deliver'",
    "CREATE UNIQUE INDEX hook_in_use ON hook (brand_id, name) WHERE revoked_at IS NULL",
    """
    CREATE TABLE hook_secret (
        hook_id text NOT NULL REFERENCES hook,
        secret_id text NOT NULL,
        secret text NOT NULL,
        added_at timestamptz NOT NULL,
        PRIMARY KEY (hook_id, secret_id)
    )
    """,
    "COMMENT ON TABLE hook_secret IS 'reference: secrets of shops, as they are, for they must sign'",
)

REJECTS = (
    """
    CREATE TABLE reject (
        brand_id int NOT NULL REFERENCES brand,
        reject_id uuid NOT NULL,
        door text NOT NULL,
        source text NOT NULL,
        topic text NOT NULL,
        frame text NOT NULL,
        raw bytea NOT NULL,
        people text[] NOT NULL,
        waits_for text,
        is_public boolean NOT NULL,
        received_at timestamptz NOT NULL,
        code text NOT NULL,
        message text NOT NULL,
        next_step text NOT NULL,
        PRIMARY KEY (brand_id, reject_id)
    )
    """,
    "COMMENT ON TABLE reject IS 'reference: what came in and could not be an event; bounded for each brand'",
    "CREATE INDEX reject_by_time ON reject (brand_id, received_at, reject_id)",
    "CREATE INDEX reject_waiting ON reject (brand_id, source, waits_for) WHERE waits_for IS NOT NULL",
    """
    CREATE TABLE order_owner (
        brand_id int NOT NULL,
        source text NOT NULL,
        order_number text NOT NULL,
        member text,
        PRIMARY KEY (brand_id, source, order_number)
    )
    """,
    "COMMENT ON TABLE order_owner IS 'reference: whose an order of a shop is; no member: somebody waits'",
    "CREATE INDEX order_owner_by_member ON order_owner (brand_id, member)",
)


def upgrade() -> None:
    """Create them, one statement at a time."""
    for statement in HOOKS + REJECTS:
        op.execute(statement)
