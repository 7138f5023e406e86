"""What the API answered under an idempotency key, so that the same question again records nothing twice.

Revision ID: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from arrears.store.migrations.kinds import INSTANT

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "api_answers",
        sa.Column("client", sa.Text, primary_key=True),
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("operation", sa.Text, nullable=False),
        sa.Column("body_hash", sa.String(64), nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
    )
    op.create_index("api_answers_by_age", "api_answers", ["made_at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("api_answers")
