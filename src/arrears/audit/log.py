"""A contact log as one DuckDB table, whatever it came from: a book of ours, or anyone's CSV or Parquet file by a mapping.

The table `log` has one row for each event and debt: `n` (its place in time), `line`, the columns of `mapping.COLUMNS` (`at` as `made_at`, an instant; `zones` as
a list), and `who`, the person the event is about. Every unreadable cell is a finding with its line; a log with one is refused whole.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import polars as pl

from arrears.audit.mapping import COLUMNS, DEFAULTS, WORDS, LogMapping
from arrears.audit.quote import literal, name
from arrears.calendar import BUSINESS_ZONES
from arrears.errors import Finding, Refusal, refuse
from arrears.facts.book import Book, FolderBook, open_book
from arrears.facts.schema import TABLES

SHOWN = 20
PERSONAL = ("number",)
#: Names that SQL keeps for itself, and what the table `log` calls them.
SQL_NAMES = {"at": "made_at"}


def connect() -> Any:
    """A DuckDB connection in memory, in UTC, that loads nothing from elsewhere."""
    import duckdb

    connection = duckdb.connect()
    for setting in (
        "autoinstall_known_extensions = false", "autoload_known_extensions = false", "TimeZone = 'UTC'",
        "enable_progress_bar = false",
    ):  # fmt: skip
        connection.execute(f"SET {setting}")
    return connection


def read_log(connection: Any, source: Path | Book, mapping: LogMapping, law: str | None = None) -> int:
    """Make the table `log`; returns its rows. `law`: the law of rows that name none. Refusal with every fault found."""
    if isinstance(source, Path):
        path = source
        if path.is_dir():
            _from_book(connection, open_book(path))
        else:
            _from_file(connection, path, mapping)
    else:
        path = Path(source.name)
        _from_book(connection, source)
    _check(connection, path, law)
    _finish(connection, law)
    return int(connection.execute("SELECT count(*) FROM log").fetchone()[0])


# --- a book of ours -----------------------------------------------------------------------------------------


def _from_book(connection: Any, book: Book) -> None:
    def table(which: str) -> str:
        return _files(book, which) if isinstance(book, FolderBook) else _held(connection, book, which)

    people = f"SELECT *, {_optional(connection, table('people'), 'region', 'other_zones')} FROM {table('people')}"
    accounts = f"SELECT *, {_optional(connection, table('accounts'), 'lender_kind')} FROM {table('accounts')}"
    connection.execute(f"""
        CREATE TABLE raw AS
        WITH people AS ({people}), accounts AS ({accounts}),
        borrower AS (SELECT account_id, first(person_id) AS person_id FROM people WHERE role = 'borrower' GROUP BY ALL),
        said AS (
            SELECT event.*, coalesce(event.person_id, event.data ->> '$.to', borrower.person_id) AS who
            FROM {table("events")} AS event LEFT JOIN borrower USING (account_id)
        )
        SELECT said.account_id, said.event_id, accounts.borrower_id, said.who AS person_id,
            coalesce(said.data ->> '$.party', person.role::VARCHAR, 'borrower') AS role, said.at::VARCHAR AS made_at,
            said.kind::VARCHAR AS kind, said.channel::VARCHAR AS channel, said.direction::VARCHAR AS direction,
            said.outcome::VARCHAR AS outcome, said.data ->> '$.number' AS number, said.data ->> '$.place' AS place,
            said.data ->> '$.purpose' AS purpose, coalesce(said.data ->> '$.binds', CASE WHEN said.data ->> '$.by' IN ('agency', 'assignee') THEN said.data ->> '$.by' END) AS binds,
            accounts.law::VARCHAR AS law, person.region AS region, person.time_zone AS zone,
            array_to_string(list_prepend(person.time_zone, person.other_zones), ',') AS zones, accounts.product AS product,
            accounts.lender_kind AS lender_kind, said.data ->> '$.notice' AS notice, said.data ->> '$.until' AS until,
            said.data ->> '$.from' AS from_on,
            (said.data ->> '$.hours[0]') || '-' || (said.data ->> '$.hours[1]') AS hours, said.data ->> '$.invited' AS invited,
            row_number() OVER () AS line
        FROM said JOIN accounts USING (account_id)
        LEFT JOIN people AS person ON person.account_id = said.account_id AND person.person_id = said.who
    """)


def _files(book: FolderBook, which: str) -> str:
    """A table of a folder's book, as DuckDB reads it."""
    files = [str(file) for part in range(book.parts) if (file := book.file(part, which)) is not None]
    if not files:
        raise refuse("log", "is a book without facts", file=book.name, exit_code=2)
    return f"read_parquet([{', '.join(literal(file) for file in files)}], union_by_name = true)"


