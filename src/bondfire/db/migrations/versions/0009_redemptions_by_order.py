"""What paid an order is found by the order: its return gives it back."""

from alembic import op

revision = "0009"
down_revision = "0006"

STATEMENTS = (
    """
    CREATE INDEX redemption_of_order
    ON redemption (brand_id, bucket, member_id, order_number) WHERE order_number <> ''
    """,
)


def upgrade() -> None:
    """Add it."""
    for statement in STATEMENTS:
        op.execute(statement)
