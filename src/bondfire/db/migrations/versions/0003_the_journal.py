"""The journal of events with their decisions, and what is derived from it.

The journal is the one log: an event, its decision and the entries that were posted are one row, because each
further row costs more than everything in it. What stands beside it is what the next decision needs.
Each look-up of the hot path is one descent of one index, so there are as few of them as that needs.
Amounts are numeric without a scale: a unit says its own decimals. JSON is kept as text, which costs a
third of what jsonb costs to write, and is read back exactly as it was written.
"""

from alembic import op

revision = "0003"
down_revision = "0002"

JOURNAL = (
    """
    CREATE TABLE bucket_head (
        brand_id int NOT NULL REFERENCES brand,
        bucket int NOT NULL CHECK (bucket BETWEEN 0 AND 1023),
        next_seq bigint NOT NULL CHECK (next_seq > 0),
        PRIMARY KEY (brand_id, bucket)
    ) WITH (fillfactor = 50)
    """,
    "COMMENT ON TABLE bucket_head IS 'bucketed: who locks this row owns the bucket until the commit'",
    """
    CREATE TABLE journal (
        brand_id int NOT NULL,
        bucket int NOT NULL,
        seq bigint NOT NULL,
        member_id uuid NOT NULL,
        event_key uuid NOT NULL,
        order_key uuid,
        source text NOT NULL,
        event_id text NOT NULL,
        type text NOT NULL,
        occurred_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL,
        version int NOT NULL,
        known_version int NOT NULL,
        outcome text NOT NULL,
        first_entry bigint NOT NULL,
        entries int NOT NULL,
        body text NOT NULL,
        decision text NOT NULL,
        PRIMARY KEY (brand_id, bucket, seq),
        UNIQUE (brand_id, bucket, event_key)
    )
    """,
    "COMMENT ON TABLE journal IS 'bucketed: every event with its decision, once for ever; never changed'",
    "CREATE INDEX journal_order ON journal (brand_id, bucket, order_key) WHERE order_key IS NOT NULL",
    "CREATE INDEX journal_of_member ON journal (brand_id, bucket, member_id, seq)",
    "CREATE INDEX journal_unmatched ON journal (brand_id, occurred_at) WHERE outcome = 'unmatched'",
    """
    CREATE TABLE event_note (
        brand_id int NOT NULL,
        bucket int NOT NULL,
        member_id uuid NOT NULL,
        event_key uuid NOT NULL,
        body text NOT NULL,
        PRIMARY KEY (brand_id, bucket, member_id, event_key)
    )
    """,
    "COMMENT ON TABLE event_note IS 'bucketed: personal words of events, apart from the journal'",
)

BOOKS = (
    """
    CREATE TABLE lot (
        brand_id int NOT NULL,
        bucket int NOT NULL,
        member_id uuid NOT NULL,
        number bigint NOT NULL,
        unit text NOT NULL,
        amount numeric NOT NULL,
        remaining numeric NOT NULL CHECK (remaining >= 0),
        expired numeric NOT NULL CHECK (expired >= 0),
        is_open boolean NOT NULL,
        is_pending boolean NOT NULL,
        event_id text NOT NULL,
        rule text NOT NULL,
        entry bigint NOT NULL,
        earned_at timestamptz NOT NULL,
        available_at timestamptz NOT NULL,
        expires_at timestamptz,
        due_at timestamptz,
        PRIMARY KEY (brand_id, bucket, member_id, number)
    ) WITH (fillfactor = 85)
    """,
    """
    COMMENT ON TABLE lot IS
        'bucketed: what an award put into a wallet and what is left of it, once the state has no room for it'
    """,
    """
    CREATE INDEX lot_in_spending_order
    ON lot (brand_id, bucket, member_id, unit, is_pending, expires_at, earned_at, number) WHERE is_open
    """,
    "CREATE INDEX lot_due ON lot (brand_id, bucket, member_id, due_at) WHERE due_at IS NOT NULL",
)

MEMBERS = (
    """
    CREATE TABLE member_state (
        brand_id int NOT NULL,
        bucket int NOT NULL,
        member_id uuid NOT NULL,
        seq bigint NOT NULL,
        chain bytea NOT NULL CHECK (length(chain) = 16),
        due_at timestamptz,
        joined_at timestamptz,
        first_on date,
        last_on date,
        repeat_days int NOT NULL,
        orders int NOT NULL,
        order_total numeric NOT NULL,
        wallets text NOT NULL,
        body bytea NOT NULL,
        PRIMARY KEY (brand_id, bucket, member_id)
    ) WITH (fillfactor = 85)
    """,
    "COMMENT ON TABLE member_state IS 'bucketed: a member as the journal left them'",
    "CREATE INDEX member_due ON member_state (brand_id, bucket, due_at) WHERE due_at IS NOT NULL",
    """
    CREATE TABLE purchase (
        brand_id int NOT NULL,
        bucket int NOT NULL,
        member_id uuid NOT NULL,
        order_number text NOT NULL,
        body text NOT NULL,
        PRIMARY KEY (brand_id, bucket, member_id, order_number)
    ) WITH (fillfactor = 85)
    """,
    "COMMENT ON TABLE purchase IS 'bucketed: an order that something came back of, and how much'",
    """
    CREATE TABLE redemption (
        brand_id int NOT NULL,
        bucket int NOT NULL,
        member_id uuid NOT NULL,
        event_id text NOT NULL,
        source text NOT NULL,
        unit text NOT NULL,
        order_number text NOT NULL,
        is_open boolean NOT NULL,
        body text NOT NULL,
        PRIMARY KEY (brand_id, bucket, member_id, event_id, source)
    ) WITH (fillfactor = 85)
    """,
    "COMMENT ON TABLE redemption IS 'bucketed: a spending and which lot paid what'",
    "CREATE INDEX redemption_open ON redemption (brand_id, bucket, member_id, unit) WHERE is_open",
    """
    CREATE TABLE parked_return (
        brand_id int NOT NULL,
        bucket int NOT NULL,
        member_id uuid NOT NULL,
        order_number text NOT NULL,
        body text NOT NULL,
        PRIMARY KEY (brand_id, bucket, member_id, order_number)
    )
    """,
    "COMMENT ON TABLE parked_return IS 'bucketed: returns that came before their purchase and wait for it'",
    """
    CREATE TABLE cap_use (
        brand_id int NOT NULL,
        bucket int NOT NULL,
        member_id uuid NOT NULL,
        cap text NOT NULL,
        moment timestamptz NOT NULL,
        amount numeric NOT NULL CHECK (amount >= 0),
        PRIMARY KEY (brand_id, bucket, member_id, cap, moment)
    )
    """,
    "COMMENT ON TABLE cap_use IS 'bucketed: what was used of caps before the uses that a state still holds'",
)

REPLAYS = (
    """
    CREATE TABLE replay_progress (
        brand_id int NOT NULL REFERENCES brand,
        purpose text NOT NULL,
        bucket int NOT NULL,
        next_seq bigint NOT NULL,
        programs text NOT NULL,
        chains bytea NOT NULL,
        body text NOT NULL,
        PRIMARY KEY (brand_id, purpose, bucket)
    )
    """,
    "COMMENT ON TABLE replay_progress IS 'local: what an interrupted replay or verification has done'",
)

STATEMENTS = JOURNAL + BOOKS + MEMBERS + REPLAYS


def upgrade() -> None:
    """Create them, one statement at a time."""
    for statement in STATEMENTS:
        op.execute(statement)
