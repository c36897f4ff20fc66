"""The first tables: brands, API keys, and whom we know.

Each table says in its comment what kind it is: `bucketed` (member-keyed, its primary key starts with
brand_id and bucket), `reference` (small, rarely written, everywhere) or `local` (this installation's).
"""

from alembic import op

revision = "0001"
down_revision = None

BRAND = (
    """
    CREATE TABLE brand (
        brand_id int PRIMARY KEY,
        name text NOT NULL UNIQUE,
        clock text NOT NULL CHECK (clock IN ('wall', 'events')),
        clock_at timestamptz,
        created_at timestamptz NOT NULL
    )
    """,
    "COMMENT ON TABLE brand IS 'reference: whose programmes and members these are, and what its time is'",
)

ACCESS = (
    """
    CREATE TABLE api_key (
        key_id text PRIMARY KEY,
        brand_id int NOT NULL REFERENCES brand,
        name text NOT NULL,
        scopes text[] NOT NULL,
        secret_hash bytea NOT NULL CHECK (length(secret_hash) = 32),
        created_at timestamptz NOT NULL,
        revoked_at timestamptz
    )
    """,
    "COMMENT ON TABLE api_key IS 'reference: who may knock, and what for; secrets are kept as SHA-256 only'",
)

MEMBERS = (
    """
    CREATE TABLE member_alias (
        brand_id int NOT NULL,
        kind text NOT NULL,
        value text NOT NULL,
        bucket int NOT NULL CHECK (bucket BETWEEN 0 AND 1023),
        member_id uuid NOT NULL,
        claimed_at timestamptz NOT NULL,
        PRIMARY KEY (brand_id, kind, value)
    )
    """,
    "COMMENT ON TABLE member_alias IS 'reference: by which e-mail, card or other name a member is known'",
    """
    CREATE TABLE member_profile (
        brand_id int NOT NULL,
        bucket int NOT NULL CHECK (bucket BETWEEN 0 AND 1023),
        member_id uuid NOT NULL,
        name text,
        email text,
        phone text,
        data json NOT NULL,
        updated_at timestamptz NOT NULL,
        PRIMARY KEY (brand_id, bucket, member_id)
    )
    """,
    "COMMENT ON TABLE member_profile IS 'bucketed: personal data, apart from the journal so that it can go'",
    """
    CREATE TABLE consent (
        brand_id int NOT NULL,
        bucket int NOT NULL CHECK (bucket BETWEEN 0 AND 1023),
        member_id uuid NOT NULL,
        number int NOT NULL CHECK (number > 0),
        kind text NOT NULL,
        granted boolean NOT NULL,
        text_version text NOT NULL,
        recorded_at timestamptz NOT NULL,
        source text NOT NULL,
        PRIMARY KEY (brand_id, bucket, member_id, number)
    )
    """,
    "COMMENT ON TABLE consent IS 'bucketed: what a member agreed to or took back; rows are only ever added'",
)

STATEMENTS = BRAND + ACCESS + MEMBERS


def upgrade() -> None:
    """Create them, one statement at a time."""
    for statement in STATEMENTS:
        op.execute(statement)
