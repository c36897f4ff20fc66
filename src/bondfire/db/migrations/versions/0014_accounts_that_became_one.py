"""Which accounts became part of another one, so that whoever means the one finds the other."""

from alembic import op

revision = "0014"
down_revision = "0011"

STATEMENTS = (
    """
    CREATE TABLE member_merge (
        brand_id int NOT NULL,
        member_id uuid NOT NULL,
        survivor_id uuid NOT NULL CHECK (survivor_id <> member_id),
        merged_at timestamptz NOT NULL,
        PRIMARY KEY (brand_id, member_id)
    )
    """,
    "COMMENT ON TABLE member_merge IS 'reference: who became part of another account, the last of a chain'",
    "CREATE INDEX member_merge_of_survivor ON member_merge (brand_id, survivor_id)",
)


def upgrade() -> None:
    """Create it."""
    for statement in STATEMENTS:
        op.execute(statement)
