"""Keys that expire and have their own rate; and the answers of requests that may be sent again.

The answer to an `Idempotency-Key` commits with the effect of its request and is kept for a day.
"""

from alembic import op

revision = "0004"
down_revision = "0003"

KEYS = (
    """
    ALTER TABLE api_key
        ADD COLUMN expires_at timestamptz,
        ADD COLUMN last_used_on date,
        ADD COLUMN rate_per_minute int CHECK (rate_per_minute >= 0),
        ADD COLUMN rate_burst int CHECK (rate_burst >= 0)
    """,
    "CREATE INDEX api_key_of_brand ON api_key (brand_id, created_at, key_id)",
)

ANSWERS = (
    """
    CREATE TABLE given_answer (
        brand_id int NOT NULL,
        key_hash bytea NOT NULL CHECK (length(key_hash) = 32),
        fingerprint bytea NOT NULL CHECK (length(fingerprint) = 32),
        given_at timestamptz NOT NULL,
        status int,
        media_type text,
        body bytea,
        PRIMARY KEY (brand_id, key_hash)
    )
    """,
    "COMMENT ON TABLE given_answer IS 'local: what requests with an Idempotency-Key were answered'",
    "CREATE INDEX given_answer_by_time ON given_answer (given_at)",
)

STATEMENTS = KEYS + ANSWERS


def upgrade() -> None:
    """Add them, one statement at a time."""
    for statement in STATEMENTS:
        op.execute(statement)
