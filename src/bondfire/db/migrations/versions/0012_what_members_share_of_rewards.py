"""What members share of rewards: how many are taken, who holds or waits, codes.

These are of no member alone, so they stand beside the journal; what a member got of them stands in it.
Nobody can read a code of ours here: there is only its SHA-256. A partner's code has to be shown to whoever
gets it, so it is kept as it is.
"""

from alembic import op

revision = "0012"
down_revision = "0011"

STATEMENTS = (
    """
    CREATE TABLE reward_stock (
        brand_id int NOT NULL REFERENCES brand,
        reward text NOT NULL,
        taken bigint NOT NULL CHECK (taken >= 0),
        waiting bigint NOT NULL CHECK (waiting >= 0),
        last_place bigint NOT NULL,
        PRIMARY KEY (brand_id, reward)
    ) WITH (fillfactor = 50)
    """,
    "COMMENT ON TABLE reward_stock IS 'reference: how many of a reward are claimed, and how many wait'",
    """
    CREATE TABLE reward_claim (
        brand_id int NOT NULL REFERENCES brand,
        redemption text NOT NULL,
        reward text NOT NULL,
        member_id uuid NOT NULL,
        quantity int NOT NULL CHECK (quantity > 0),
        place bigint,
        is_counted boolean NOT NULL,
        until timestamptz NOT NULL,
        PRIMARY KEY (brand_id, redemption)
    )
    """,
    "COMMENT ON TABLE reward_claim IS 'reference: rewards that are held, or waited for in a line'",
    "CREATE INDEX reward_claim_by_end ON reward_claim (brand_id, until)",
    "CREATE INDEX reward_claim_by_place ON reward_claim (brand_id, reward, place) WHERE place IS NOT NULL",
    """
    CREATE TABLE reward_code (
        brand_id int NOT NULL REFERENCES brand,
        code_hash bytea NOT NULL,
        reward text NOT NULL,
        member_id uuid NOT NULL,
        redemption text NOT NULL,
        PRIMARY KEY (brand_id, code_hash)
    )
    """,
    "COMMENT ON TABLE reward_code IS 'reference: tickets and vouchers that can be used, as hashes'",
    "CREATE UNIQUE INDEX reward_code_of ON reward_code (brand_id, redemption)",
    "CREATE INDEX reward_code_by_reward ON reward_code (brand_id, reward, redemption)",
    """
    CREATE TABLE partner_code (
        brand_id int NOT NULL REFERENCES brand,
        reward text NOT NULL,
        code text NOT NULL,
        redemption text,
        PRIMARY KEY (brand_id, reward, code)
    )
    """,
    "COMMENT ON TABLE partner_code IS 'reference: codes of partners as they are, and who got each'",
    "CREATE INDEX partner_code_free ON partner_code (brand_id, reward, code) WHERE redemption IS NULL",
    "CREATE INDEX partner_code_of ON partner_code (brand_id, redemption) WHERE redemption IS NOT NULL",
)


def upgrade() -> None:
    """Create them."""
    for statement in STATEMENTS:
        op.execute(statement)
