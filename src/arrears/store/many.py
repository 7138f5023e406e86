"""Many keys in one condition and many rows in one statement, past SQLAlchemy's parameter by parameter and row by row.

Only for rows whose columns are text, whole numbers, bytes and instants. What the database refuses it says as its driver does.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, String, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from arrears.store.tables import microseconds


def among(connection: Connection, column: Any, values: Collection[str]) -> ColumnElement[bool]:
    """The condition that a text column is one of many values: one parameter, so the statement is the same for any number of them."""
    if connection.dialect.name == "postgresql":
        told = bindparam(None, list(values), type_=ARRAY(String), unique=True)
        found: ColumnElement[bool] = column == any_(told)
        return found
    listed = func.json_each(json.dumps(list(values), ensure_ascii=False)).table_valued("value")
    within: ColumnElement[bool] = column.in_(select(listed.c.value))
    return within


def insert_many(connection: Connection, table: type[Any], rows: Sequence[Mapping[str, Any]]) -> None:
    """Append rows that name the same columns, by COPY on PostgreSQL; columns that are not named stay null."""
    if not rows:
        return
    names, name = list(rows[0]), table.__tablename__
    if connection.dialect.name == "postgresql":
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(f"COPY {name} ({', '.join(names)}) FROM STDIN") as copy:
            for values in map(itemgetter(*names), rows):
                copy.write_row(values)
        return
    statement = f"INSERT INTO {name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
    columns = (_kept([row[key] for row in rows]) for key in names)
    connection.exec_driver_sql(statement, list(zip(*columns, strict=True)))


def update_many(connection: Connection, table: type[Any], key: str, rows: Sequence[Mapping[str, Any]], at: Mapping[str, datetime]) -> None:  # fmt: skip
    """Change rows by their `key`: its value and the new text of other columns in each of `rows`, and the instants of all of them in `at`."""
    if not rows:
        return
    names, name = [one for one in rows[0] if one != key], table.__tablename__
    if connection.dialect.name == "postgresql":
        changes = [f"{one} = %s" for one in at] + [f"{one} = told.{one}" for one in names]
        arrays = ", ".join(["%s::text[]"] * (1 + len(names)))
        statement = (
            f"UPDATE {name} SET {', '.join(changes)} FROM unnest({arrays}) AS told ({', '.join([key, *names])})"
            f" WHERE {name}.{key} = told.{key}"
        )
        told = (*at.values(), *([row[one] for row in rows] for one in (key, *names)))
        connection.exec_driver_sql(statement, told)
        return
    statement = f"UPDATE {name} SET {', '.join(f'{one} = ?' for one in (*at, *names))} WHERE {key} = ?"
    instants = tuple(map(microseconds, at.values()))
    connection.exec_driver_sql(statement, [(*instants, *(row[one] for one in names), row[key]) for row in rows])


def _kept(column: list[Any]) -> list[Any]:
    """Values of a column as SQLite keeps them."""
    if not any(isinstance(value, datetime) for value in column):
        return column
    return [microseconds(value) if isinstance(value, datetime) else value for value in column]
