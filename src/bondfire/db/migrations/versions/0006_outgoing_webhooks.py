"""Outgoing webhooks: who hears what, how far they have heard, what waits, and what became of each attempt.

A queue is one member before one endpoint: its row is there while something waits, and whoever changes what
waits holds that row, so the order of a member's deliveries has one guardian. Deliveries hold the announcement
as it was collected, and no personal data.
"""

from alembic import op

revision = "0006"
down_revision = "0005"

ENDPOINTS = (
    """
    CREATE TABLE webhook_endpoint (
        endpoint_id uuid PRIMARY KEY,
        brand_id int NOT NULL REFERENCES brand,
        url text NOT NULL,
        description text NOT NULL,
        types text[] NOT NULL,
        may_private boolean NOT NULL,
        state text NOT NULL CHECK (state IN ('active', 'disabled', 'removed')),
        reason text NOT NULL,
        state_at timestamptz NOT NULL,
        created_at timestamptz NOT NULL,
        secret bytea NOT NULL,
        previous_secret bytea,
        previous_until timestamptz,
        strikes int NOT NULL,
        failing_since timestamptz,
        rests_until timestamptz
    )
    """,
    "COMMENT ON TABLE webhook_endpoint IS 'reference: who hears what a brand announces, and how it fares'",
    """
    CREATE TABLE webhook_position (
        brand_id int NOT NULL,
        bucket int NOT NULL CHECK (bucket BETWEEN 0 AND 1023),
        endpoint_id uuid NOT NULL,
        seq bigint NOT NULL CHECK (seq >= 0),
        PRIMARY KEY (brand_id, bucket, endpoint_id)
    ) WITH (fillfactor = 50)
    """,
    "COMMENT ON TABLE webhook_position IS 'bucketed: the row of the journal an endpoint has heard last'",
)

DELIVERIES = (
    """
    CREATE TABLE webhook_queue (
        brand_id int NOT NULL,
        bucket int NOT NULL,
        endpoint_id uuid NOT NULL,
        member_id uuid NOT NULL,
        due_at timestamptz NOT NULL,
        PRIMARY KEY (brand_id, bucket, endpoint_id, member_id)
    ) WITH (fillfactor = 70)
    """,
    "COMMENT ON TABLE webhook_queue IS 'bucketed: for whom something waits, and when the first of it is due'",
    "CREATE INDEX webhook_queue_due ON webhook_queue (brand_id, endpoint_id, due_at, bucket, member_id)",
    """
    CREATE TABLE webhook_delivery (
        brand_id int NOT NULL,
        bucket int NOT NULL CHECK (bucket BETWEEN 0 AND 1023),
        delivery_id uuid NOT NULL,
        endpoint_id uuid NOT NULL,
        member_id uuid NOT NULL,
        seq bigint NOT NULL,
        line int NOT NULL,
        type text NOT NULL,
        body text NOT NULL,
        source text NOT NULL,
        event_type text NOT NULL,
        occurred_at timestamptz NOT NULL,
        created_at timestamptz NOT NULL,
        state text NOT NULL CHECK (state IN ('waiting', 'delivered', 'given_up')),
        attempts int NOT NULL,
        tries int NOT NULL,
        done_at timestamptz,
        PRIMARY KEY (brand_id, bucket, delivery_id),
        CHECK ((done_at IS NULL) = (state = 'waiting'))
    ) WITH (fillfactor = 85)
    """,
    "COMMENT ON TABLE webhook_delivery IS 'bucketed: one announcement for one endpoint'",
    """
    CREATE INDEX webhook_delivery_waiting
    ON webhook_delivery (brand_id, bucket, endpoint_id, member_id, seq, line) WHERE state = 'waiting'
    """,
    """
    CREATE INDEX webhook_delivery_by_endpoint
    ON webhook_delivery (brand_id, endpoint_id, created_at, delivery_id)
    """,
    """
    CREATE INDEX webhook_delivery_by_member
    ON webhook_delivery (brand_id, bucket, member_id, created_at, delivery_id)
    """,
    """
    CREATE INDEX webhook_delivery_done ON webhook_delivery (brand_id, done_at) WHERE done_at IS NOT NULL
    """,
    """
    CREATE TABLE webhook_attempt (
        brand_id int NOT NULL,
        bucket int NOT NULL,
        delivery_id uuid NOT NULL,
        number int NOT NULL CHECK (number > 0),
        attempted_at timestamptz NOT NULL,
        status int,
        error text NOT NULL,
        took_ms int NOT NULL,
        answer text NOT NULL,
        PRIMARY KEY (brand_id, bucket, delivery_id, number)
    )
    """,
    "COMMENT ON TABLE webhook_attempt IS 'bucketed: what the receiver said to one attempt of a delivery'",
)

WORK = (
    """
    CREATE TABLE webhook_lease (
        number int PRIMARY KEY,
        holder text NOT NULL,
        until timestamptz NOT NULL
    )
    """,
    "COMMENT ON TABLE webhook_lease IS 'local: which worker delivers for a range of buckets, and until when'",
    """
    CREATE TABLE webhook_worker (
        worker text PRIMARY KEY,
        seen_at timestamptz NOT NULL
    )
    """,
    "COMMENT ON TABLE webhook_worker IS 'local: workers that deliver, so that they share the ranges fairly'",
)

MEMBERS = ("CREATE INDEX member_alias_by_member ON member_alias (brand_id, member_id)",)

STATEMENTS = ENDPOINTS + DELIVERIES + WORK + MEMBERS


def upgrade() -> None:
    """Create the tables."""
    for statement in STATEMENTS:
        op.execute(statement)
