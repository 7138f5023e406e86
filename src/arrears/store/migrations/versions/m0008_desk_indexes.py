"""Promises by the day they are due, for the desk's list of them; and on PostgreSQL calls and visits by what they are worth.

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
TAKEN_ONE_BY_ONE = "state = 'ready' AND (channel = 'call' OR channel = 'visit')"


def upgrade() -> None:
    """Make the indexes."""
    dialect = op.get_bind().dialect.name
    by, where = sa.text(BY[dialect]), sa.text(PROMISES)
    op.create_index("promises_by_day", "events", ["kind", by, "account_id"], postgresql_where=where, sqlite_where=where)
    if dialect == "postgresql":
        by_gain = sa.text("gain DESC NULLS LAST")
        where = sa.text(TAKEN_ONE_BY_ONE)
        op.create_index("outbox_by_gain", "outbox", ["channel", by_gain, "key"], postgresql_where=where)


def downgrade() -> None:
    """Drop them."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index("outbox_by_gain", "outbox")
    op.drop_index("promises_by_day", "events")
