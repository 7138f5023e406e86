"""Who signs in: staff, sessions, codes that are good once; who looked at what; and what takes two people.

Revision ID: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from arrears.store.migrations.kinds import INSTANT, SEQ

revision = "0003"
down_revision = "0002"

TABLES = ("staff", "sessions", "one_time_codes", "views", "approvals")


def upgrade() -> None:
    """Make the tables; views are closed to changes, by the function that closes facts."""
    for make in (_staff, _sessions, _one_time_codes, _views, _approvals):
        make()
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER views_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON views "
            "FOR EACH STATEMENT EXECUTE FUNCTION arrears_append_only()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER views_no_{change.lower()} BEFORE {change} ON views BEGIN "
            f"SELECT RAISE(ABORT, 'arrears: views is append-only, {change} is refused'); END"
        )


def downgrade() -> None:
    """Drop the tables, and with them their triggers."""
    for table in TABLES:
        op.drop_table(table)


def _staff() -> None:
    op.create_table(
        "staff",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("shown_name", sa.Text, nullable=False),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("totp_step", sa.BigInteger),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("wait_until", INSTANT),
        sa.Column("issuer", sa.Text),
        sa.Column("provider_subject", sa.Text),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("disabled_at", INSTANT),
    )
    op.create_index("staff_by_provider", "staff", ["issuer", "provider_subject"], unique=True)


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("session_hash", sa.String(64), primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
    )
    op.create_index("sessions_by_subject", "sessions", ["kind", "subject"])


def _one_time_codes() -> None:
    op.create_table(
        "one_time_codes",
        sa.Column("handle_hash", sa.String(64), primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text),
        sa.Column("code_hash", sa.String(64)),
        sa.Column("channel", sa.Text),
        sa.Column("answer", sa.Text),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT),
    )
    op.create_index("codes_by_age", "one_time_codes", ["expires_at"])
    op.create_index("codes_by_subject", "one_time_codes", ["kind", "subject", "made_at"])


def _views() -> None:
    op.create_table(
        "views",
        sa.Column("number", SEQ, primary_key=True, autoincrement=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("who_kind", sa.Text, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("page", sa.Text, nullable=False),
        sa.Column("session_hash", sa.String(64), nullable=False),
    )
    op.create_index("views_by_subject", "views", ["subject", "at"])
    op.create_index("views_by_who", "views", ["who", "at"])


def _approvals() -> None:
    op.create_table(
        "approvals",
        sa.Column("number", SEQ, primary_key=True, autoincrement=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("decided_by", sa.Text),
        sa.Column("decided_at", INSTANT),
        sa.Column("decision", sa.Text),
        sa.Column("decided_why", sa.Text),
    )
    op.create_index("approvals_by_subject", "approvals", ["subject"])
    op.create_index("approvals_open", "approvals", ["decided_at", "kind"])
