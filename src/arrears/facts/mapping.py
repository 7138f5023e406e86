"""How a tape is to be read: its form, encoding, amounts and dates, and which column is which. Nothing is guessed.

Without a mapping a tape has one file a table, columns named as in `facts.schema`, UTF-8, plain amounts, ISO dates.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from arrears.errors import refuse
from arrears.facts.schema import TABLES
from arrears.facts.yaml_text import Document, read_yaml

ENCODINGS = ("utf-8", "gb18030")
AMOUNTS = ("plain", "thousands", "scientific")
KEYS = ("form", "encoding", "delimiter", "amounts", "dates", "instants", "zone", "tables", "wide", "about")


@dataclass(frozen=True)
class TapeMapping:
    """A mapping as data. `tables`: per table the file pattern, columns (ours → theirs) and constants; `wide`: see docs."""

    encoding: str = "utf-8"
    delimiter: str = ","
    amounts: str = "plain"
    dates: tuple[str, ...] = ("%Y-%m-%d",)
    instants: tuple[str, ...] = ("%Y-%m-%dT%H:%M:%S%.f%:z", "%Y-%m-%d %H:%M:%S%.f%:z")
    zone: str | None = None
    tables: Mapping[str, Any] = field(default_factory=dict)
    wide: Mapping[str, Any] | None = None
    digest: str = ""


def load_mapping(path: Path | None) -> TapeMapping:
    """The mapping in a file, or the default. Refusal with file and line for what is wrong."""
    if path is None:
        return TapeMapping()
    document = read_yaml(path)
    if not isinstance(document.value, dict):
        raise refuse("mapping", "is not a mapping", file=str(path), exit_code=2)
    mapping = _read(document, hashlib.sha256(path.read_bytes()).hexdigest())
    document.raise_findings()
    return mapping


def _read(document: Document, digest: str) -> TapeMapping:
    top = document.value
    for key in top:
        if key not in KEYS:
            document.fault("unknown_field", key, "is not known", todo="known: " + ", ".join(KEYS))
    _one_of(document, "encoding", top.get("encoding", "utf-8"), ENCODINGS)
    _one_of(document, "amounts", top.get("amounts", "plain"), AMOUNTS)
    _one_of(document, "form", top.get("form", "tables"), ("tables", "wide"))
    if top.get("zone") is not None and top["zone"] not in available_timezones():
        document.fault("zone", "zone", "is not an IANA time zone", top["zone"])
    _check_tables(document, top.get("tables") or {})
    wide = top.get("wide") if top.get("form") == "wide" else None
    if top.get("form") == "wide" and not isinstance(wide, dict):
        document.fault("form", "wide", "is missing: a wide tape needs `wide:` with accounts and instalments")
    default = TapeMapping()
    return TapeMapping(
        encoding=top.get("encoding", "utf-8"),
        delimiter=top.get("delimiter", ","),
        amounts=top.get("amounts", "plain"),
        dates=_forms(top.get("dates")) or default.dates,
        instants=_forms(top.get("instants")) or default.instants,
        zone=top.get("zone"),
        tables=top.get("tables") or {},
        wide=wide,
        digest=digest,
    )


def _one_of(document: Document, name: str, value: Any, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        document.fault("unknown_value", name, "is not one of " + ", ".join(allowed), value)


def _forms(value: Any) -> tuple[str, ...]:
    return tuple([value] if isinstance(value, str) else value or ())


def _check_tables(document: Document, tables: Mapping[str, Any]) -> None:
    for table, part in tables.items():
        if table not in TABLES:
            document.fault("unknown_field", f"tables.{table}", "is no table", todo="tables: " + ", ".join(TABLES))
            continue
        for kind in ("columns", "constants"):
            for name in part.get(kind) or {}:
                if name not in TABLES[table]:
                    document.fault("unknown_field", f"tables.{table}.{kind}.{name}", "is no column of the table",
                                   todo="columns: " + ", ".join(TABLES[table]))  # fmt: skip
