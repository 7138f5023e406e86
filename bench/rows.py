"""The rows of the table: what each measures, which function measures it, and which row of arrears it is set against."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass

from measured import Measured, Task


@dataclass(frozen=True)
class Row:
    """One row. `function` is `module:name`; `against` is the key of the arrears row that it is compared with; `per` what a thing is.

    `python`: options for the interpreter that measures it.
    """

    key: str
    title: str
    does: str
    function: str
    against: str = ""
    per: str = "accounts"
    python: tuple[str, ...] = ()

    def load(self) -> Callable[[Task], Measured]:
        """The function that measures the row; its libraries are imported with it."""
        module, _, name = self.function.partition(":")
        found: Callable[[Task], Measured] = getattr(importlib.import_module(module), name)
        return found


CUMULATIVE = "due amounts and days past due without penalty, oldest instalment first; no other events, no standing"

ROWS = (
    Row("kernel", "arrears: replay kernel", "position and standing, all of it; facts lie in memory, the compiled code is loaded", "arrears_rows:kernel"),
    Row("positions", "arrears: facts → positions", "Parquet to every column of position and standing", "arrears_rows:positions"),
    Row("positions_few", "arrears: facts → positions, few columns", "as above, only the columns that the peers give", "arrears_rows:positions_few"),
    Row("night", "arrears: the night, facts → work list", "Parquet to work list with reasons, lawful windows and clauses, and a summary", "arrears_rows:whole_night"),
    Row("night_sqlite", "arrears: the night from SQLite", "as above from a database, personal data unsealed", "store_rows:night_sqlite", "night"),
    Row("night_postgresql", "arrears: the night from PostgreSQL", "as above from a database, personal data unsealed", "store_rows:night_postgresql", "night"),
    Row("import_sqlite", "arrears: import to SQLite", "Parquet to the store: checked, personal data sealed, on the disk; facts a second",
        "store_rows:import_sqlite", per="facts"),
    Row("import_postgresql", "arrears: import to PostgreSQL", "Parquet to the store: checked, personal data sealed, on the disk; facts a second",
        "store_rows:import_postgresql", per="facts"),
    Row("decisions", "arrears: decisions alone", "stage, action, and every reason against every other action", "arrears_rows:decisions"),
    Row("windows", "arrears: the night's lawful windows", "verdict, window and clauses, one channel", "arrears_rows:law_windows"),
    Row("pandas", "pandas, a loop over accounts",
        "scheduled interest, penalty, allocation over the debt, days past due; no other events, no standing", "peers_pandas:positions", "positions_few"),
    Row("polars", "Polars by hand, cumulative sums", CUMULATIVE, "peers_polars:cumulative", "positions_few"),
    Row("polars_steps", "Polars by hand, day by day",
        "due amounts with penalty, allocation over the debt, days past due; no other events, no standing", "peers_polars:stepwise", "positions_few"),
    Row("duckdb", "DuckDB SQL, cumulative sums", CUMULATIVE, "peers_duckdb:positions", "positions_few"),
    Row("zen", "zen-engine, decision tables", "stage and action; no reasons against the others", "peers_zen:decisions", "decisions"),
    Row("tryton", "Tryton account_dunning", "dunning level of each line past its maturity date; no penalty, no partial payment, no standing, law or reasons",
        "peers_tryton:dunning", "night", python=("-O",)),
    Row("may", "`law.may`, one contact", "verdict on one call, with its clauses", "arrears_rows:law_may", per="contacts"),
    Row("help", "`arrears --help`", "from the shell to the prompt", "start_up:show_help", per="starts"),
    Row("explain", "`arrears explain CASE`", "one account in words, from the shell to the prompt; nothing is compiled", "start_up:explain", per="starts"),
    Row("night_warm", "`arrears night`, 50 accounts, cached", "what a night costs before its first account", "start_up:night_warm", per="starts"),
    Row("night_cold", "`arrears night`, 50 accounts, cache empty", "the same, the fold compiled: once for each installation", "start_up:night_cold", per="starts"),
)  # fmt: skip
BY_KEY = {row.key: row for row in ROWS}
ANSWERS = Row("answers", "arrears' own answers", "what every peer is compared with", "answers:write_answers")
