"""Special standing for the desk's lists: deaths, insolvencies and vulnerability beside cases, what ends a case, pauses by their last day, disputes of identity.

Revision ID: 0009
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

CASES_BEFORE = "kind = 'promise' OR kind = 'dispute_opened' OR kind = 'complaint_opened' OR kind = 'hardship_requested'"
CASES = CASES_BEFORE + " OR kind = 'vulnerable' OR kind = 'deceased' OR kind = 'bankruptcy'"
ENDS = " OR ".join(
    f"kind = '{kind}'"
    for kind in ("dispute_closed", "complaint_closed", "hardship_granted", "hardship_refused", "pause_ended")
)
PAUSES = "kind = 'hardship_granted' OR kind = 'breathing_space'"
UNTIL = {
    "sqlite": "coalesce(json_extract(data, '$.until'), '9999-12-31')",
    "postgresql": r"""coalesce(substring(data, '"until"\s*:\s*"([^"]*)"'), '9999-12-31')""",
}
OF_IDENTITY = {
    "sqlite": """kind = 'dispute_opened' AND instr(data, '"identity_theft"') > 0""",
    "postgresql": """kind = 'dispute_opened' AND strpos(data, '"identity_theft"') > 0""",
}


def upgrade() -> None:
    """Make the index of cases anew, and the three others."""
    dialect = op.get_bind().dialect.name
    _index_cases(CASES)
    _index("events_of_ends", ["kind", "account_id", "at"], ENDS)
    _index("pauses_by_day", ["kind", sa.text(UNTIL[dialect]), "account_id"], PAUSES)
    _index("disputes_of_identity", ["at", "account_id"], OF_IDENTITY[dialect])


def downgrade() -> None:
    """The indexes as they were."""
    op.drop_index("disputes_of_identity", "events")
    op.drop_index("pauses_by_day", "events")
    op.drop_index("events_of_ends", "events")
    _index_cases(CASES_BEFORE)


def _index_cases(condition: str) -> None:
    op.drop_index("events_of_cases", "events")
    _index("events_of_cases", ["kind", "at", "account_id"], condition)


def _index(name: str, columns: Sequence[str | sa.TextClause], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, "events", columns, postgresql_where=where, sqlite_where=where)
