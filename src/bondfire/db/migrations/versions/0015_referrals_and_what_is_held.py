"""Who invited whom, what is held for a person, and payments of referrals among what is carried on.

`referral` is by the member who was invited, `sign_up` by the one who invited. All of it is read out of the
journal, and `referral_position` and `review_position` say how far.
"""

from alembic import op

revision = "0015"
down_revision = "0014"

STATEMENTS = (
    "DROP INDEX journal_transfers",
    """
    CREATE INDEX journal_transfers ON journal (brand_id, bucket, seq)
    WHERE (type = 'points.sent' AND outcome = 'accepted')
        OR (type = 'points.received' AND outcome = 'refused')
        OR (type IN ('referral.checked', 'referral.approved') AND outcome = 'accepted')
    """,
    """
    CREATE TABLE referral (
        brand_id int NOT NULL REFERENCES brand,
        bucket int NOT NULL CHECK (bucket BETWEEN 0 AND 1023),
        member_id uuid NOT NULL,
        referrer_id uuid NOT NULL,
        claimed_at timestamptz NOT NULL,
        stage text NOT NULL,
        is_held boolean NOT NULL,
        reasons text NOT NULL,
        order_number text NOT NULL,
        decision text NOT NULL,
        check_at timestamptz,
        PRIMARY KEY (brand_id, bucket, member_id)
    )
    """,
    "COMMENT ON TABLE referral IS 'bucketed: by whom a member was invited, and how far that has come'",
    "CREATE INDEX referral_held ON referral (brand_id, claimed_at, member_id) WHERE is_held",
    "CREATE INDEX referral_to_check ON referral (brand_id, check_at, member_id) WHERE check_at IS NOT NULL",
    """
    CREATE TABLE sign_up (
        brand_id int NOT NULL REFERENCES brand,
        bucket int NOT NULL CHECK (bucket BETWEEN 0 AND 1023),
        member_id uuid NOT NULL,
        referred_id uuid NOT NULL,
        claimed_at timestamptz NOT NULL,
        PRIMARY KEY (brand_id, bucket, member_id, referred_id)
    )
    """,
    "COMMENT ON TABLE sign_up IS 'bucketed: whom a member has invited'",
    """
    CREATE TABLE referral_position (
        brand_id int NOT NULL REFERENCES brand,
        bucket int NOT NULL CHECK (bucket BETWEEN 0 AND 1023),
        seq bigint NOT NULL,
        PRIMARY KEY (brand_id, bucket)
    ) WITH (fillfactor = 50)
    """,
    "COMMENT ON TABLE referral_position IS 'bucketed: the row whose news of referrals was read last'",
    """
    CREATE TABLE held_award (
        brand_id int NOT NULL REFERENCES brand,
        bucket int NOT NULL CHECK (bucket BETWEEN 0 AND 1023),
        member_id uuid NOT NULL,
        lot bigint NOT NULL,
        unit text NOT NULL,
        rule text NOT NULL,
        amount numeric NOT NULL,
        reason text NOT NULL,
        held_at timestamptz NOT NULL,
        PRIMARY KEY (brand_id, bucket, member_id, lot)
    )
    """,
    "COMMENT ON TABLE held_award IS 'bucketed: what was earned beyond a limit and waits for a person'",
    "CREATE INDEX held_award_oldest ON held_award (brand_id, held_at, member_id, lot)",
    """
    CREATE TABLE review_position (
        brand_id int NOT NULL REFERENCES brand,
        bucket int NOT NULL CHECK (bucket BETWEEN 0 AND 1023),
        seq bigint NOT NULL,
        PRIMARY KEY (brand_id, bucket)
    ) WITH (fillfactor = 50)
    """,
    "COMMENT ON TABLE review_position IS 'bucketed: the row whose news of held awards was read last'",
    """
    CREATE TABLE tracked_code (
        brand_id int NOT NULL REFERENCES brand,
        code text NOT NULL,
        member_id uuid NOT NULL,
        campaign text NOT NULL,
        created_at timestamptz NOT NULL,
        PRIMARY KEY (brand_id, code)
    )
    """,
    "COMMENT ON TABLE tracked_code IS 'reference: the codes of creators by which orders come'",
    """
    CREATE TABLE attribution (
        brand_id int NOT NULL REFERENCES brand,
        bucket int NOT NULL CHECK (bucket BETWEEN 0 AND 1023),
        member_id uuid NOT NULL,
        order_number text NOT NULL,
        creator_id uuid NOT NULL,
        code text NOT NULL,
        campaign text NOT NULL,
        total numeric NOT NULL,
        due_at timestamptz NOT NULL,
        is_open boolean NOT NULL,
        PRIMARY KEY (brand_id, bucket, member_id, order_number)
    )
    """,
    "COMMENT ON TABLE attribution IS 'bucketed: orders that a code has brought, by who bought'",
    "CREATE INDEX attribution_due ON attribution (brand_id, due_at) WHERE is_open",
    """
    CREATE TABLE creator_content (
        brand_id int NOT NULL REFERENCES brand,
        bucket int NOT NULL CHECK (bucket BETWEEN 0 AND 1023),
        member_id uuid NOT NULL,
        content text NOT NULL,
        url text NOT NULL,
        campaign text NOT NULL,
        authenticity text NOT NULL,
        submitted_at timestamptz NOT NULL,
        state text NOT NULL,
        PRIMARY KEY (brand_id, bucket, member_id, content)
    )
    """,
    "COMMENT ON TABLE creator_content IS 'bucketed: what creators submitted, and what was decided'",
    """
    CREATE INDEX creator_content_waiting ON creator_content (brand_id, submitted_at) WHERE state = 'submitted'
    """,
    """
    CREATE TABLE creator_position (
        brand_id int NOT NULL REFERENCES brand,
        bucket int NOT NULL CHECK (bucket BETWEEN 0 AND 1023),
        seq bigint NOT NULL,
        PRIMARY KEY (brand_id, bucket)
    ) WITH (fillfactor = 50)
    """,
    "COMMENT ON TABLE creator_position IS 'bucketed: the row whose news of creators was read last'",
)


def upgrade() -> None:
    """Create them."""
    for statement in STATEMENTS:
        op.execute(statement)
