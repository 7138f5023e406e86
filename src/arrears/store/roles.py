"""What a role of PostgreSQL may do that runs the service: add facts and work the outbox; never change a fact, a seal or a table.

The role that owns the tables migrates, seals the log, erases people and rotates keys; nothing that runs day and night needs to connect as it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from arrears.errors import refuse

if TYPE_CHECKING:
    from arrears.store.connect import Store

#: By what may be done: the tables.
RIGHTS = {
    "SELECT, INSERT": (
        "accounts", "instalments", "people", "events", "terms", "imports", "person_keys", "reach", "notices", "views",
    ),
    "SELECT, INSERT, UPDATE": ("outbox", "attempts", "stops", "queue", "posted", "staff", "approvals"),
    "SELECT, INSERT, DELETE": ("desk_nights", "desk_cells", "desk_accounts", "api_answers"),
    "SELECT, INSERT, UPDATE, DELETE": ("sessions", "one_time_codes", "subscribers", "news"),
    "SELECT": ("seals", "alembic_version"),
}  # fmt: skip
_NUMBERED = {
    **dict.fromkeys(("accounts", "instalments", "people", "events", "terms", "imports"), "seq"),
    **dict.fromkeys(("stops", "queue", "views", "approvals", "desk_nights", "news"), "number"),
}


def statements(role: str) -> list[str]:
    """The statements that give a role its rights, and take every other right away from it."""
    name = quoted(role)
    every = [table for tables in RIGHTS.values() for table in tables]
    sequences = ", ".join(f"{table}_{column}_seq" for table, column in _NUMBERED.items())
    return [
        f"GRANT USAGE ON SCHEMA public TO {name}",
        f"REVOKE ALL ON {', '.join(every)} FROM {name}",
        *(f"GRANT {rights} ON {', '.join(tables)} TO {name}" for rights, tables in RIGHTS.items()),
        f"GRANT USAGE, SELECT ON SEQUENCE {sequences} TO {name}",
    ]


def grant(store: Store, role: str) -> None:
    """Give a role that is there its rights. Refusal on SQLite, which has no roles, and for a role that is not there."""
    if store.dialect != "postgresql":
        raise refuse(
            "store", "has no roles: it is a file", file=store.name, exit_code=2, todo="use the rights of files"
        )
    with store.begin() as connection:
        there = connection.exec_driver_sql("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).first()
        if there is None:
            raise refuse("store", "has no such role", file=store.name, value=role, exit_code=2,
                         todo="make it first: CREATE ROLE … LOGIN")  # fmt: skip
        for statement in statements(role):
            connection.exec_driver_sql(statement)


def quoted(name: str) -> str:
    """A name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'
