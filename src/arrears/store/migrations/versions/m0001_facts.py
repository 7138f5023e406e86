"""Facts, the keys of people, and the log; what is recorded there cannot be changed.

Revision ID: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from arrears.store.migrations.kinds import INSTANT, SEQ, allow_changes, refuse_changes

revision = "0001"
down_revision = None

APPEND_ONLY = ("accounts", "instalments", "people", "events", "terms", "imports", "seals")


def upgrade() -> None:
    """Make the tables, then close them to changes."""
    for make in (_accounts, _instalments, _people, _events, _terms, _imports, _person_keys, _reach, _seals):
        make()
    refuse_changes(APPEND_ONLY)


def downgrade() -> None:
    """Drop the tables."""
    allow_changes(APPEND_ONLY)
    for table in (*APPEND_ONLY, "person_keys", "reach"):
        op.drop_table(table)


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("seq", SEQ, primary_key=True, autoincrement=True),
        sa.Column("account_id", sa.Text, nullable=False, unique=True),
        sa.Column("slot", sa.SmallInteger, nullable=False),
        sa.Column("borrower_id", sa.Text),
        sa.Column("product", sa.Text, nullable=False),
        sa.Column("law", sa.Text, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("principal", sa.BigInteger, nullable=False),
        sa.Column("opened_on", sa.Date, nullable=False),
        sa.Column("rate_ppm", sa.BigInteger),
        sa.Column("penalty_rate_ppm", sa.BigInteger),
        sa.Column("time_zone", sa.Text),
        sa.Column("lender_kind", sa.Text),
    )
    op.create_index("accounts_by_slot", "accounts", ["slot", "account_id"])


def _instalments() -> None:
    op.create_table(
        "instalments",
        sa.Column("seq", SEQ, primary_key=True, autoincrement=True),
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("slot", sa.SmallInteger, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("principal", sa.BigInteger, nullable=False),
        sa.Column("interest", sa.BigInteger, nullable=False),
        sa.Column("fee", sa.BigInteger, nullable=False),
    )
    op.create_index("instalments_by_account", "instalments", ["account_id", "number"], unique=True)
    op.create_index("instalments_by_slot", "instalments", ["slot"])


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("seq", SEQ, primary_key=True, autoincrement=True),
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("person_id", sa.Text, nullable=False),
        sa.Column("slot", sa.SmallInteger, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("language", sa.Text),
        sa.Column("time_zone", sa.Text),
        sa.Column("other_zones", sa.Text),
        sa.Column("region", sa.Text),
        sa.Column("sealed", sa.LargeBinary),
    )
    op.create_index("people_by_account", "people", ["account_id", "person_id"], unique=True)
    op.create_index("people_by_person", "people", ["person_id"])
    op.create_index("people_by_slot", "people", ["slot"])


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("seq", SEQ, primary_key=True, autoincrement=True),
        sa.Column("event_id", sa.Text, nullable=False),
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("slot", sa.SmallInteger, nullable=False),
        sa.Column("person_id", sa.Text),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("channel", sa.Text),
        sa.Column("direction", sa.Text),
        sa.Column("outcome", sa.Text),
        sa.Column("amount", sa.BigInteger),
        sa.Column("ref", sa.Text),
        sa.Column("data", sa.Text),
        sa.Column("sealed", sa.LargeBinary),
    )
    op.create_index("events_by_account", "events", ["account_id", "event_id"], unique=True)
    op.create_index("events_by_slot", "events", ["slot"])


def _terms() -> None:
    op.create_table(
        "terms",
        sa.Column("seq", SEQ, primary_key=True, autoincrement=True),
        sa.Column("product", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
    )


def _imports() -> None:
    op.create_table(
        "imports",
        sa.Column("seq", SEQ, primary_key=True, autoincrement=True),
        sa.Column("digest", sa.Text, nullable=False, unique=True),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
    )


def _person_keys() -> None:
    op.create_table(
        "person_keys",
        sa.Column("person_id", sa.Text, primary_key=True),
        sa.Column("master", sa.Text, nullable=False),
        sa.Column("wrapped", sa.LargeBinary),
        sa.Column("erased_at", INSTANT),
    )


def _reach() -> None:
    op.create_table(
        "reach",
        sa.Column("token", sa.String(64), primary_key=True),
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("person_id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
    )
    op.create_index("reach_by_person", "reach", ["person_id"])


def _seals() -> None:
    op.create_table(
        "seals",
        sa.Column("number", SEQ, primary_key=True, autoincrement=True),
        sa.Column("sealed_at", INSTANT, nullable=False),
        sa.Column("upto", sa.Text, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("previous", sa.Text, nullable=False),
        sa.Column("chain", sa.Text, nullable=False),
        sa.Column("signature", sa.Text),
    )
