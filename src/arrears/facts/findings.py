"""Faults of a tape, row by row, as a frame: millions of them cost no more than a column."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from arrears.errors import Finding, refuse
from arrears.facts.spreadsheet import harmless

#: Fields whose values are never shown: they say who somebody is (ids of people are often numbers of identity cards).
PERSONAL = ("name", "phones", "emails", "addresses", "lat", "lon", "person_id", "borrower_id")
SHOWN = 20
COLUMNS = {"file": pl.String, "line": pl.Int64, "account": pl.String, "field": pl.String, "value": pl.String,
           "code": pl.String, "what": pl.String, "todo": pl.String}  # fmt: skip


@dataclass
class Report:
    """What was found in a tape, and what it holds: rows by table, faults, and (after an import) what went in."""

    rows: dict[str, int] = field(default_factory=dict)
    frames: list[pl.DataFrame] = field(default_factory=list)
    imported: dict[str, int] = field(default_factory=dict)
    note: str = ""

    def add(
        self,
        rows: pl.DataFrame,
        field_name: str,
        code: str,
        what: str | pl.Expr,
        todo: str = "",
        value: str | None = None,
    ) -> None:
        """Faults of rows (a frame with `file`, `line`, perhaps `account_id` and the column `value` names)."""
        if not rows.height:
            return
        shown = pl.lit(None, pl.String) if value is None else _masked(pl.col(value).cast(pl.String), field_name)
        account = pl.col("account_id").cast(pl.String) if "account_id" in rows.columns else pl.lit(None, pl.String)
        frame = rows.select(
            "file", pl.col("line").cast(pl.Int64), account.alias("account"), pl.lit(field_name).alias("field"), shown.alias("value"),
            pl.lit(code).alias("code"), (pl.lit(what) if isinstance(what, str) else what).alias("what"), pl.lit(todo).alias("todo"),
        )  # fmt: skip
        self.frames.append(frame.cast(pl.Schema(COLUMNS)))

    @property
    def findings(self) -> pl.DataFrame:
        """All faults, by file and line."""
        return (
            pl.concat(self.frames).sort("file", "line", maintain_order=True)
            if self.frames
            else pl.DataFrame(schema=COLUMNS)
        )

    @property
    def clean(self) -> bool:
        """Whether nothing was found."""
        return not any(frame.height for frame in self.frames)

    def counts(self) -> dict[str, int]:
        """How many faults of each code."""
        return {code: int(n) for code, n in self.findings.group_by("code").len().sort("code").iter_rows()}

    def first(self, most: int = SHOWN) -> list[Finding]:
        """The first faults, as findings."""
        return [
            Finding(
                row["code"],
                row["what"],
                row["file"],
                row["line"],
                row["field"],
                row["value"] or "",
                row["todo"],
                row["account"] or "",
            )
            for row in self.findings.head(most).iter_rows(named=True)
        ]

    def as_json(self) -> dict[str, Any]:
        """The report, JSON-ready."""
        return {
            "rows": self.rows,
            "rejected": self.findings.height,
            "counts": self.counts(),
            "first": [finding.as_dict() for finding in self.first()],
            "imported": self.imported,
            "note": self.note,
        }

    def write(self, path: Path) -> None:
        """Every fault as CSV. Cells that a spreadsheet would compute are quoted with an apostrophe. Refusal if it cannot be written."""
        texts = [name for name, kind in COLUMNS.items() if kind == pl.String]
        try:
            self.findings.with_columns(harmless(name) for name in texts).write_csv(path, include_bom=True)
        except OSError as error:
            raise refuse("file", f"cannot be written: {error}", file=str(path), exit_code=2) from None


def _masked(value: pl.Expr, field_name: str) -> pl.Expr:
    """Of personal values only the length is told; others are cut at 60 letters."""
    if field_name in PERSONAL:
        return pl.lit("masked, ") + value.str.len_chars().cast(pl.String) + pl.lit(" characters")
    return value.str.slice(0, 60)
