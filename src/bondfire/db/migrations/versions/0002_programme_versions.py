"""The published versions of each brand's programme: only ever added, never changed."""

from alembic import op

revision = "0002"
down_revision = "0001"

STATEMENTS = (
    """
    CREATE TABLE program_version (
        brand_id int NOT NULL REFERENCES brand,
        version int NOT NULL CHECK (version > 0),
        document text NOT NULL,
        digest text NOT NULL CHECK (length(digest) = 64),
        valid_from timestamptz NOT NULL,
        published_at timestamptz NOT NULL,
        published_by text NOT NULL,
        PRIMARY KEY (brand_id, version)
    )
    """,
    "COMMENT ON TABLE program_version IS 'reference: what a brand has published, and from when it is valid'",
)


def upgrade() -> None:
    """Create the table."""
    for statement in STATEMENTS:
        op.execute(statement)
