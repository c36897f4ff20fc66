"""Which versions of a programme run their challenges: releases before kept the section and did not decide it.

What was decided stays decided: a version that was published then goes on without them, in replay too.
Published again, the same document becomes a version that runs them.
"""

from alembic import op

revision = "0010"
down_revision = "0009"

STATEMENTS = ("ALTER TABLE program_version ADD COLUMN runs_challenges boolean NOT NULL DEFAULT false",)


def upgrade() -> None:
    """Add the column."""
    for statement in STATEMENTS:
        op.execute(statement)