#: What is asked of a database: nothing of a person but where he is.
_HELD = {
    "accounts": tuple(TABLES["accounts"]), "events": tuple(TABLES["events"]),
    "people": ("account_id", "person_id", "role", "time_zone", "other_zones", "region"),
}  # fmt: skip


def _held(connection: Any, book: Book, which: str) -> str:
    """A table of a book that is in a database, taken over part by part."""
    there = connection.execute(f"SELECT 1 FROM duckdb_tables() WHERE table_name = 'held_{which}'").fetchone()
    if there is None:
        for part in range(book.parts):
            connection.register("rows_of_part", _Stream(book.read(part, which, _HELD[which])))
            begin = f"CREATE TABLE held_{which} AS" if part == 0 else f"INSERT INTO held_{which}"
            connection.execute(f"{begin} SELECT * FROM rows_of_part")
            connection.unregister("rows_of_part")
    return f"held_{which}"


class _Stream:
    """A frame by the Arrow C stream alone: handed the frame itself, DuckDB asks for pyarrow."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self.frame.__arrow_c_stream__(requested_schema)


def _optional(connection: Any, table: str, *columns: str) -> str:
    """Columns that older books lack, as nulls where they are not there."""
    there = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {table}").fetchall()}
    types = {"other_zones": "VARCHAR[]"}
    lacking = [f"NULL::{types.get(column, 'VARCHAR')} AS {column}" for column in columns if column not in there]
    return ", ".join(lacking) or "1 AS complete"


# --- anyone's file ------------------------------------------------------------------------------------------


def _from_file(connection: Any, path: Path, mapping: LogMapping) -> None:
    if not path.is_file():
        raise refuse("file", "is not there", file=str(path), exit_code=2)
    with tempfile.TemporaryDirectory() as folder:
        source = _source(path, mapping, Path(folder))
        try:
            there = [row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()]
        except Exception as error:
            what = f"cannot be read: {str(error).splitlines()[0]}"
            raise refuse("log", what, file=str(path), exit_code=2) from None
        wanted = [_column(column, there, mapping, path) for column in COLUMNS]
        connection.execute(
            f"CREATE TABLE raw AS SELECT {', '.join(wanted)}, row_number() OVER () + 1 AS line FROM {source}"
        )


def _source(path: Path, mapping: LogMapping, folder: Path) -> str:
    if path.suffix == ".parquet":
        return f"read_parquet({literal(str(path))})"
    readable = folder / "log.csv"
    try:
        readable.write_text(
            path.read_bytes().decode("utf-8-sig" if mapping.encoding == "utf-8" else mapping.encoding), "utf-8"
        )
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise refuse("encoding", f"is not {mapping.encoding}", file=str(path), line=line,
                     todo="name the encoding in the mapping") from None  # fmt: skip
    return f"read_csv({literal(str(readable))}, header = true, all_varchar = true, delim = {literal(mapping.delimiter)}, quote = '\"')"


def _column(column: str, there: list[str], mapping: LogMapping, path: Path) -> str:
    """One of our columns as SQL over theirs."""
    theirs = mapping.columns.get(column, column)
    if theirs not in there:
        if column in mapping.columns:
            raise refuse("missing_column", f"there is no column `{theirs}`", file=str(path), line=1, exit_code=2,
                         todo="correct the mapping")  # fmt: skip
        constant = mapping.constants.get(column, DEFAULTS.get(column))
        return f"{literal(constant) if constant is not None else 'NULL'}::VARCHAR AS {SQL_NAMES.get(column, column)}"
    value = f"nullif(trim({name(theirs)}::VARCHAR), '')"
    if column in mapping.values:
        cases = " ".join(f"WHEN {literal(word)} THEN {literal(ours)}" for word, ours in mapping.values[column].items())
        value = f"CASE {value} {cases} ELSE {value} END"
    if column == "at" and (mapping.at_form or mapping.at_zone):
        value = _at(value, mapping)
    if column in mapping.constants or column in DEFAULTS:
        value = f"coalesce({value}, {literal(mapping.constants.get(column, DEFAULTS.get(column)))})"
    return f"{value} AS {SQL_NAMES.get(column, column)}"


def _at(value: str, mapping: LogMapping) -> str:
    """A time in the mapping's form and zone as an instant in text; what cannot be read stays as it is, to be found."""
    local = (
        f"try_strptime({value}, {literal(mapping.at_form)})" if mapping.at_form else f"try_cast({value} AS TIMESTAMP)"
    )
    zone = mapping.at_zone or "UTC"
    return f"coalesce(timezone({literal(zone)}, {local})::VARCHAR, {value})"


