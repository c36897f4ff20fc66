"""Leaderboards: what members scored, how a period that is over ended, and the secret of the pseudonyms.

Scores follow from the journal. A result is written once, when a period is over, and never changed: what comes
late amends scores, and no result.
"""

from alembic import op

revision = "0017"
down_revision = "0016"

STATEMENTS = (
    """
    CREATE TABLE board_score (
        brand_id int NOT NULL REFERENCES brand,
        bucket int NOT NULL CHECK (bucket BETWEEN 0 AND 1023),
        board text NOT NULL,
        moment timestamptz NOT NULL,
        member_id uuid NOT NULL,
        score numeric NOT NULL,
        segment text NOT NULL,
        is_shown boolean NOT NULL,
        PRIMARY KEY (brand_id, bucket, board, moment, member_id)
    ) WITH (fillfactor = 80)
    """,
    "COMMENT ON TABLE board_score IS 'bucketed: what a member scored on a leaderboard in a period'",
    """
    CREATE INDEX board_score_ranking ON board_score (brand_id, board, moment, segment, score DESC)
    WHERE is_shown
    """,
    """
    CREATE TABLE board_close (
        brand_id int NOT NULL REFERENCES brand,
        board text NOT NULL,
        moment timestamptz NOT NULL,
        ended_at timestamptz NOT NULL,
        PRIMARY KEY (brand_id, board, moment)
    )
    """,
    "COMMENT ON TABLE board_close IS 'reference: periods of leaderboards that are over, with their results'",
    """
    CREATE TABLE board_result (
        brand_id int NOT NULL REFERENCES brand,
        bucket int NOT NULL CHECK (bucket BETWEEN 0 AND 1023),
        board text NOT NULL,
        moment timestamptz NOT NULL,
        member_id uuid NOT NULL,
        segment text NOT NULL,
        rank int NOT NULL CHECK (rank > 0),
        score numeric NOT NULL,
        is_given boolean NOT NULL,
        PRIMARY KEY (brand_id, bucket, board, moment, member_id)
    ) WITH (fillfactor = 80)
    """,
    "COMMENT ON TABLE board_result IS 'bucketed: at which rank a member ended, and if the prize was given'",
    "CREATE INDEX board_result_ranking ON board_result (brand_id, board, moment, segment, rank)",
    "CREATE INDEX board_result_to_give ON board_result (brand_id, board, moment) WHERE NOT is_given",
    """
    CREATE TABLE board_secret (
        brand_id int NOT NULL REFERENCES brand,
        secret bytea NOT NULL,
        PRIMARY KEY (brand_id)
    )
    """,
    "COMMENT ON TABLE board_secret IS 'reference: what pseudonyms on leaderboards are made with'",
)


def upgrade() -> None:
    """Create them."""
    for statement in STATEMENTS:
        op.execute(statement)
