"""Types and triggers that the steps share. They do not change once a step that uses them has been released."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql")

_REFUSE = """
CREATE FUNCTION arrears_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'arrears: % is append-only, % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


def refuse_changes(tables: tuple[str, ...]) -> None:
    """Make tables append-only: triggers refuse UPDATE and DELETE, on PostgreSQL TRUNCATE as well."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_REFUSE)
        for table in tables:
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION arrears_append_only()"
            )
        return
    for table in tables:
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} BEGIN "
                f"SELECT RAISE(ABORT, 'arrears: {table} is append-only, {change} is refused'); END"
            )


def allow_changes(tables: tuple[str, ...]) -> None:
    """Take the triggers away again."""
    if op.get_bind().dialect.name == "postgresql":
        for table in tables:
            op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        op.execute("DROP FUNCTION arrears_append_only()")
        return
    for table in tables:
        for change in ("update", "delete"):
            op.execute(f"DROP TRIGGER {table}_no_{change}")
