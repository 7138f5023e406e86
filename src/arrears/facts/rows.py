"""A file of a tape as rows of text: every cell as it was written, every row with its line.

CSV keeps the line on which a row begins, also where quoted cells run over several lines. Parquet has no lines: its rows count from 1.
What makes a file unreadable as rows (no header, a name twice in it, a quote that never closes, bytes of another encoding) ends the command;
a row with too many or too few cells is a fault of its own.
"""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path

import polars as pl

from arrears.errors import Refusal, refuse
from arrears.facts.findings import Report
from arrears.facts.mapping import TapeMapping


def rows_of(path: Path, mapping: TapeMapping, report: Report) -> pl.DataFrame:
    """The file's rows as columns of text (empty cells null), with `file` and `line`. Refusal if it cannot be read at all."""
    frame = _parquet(path) if path.suffix == ".parquet" else _csv(path, mapping, report)
    blank = pl.col(pl.String).str.strip_chars()
    frame = frame.with_columns(pl.when(blank == "").then(None).otherwise(blank).name.keep())
    cells = [name for name in frame.columns if name != "line"]
    empty = pl.all_horizontal(pl.col(name).is_null() for name in cells)
    return frame.filter(~empty).with_columns(file=pl.lit(str(path)))


def _parquet(path: Path) -> pl.DataFrame:
    """Nested columns stay as they are; numbers lose the zeros that only their type adds."""
    try:
        frame = pl.read_parquet(path)
        nested = [name for name, kind in frame.schema.items() if kind.is_nested()]
        texts = [_as_text(name, kind) for name, kind in frame.schema.items() if name not in nested]
        frame = frame.select(*texts, *nested)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise refuse("tape", f"cannot be read: {_first_line(error)}", file=str(path), exit_code=2) from None
    return frame.with_columns(line=pl.int_range(1, pl.len() + 1))


def _as_text(name: str, kind: pl.DataType) -> pl.Expr:
    text = pl.col(name).cast(pl.String)
    if kind.is_float() or kind.is_decimal():
        return text.str.replace(r"(\.[0-9]*?)0+$", "$1").str.strip_suffix(".")
    return text


def _csv(path: Path, mapping: TapeMapping, report: Report) -> pl.DataFrame:
    text = _decoded(path, mapping)
    header = next(csv.reader(StringIO(text), delimiter=mapping.delimiter), [])
    _check_header(header, path)
    begins, cells = _records(text, mapping.delimiter, path)
    try:
        frame = pl.read_csv(
            text.encode(), separator=mapping.delimiter, infer_schema=False, truncate_ragged_lines=True, raise_if_empty=False
        )  # fmt: skip
    except pl.exceptions.PolarsError:
        # what the parser says quotes the row, which may hold a name or a phone number
        raise refuse("tape", "cannot be read as CSV", file=str(path), todo="look at its quotes") from None
    if frame.height != begins.len():
        raise refuse("tape", "cannot be read as CSV: quotes stand where rows cannot be told apart", file=str(path))
    ragged = (cells != len(header)) & (cells > 0)
    lost = pl.DataFrame({"line": begins, "cells": cells}).filter(ragged).with_columns(file=pl.lit(str(path)))
    for count in lost["cells"].unique().sort().to_list():
        what = f"has {count} cells, the header has {len(header)}"
        report.add(
            lost.filter(pl.col("cells") == count), "", "cells", what, "put text that holds the delimiter in quotes"
        )
    return frame.with_columns(begins.alias("line")).filter(~ragged)


def _decoded(path: Path, mapping: TapeMapping) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig" if mapping.encoding == "utf-8" else mapping.encoding)
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise refuse("encoding", f"is not {mapping.encoding} (byte {error.start})", file=str(path), line=line,
                     todo="declare `encoding:` in the mapping") from None  # fmt: skip
    except OSError as error:
        raise refuse("tape", f"cannot be read: {error.strerror}", file=str(path), exit_code=2) from None


def _check_header(header: list[str], path: Path) -> None:
    if not any(cell.strip() for cell in header):
        raise refuse("empty", "is empty: the first line names the columns", file=str(path), line=1)
    for name in header:
        if header.count(name) > 1:
            raise refuse("repeated", "names two columns", file=str(path), line=1, field=name, todo="rename one of them")


def _records(text: str, delimiter: str, path: Path) -> tuple[pl.Series, pl.Series]:
    """For each row below the header: the line on which it begins, and how many cells it has (0: a blank line)."""
    if '"' not in text:
        lines = pl.Series("text", text.removesuffix("\n").split("\n"), dtype=pl.String)[1:]
        counts = lines.str.count_matches(delimiter, literal=True).cast(pl.Int64) + 1
        blank = lines.str.strip_chars() == ""
        return pl.int_range(2, lines.len() + 2, eager=True), counts.zip_with(
            ~blank, pl.zeros(lines.len(), pl.Int64, eager=True)
        )
    begins, cells = _quoted_records(text, delimiter, path)
    return pl.Series("line", begins[1:], dtype=pl.Int64), pl.Series("cells", cells[1:], dtype=pl.Int64)


def _quoted_records(text: str, delimiter: str, path: Path) -> tuple[list[int], list[int]]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins, cells, at = [], [], 1
    try:
        for row in reader:
            begins.append(at)
            cells.append(len(row))
            at = reader.line_num + 1
    except csv.Error:
        raise _unclosed(path, at) from None
    return begins, cells


def _unclosed(path: Path, line: int) -> Refusal:
    what = "has a quote that is not closed, or text after a closing quote"
    return refuse("quote", what, file=str(path), line=line, todo='write a quote inside quotes twice: ""')


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