# --- checks, and the table as the rules see it --------------------------------------------------------------


def _check(connection: Any, path: Path, law: str | None) -> None:
    findings: list[Finding] = []
    for column, known in WORDS.items():
        words = ", ".join(literal(word) for word in known)
        optional = f"{column} IS NOT NULL AND" if column not in ("kind",) else ""
        findings += _rows(connection, path, column, f"{optional} {column} NOT IN ({words})", "is not known")
    findings += _rows(
        connection, path, "at", "made_at IS NULL OR try_cast(made_at AS TIMESTAMPTZ) IS NULL", "is not an instant"
    )
    findings += _rows(connection, path, "account_id", "account_id IS NULL", "is missing")
    findings += _rows(connection, path, "channel", "kind = 'contact' AND channel IS NULL", "is missing")
    findings += _rows(
        connection, path, "until", "until IS NOT NULL AND try_cast(until[:10] AS DATE) IS NULL", "is not a date"
    )
    if law is None:
        findings += _rows(connection, path, "law", "law IS NULL", "is missing", "give --pack, or `constants: {law: …}`")
    if findings:
        raise Refusal(*findings)


def _rows(connection: Any, path: Path, column: str, wrong: str, what: str, todo: str = "") -> list[Finding]:
    rows = connection.execute(
        f"SELECT line, {SQL_NAMES.get(column, column)} FROM raw WHERE {wrong} ORDER BY line LIMIT {SHOWN}"
    ).fetchall()
    hidden = "…" if column in PERSONAL else None
    return [Finding("log", what, str(path), line, column, hidden or value or "", todo) for line, value in rows]


def _finish(connection: Any, law: str | None) -> None:
    zones = " ".join(f"WHEN {literal(word)} THEN {literal(zone)}" for word, zone in BUSINESS_ZONES.items())
    connection.execute(f"""
        CREATE TABLE log AS
        WITH typed AS (
            SELECT * REPLACE (made_at::TIMESTAMPTZ AS made_at, coalesce(law, {literal(law)}) AS law,
                CASE WHEN until IS NOT NULL THEN until[:10]::DATE END AS until,
                CASE WHEN from_on IS NOT NULL THEN from_on[:10]::DATE END AS from_on,
                coalesce(purpose, 'collection') AS purpose, coalesce(binds, 'lender') AS binds,
                coalesce(direction, 'out') AS direction, coalesce(role, 'borrower') AS role,
                coalesce(invited, 'false') = 'true' AS invited)
            FROM raw
        ), placed AS (
            SELECT * REPLACE (
                list_distinct(list_filter(string_split(coalesce(zones, ''), ',')
                    || [coalesce(zone, CASE coalesce(law, '') {zones} ELSE 'UTC' END)], lambda z: z <> '')) AS zones,
                coalesce(zone, CASE coalesce(law, '') {zones} ELSE 'UTC' END) AS zone)
            FROM typed
        )
        SELECT row_number() OVER (ORDER BY made_at, line) AS n, *, coalesce(event_id, 'row ' || line) AS event,
            coalesce(borrower_id, account_id) AS debtor,
            coalesce(person_id, CASE WHEN role = 'borrower' THEN 'borrower of ' || coalesce(borrower_id, account_id) ELSE 'row ' || line END) AS who,
            timezone(zone, made_at)::DATE AS day,
            try_cast(split_part(hours, '-', 1) AS TIME) AS hours_from, try_cast(split_part(hours, '-', 2) AS TIME) AS hours_until
        FROM placed
    """)
    connection.execute("DROP TABLE raw")
