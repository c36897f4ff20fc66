"""Budgets that all members share: what was used in each window, in all and by bucket.

The one row of a window is what everybody who takes from a budget locks, after their buckets; it costs nothing
where a programme has no budget. The shares of the buckets follow from the journal, and add up to it.
"""

from alembic import op

revision = "0016"
down_revision = "0015"

STATEMENTS = (
    """
    CREATE TABLE budget_use (
        brand_id int NOT NULL REFERENCES brand,
        budget text NOT NULL,
        moment timestamptz NOT NULL,
        used numeric NOT NULL,
        PRIMARY KEY (brand_id, budget, moment)
    ) WITH (fillfactor = 50)
    """,
    "COMMENT ON TABLE budget_use IS 'reference: what all members together used of a budget in a window'",
    """
    CREATE TABLE budget_share (
        brand_id int NOT NULL REFERENCES brand,
        bucket int NOT NULL CHECK (bucket BETWEEN 0 AND 1023),
        budget text NOT NULL,
        moment timestamptz NOT NULL,
        used numeric NOT NULL,
        PRIMARY KEY (brand_id, bucket, budget, moment)
    )
    """,
    "COMMENT ON TABLE budget_share IS 'bucketed: what the members of a bucket used of a budget in a window'",
)


def upgrade() -> None:
    """Create them."""
    for statement in STATEMENTS:
        op.execute(statement)
