"""Indexes: the one of the facts that open cases by a condition that SQLite can use, and on SQLite none on slots but that of the accounts.

Revision ID: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

CASES = "kind = 'promise' OR kind = 'dispute_opened' OR kind = 'complaint_opened' OR kind = 'hardship_requested'"
CASES_BEFORE = "kind IN ('promise', 'dispute_opened', 'complaint_opened', 'hardship_requested')"
BY_SLOT = ("instalments", "people", "events")


def upgrade() -> None:
    """Make the index of cases anew; on SQLite drop those on slots."""
    _index_cases(CASES)
    if op.get_bind().dialect.name == "sqlite":
        for table in BY_SLOT:
            op.drop_index(f"{table}_by_slot", table)


def downgrade() -> None:
    """The indexes as they were."""
    _index_cases(CASES_BEFORE)
    if op.get_bind().dialect.name == "sqlite":
        for table in BY_SLOT:
            op.create_index(f"{table}_by_slot", table, ["slot"])


def _index_cases(condition: str) -> None:
    where = sa.text(condition)
    op.drop_index("events_of_cases", "events")
    op.create_index(
        "events_of_cases", "events", ["kind", "at", "account_id"], postgresql_where=where, sqlite_where=where
    )
