"""How far transfers between members have been carried, and an index that finds those that were not.

The first half of a transfer is a row of the sender's journal; the index holds such rows and no others, so it
costs nothing where nobody sends anything.
"""

from alembic import op

revision = "0011"
down_revision = "0010"

STATEMENTS = (
    """
    CREATE INDEX journal_transfers ON journal (brand_id, bucket, seq)
    WHERE (type = 'points.sent' AND outcome = 'accepted')
        OR (type = 'points.received' AND outcome = 'refused')
    """,
    """
    CREATE TABLE transfer_position (
        brand_id int NOT NULL REFERENCES brand,
        bucket int NOT NULL CHECK (bucket BETWEEN 0 AND 1023),
        seq bigint NOT NULL,
        PRIMARY KEY (brand_id, bucket)
    ) WITH (fillfactor = 50)
    """,
    "COMMENT ON TABLE transfer_position IS 'bucketed: the row whose news another member was told of last'",
)


def upgrade() -> None:
    """Create them."""
    for statement in STATEMENTS:
        op.execute(statement)
