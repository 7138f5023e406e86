"""What the desk reads of a night, quickly: its list, the counts behind its filters, its figures; and an index of the facts that open cases.

Revision ID: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from arrears.store.migrations.kinds import INSTANT, SEQ

revision = "0004"
down_revision = "0003"

CASES = "kind IN ('promise', 'dispute_opened', 'complaint_opened', 'hardship_requested')"


def upgrade() -> None:
    """Make the tables and the index."""
    for make in (_nights, _cells, _accounts):
        make()
    where = sa.text(CASES)
    op.create_index(
        "events_of_cases", "events", ["kind", "at", "account_id"], postgresql_where=where, sqlite_where=where
    )
    op.create_index("outbox_of_night", "outbox", ["night", "channel", "state"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("outbox_of_night", "outbox")
    op.drop_index("events_of_cases", "events")
    for table in ("desk_accounts", "desk_cells", "desk_nights"):
        op.drop_table(table)


def _nights() -> None:
    op.create_table(
        "desk_nights",
        sa.Column("number", SEQ, primary_key=True, autoincrement=True),
        sa.Column("night", sa.Text, nullable=False, unique=True),
        sa.Column("planned_for", sa.Date, nullable=False),
        sa.Column("taken_at", INSTANT, nullable=False),
        sa.Column("accounts", sa.BigInteger, nullable=False),
        sa.Column("figures", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
    )


def _cells() -> None:
    op.create_table(
        "desk_cells",
        sa.Column("night_number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("cell", sa.Integer, primary_key=True, autoincrement=False),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("stage", "channel", "action", "days_band", "amount_band", "product", "currency")
        ),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("accounts", "past_due", "first_place")),
    )


def _accounts() -> None:
    op.create_table(
        "desk_accounts",
        sa.Column("night_number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("place", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("cell", sa.Integer, nullable=False),
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("days_past_due", sa.BigInteger, nullable=False),
        sa.Column("past_due", sa.BigInteger, nullable=False),
        sa.Column("gain", sa.Float),
        sa.Column("not_before", INSTANT),
        sa.Column("not_after", INSTANT),
        sa.Column("staff", sa.Text),
    )
    op.create_index("desk_accounts_by_cell", "desk_accounts", ["night_number", "cell", "place"])
