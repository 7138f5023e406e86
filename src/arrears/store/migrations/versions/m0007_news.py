"""Who is told of facts, and what they are still to be told.

Revision ID: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from arrears.store.migrations.kinds import INSTANT, SEQ

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "subscribers",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("kinds", sa.Text),
        sa.Column("since", INSTANT, nullable=False),
    )
    op.create_table(
        "news",
        sa.Column("number", SEQ, primary_key=True, autoincrement=True),
        sa.Column("subscriber", sa.Text, nullable=False),
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("event_id", sa.Text, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("available_at", INSTANT),
        sa.Column("failing_since", INSTANT),
        sa.Column("lease_by", sa.Text),
        sa.Column("lease_until", INSTANT),
        sa.Column("reason", sa.Text),
    )
    op.create_index("news_to_claim", "news", ["subscriber", "state", "number"])
    op.create_index("news_by_account", "news", ["subscriber", "account_id", "number"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("news")
    op.drop_table("subscribers")
