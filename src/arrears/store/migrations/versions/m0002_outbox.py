"""The outbox: work to be done, attempts, what was said, stop switches, what people must sort.

Revision ID: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from arrears.store.migrations.kinds import INSTANT, SEQ

revision = "0002"
down_revision = "0001"

TABLES = ("outbox", "attempts", "notices", "stops", "queue", "posted")


def upgrade() -> None:
    """Make the tables."""
    for make in (_outbox, _attempts, _notices, _stops, _queue, _posted):
        make()


def downgrade() -> None:
    """Drop the tables."""
    for table in TABLES:
        op.drop_table(table)


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("night", sa.Text, nullable=False),
        sa.Column("night_as_of", INSTANT, nullable=False),
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("person_id", sa.Text, nullable=False),
        sa.Column("slot", sa.SmallInteger, nullable=False),
        sa.Column("law", sa.Text, nullable=False),
        sa.Column("strategy", sa.Text, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("staff", sa.Text),
        sa.Column("gain", sa.Float),
        sa.Column("not_before", INSTANT, nullable=False),
        sa.Column("not_after", INSTANT, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("available_at", INSTANT, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("lease_by", sa.Text),
        sa.Column("lease_until", INSTANT),
        sa.Column("reason", sa.Text),
        sa.Column("changed_at", INSTANT, nullable=False),
    )
    op.create_index("outbox_by_account", "outbox", ["account_id"])
    op.create_index("outbox_by_night", "outbox", ["night", "state"])
    op.create_index("outbox_to_claim", "outbox", ["channel", "state", "available_at"])


def _attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("attempt_id", sa.String(36), primary_key=True),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("person_id", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("event_id", sa.Text, nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("answered_at", INSTANT),
        sa.Column("answer", sa.Text),
        sa.Column("provider_ref", sa.Text),
        sa.Column("detail", sa.Text),
        sa.Column("delivered", sa.Text),
        sa.Column("looked_up", sa.Integer, nullable=False),
    )
    op.create_index("attempts_by_ref", "attempts", ["channel", "provider_ref"])
    op.create_index("attempts_by_work", "attempts", ["key"])
    op.create_index("attempts_open", "attempts", ["answer", "started_at"])


def _notices() -> None:
    op.create_table(
        "notices",
        sa.Column("code_hash", sa.String(64), primary_key=True),
        sa.Column("attempt_id", sa.String(36), nullable=False),
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("person_id", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("template", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("text_hash", sa.Text, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("signature", sa.Text),
        sa.Column("sealed", sa.LargeBinary),
    )
    op.create_index("notices_by_person", "notices", ["person_id"])


def _stops() -> None:
    op.create_table(
        "stops",
        sa.Column("number", SEQ, primary_key=True, autoincrement=True),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.Column("set_by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("lifted_at", INSTANT),
        sa.Column("lifted_by", sa.Text),
    )
    op.create_index("stops_open", "stops", ["lifted_at", "scope", "subject"])


def _queue() -> None:
    op.create_table(
        "queue",
        sa.Column("number", SEQ, primary_key=True, autoincrement=True),
        sa.Column("queue", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False, unique=True),
        sa.Column("account_id", sa.Text),
        sa.Column("person_id", sa.Text),
        sa.Column("sort", sa.Text, nullable=False),
        sa.Column("content", sa.Text),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("queued_at", INSTANT, nullable=False),
        sa.Column("done_at", INSTANT),
        sa.Column("done_by", sa.Text),
        sa.Column("done_how", sa.Text),
    )
    op.create_index("queue_open", "queue", ["queue", "done_at"])


def _posted() -> None:
    op.create_table(
        "posted",
        sa.Column("attempt_id", sa.String(36), primary_key=True),
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("person_id", sa.Text, nullable=False),
        sa.Column("posted_at", INSTANT, nullable=False),
        sa.Column("read_at", INSTANT),
        sa.Column("sealed", sa.LargeBinary),
    )
    op.create_index("posted_by_person", "posted", ["person_id", "posted_at"])
