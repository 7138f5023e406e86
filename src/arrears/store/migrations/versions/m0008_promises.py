"""Promises by the day they are due, for the desk's list of them.

Revision ID: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

BY = {
    "sqlite": "json_extract(data, '$.by')",
    "postgresql": r"""substring(data, '"by"\s*:\s*"([^"]*)"')""",
}
PROMISES = "kind = 'promise'"


def upgrade() -> None:
    """Make the index."""
    by, where = sa.text(BY[op.get_bind().dialect.name]), sa.text(PROMISES)
    op.create_index("promises_by_day", "events", ["kind", by, "account_id"], postgresql_where=where, sqlite_where=where)


def downgrade() -> None:
    """Drop it."""
    op.drop_index("promises_by_day", "events")
