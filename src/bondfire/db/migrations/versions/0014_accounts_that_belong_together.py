"""Which accounts became part of another one, and which pool their points in a group.

Whoever means an account that became part of another finds the other. Points of a group stay with its members;
what is kept of a spending says who paid which part, so that a return gives it back to them. The index of
returns says which orders something came back of; it holds no other rows.
"""

from alembic import op

revision = "0014"
down_revision = "0013"

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
    """
    CREATE TABLE group_account (
        brand_id int NOT NULL,
        group_id uuid NOT NULL,
        kind text NOT NULL CHECK (kind IN ('household', 'company')),
        is_pooled boolean NOT NULL,
        created_at timestamptz NOT NULL,
        dissolved_at timestamptz,
        PRIMARY KEY (brand_id, group_id)
    )
    """,
    "COMMENT ON TABLE group_account IS 'reference: households and companies that spend together'",
    """
    CREATE TABLE group_member (
        brand_id int NOT NULL,
        group_id uuid NOT NULL,
        member_id uuid NOT NULL,
        role text NOT NULL CHECK (role IN ('owner', 'member', 'spender')),
        invited_at timestamptz NOT NULL,
        joined_at timestamptz,
        PRIMARY KEY (brand_id, group_id, member_id)
    )
    """,
    "COMMENT ON TABLE group_member IS 'reference: who is in a group, or is invited and has not said yes'",
    "CREATE UNIQUE INDEX group_of_member ON group_member (brand_id, member_id) WHERE joined_at IS NOT NULL",
    """
    CREATE TABLE group_spending (
        brand_id int NOT NULL,
        group_id uuid NOT NULL,
        source text NOT NULL,
        event_id text NOT NULL,
        member_id uuid NOT NULL,
        unit text NOT NULL,
        amount numeric NOT NULL CHECK (amount > 0),
        order_number text NOT NULL,
        occurred_at timestamptz NOT NULL,
        payers text NOT NULL,
        PRIMARY KEY (brand_id, group_id, source, event_id)
    )
    """,
    "COMMENT ON TABLE group_spending IS 'reference: what a group paid, for whom, and who paid which part'",
    """
    CREATE INDEX group_spending_of_order
    ON group_spending (brand_id, member_id, order_number) WHERE order_number <> ''
    """,
    """
    CREATE TABLE group_position (
        brand_id int NOT NULL,
        bucket int NOT NULL CHECK (bucket BETWEEN 0 AND 1023),
        seq bigint NOT NULL,
        PRIMARY KEY (brand_id, bucket)
    ) WITH (fillfactor = 50)
    """,
    "COMMENT ON TABLE group_position IS 'bucketed: the return whose payers in a group were told of it last'",
    """
    CREATE INDEX journal_returns ON journal (brand_id, bucket, seq)
    WHERE outcome = 'accepted' AND (
        type IN ('order.returned', 'order.cancelled')
        OR (type = 'order.placed' AND strpos(decision, '"settled"') > 0)
    )
    """,
)


def upgrade() -> None:
    """Create it."""
    for statement in STATEMENTS:
        op.execute(statement)
