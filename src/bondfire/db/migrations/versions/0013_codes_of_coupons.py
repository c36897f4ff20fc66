"""Codes of coupons, as hashes, and how often each coupon was claimed where the programme limits that.

A code is claimed by whoever brings it, in whichever bucket they are, so both tables are apart from members: a
claim is one guarded UPDATE of one row, behind the lock of the member's bucket.
"""

from alembic import op

revision = "0013"
down_revision = "0012"

STATEMENTS = (
    """
    CREATE TABLE coupon_code (
        brand_id int NOT NULL REFERENCES brand,
        hashed bytea NOT NULL,
        coupon text NOT NULL,
        batch text NOT NULL,
        member_id uuid,
        most int CHECK (most > 0),
        uses int NOT NULL DEFAULT 0 CHECK (uses >= 0),
        created_at timestamptz NOT NULL,
        expires_at timestamptz,
        revoked_at timestamptz,
        PRIMARY KEY (brand_id, hashed)
    ) WITH (fillfactor = 90)
    """,
    "CREATE INDEX coupon_code_batches ON coupon_code (brand_id, batch)",
    "COMMENT ON TABLE coupon_code IS 'reference: codes of coupons as hashes, and how often each was used'",
    """
    CREATE TABLE coupon_total (
        brand_id int NOT NULL REFERENCES brand,
        coupon text NOT NULL,
        uses bigint NOT NULL CHECK (uses >= 0),
        PRIMARY KEY (brand_id, coupon)
    ) WITH (fillfactor = 50)
    """,
    "COMMENT ON TABLE coupon_total IS 'reference: how often a coupon with a limit for everybody was claimed'",
)


def upgrade() -> None:
    """Create them."""
    for statement in STATEMENTS:
        op.execute(statement)
