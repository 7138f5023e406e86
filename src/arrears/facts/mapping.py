"""How a tape is to be read: its form, encoding, amounts and dates, and which column is which. Nothing is guessed.

Without a mapping a tape has one file a table, columns named as in `facts.schema`, UTF-8, plain amounts, ISO dates.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from arrears.errors import refuse
from arrears.facts.schema import TABLES as FACTS
from arrears.facts.yaml_text import Document, read_yaml

ENCODINGS = ("utf-8", "gb18030")
AMOUNTS = ("plain", "thousands", "scientific")
#: Columns that people have on a tape alone: where their addresses lie.
COORDINATES = ("lat", "lon")
#: What a file with a mapping may hold: a table of facts, or payments as a bank or provider lists them (`arrears.payments`).
TABLES = {
    **{table: tuple(columns) for table, columns in FACTS.items()},
    "people": (*FACTS["people"], *COORDINATES),
    "payments": ("payment_id", "on", "amount", "currency", "reference", "kind", "reverses", "payer"),
}
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
    wide = _wide(document, top)
    for key in top:
        if key not in KEYS:
            document.fault("unknown_field", key, "is not known", todo="known: " + ", ".join(KEYS))
    _one_of(document, "encoding", top.get("encoding", "utf-8"), ENCODINGS)
    _one_of(document, "amounts", top.get("amounts", "plain"), AMOUNTS)
    _one_of(document, "form", top.get("form", "tables"), ("tables", "wide"))
    if top.get("zone") is not None and top["zone"] not in available_timezones():
        document.fault("zone", "zone", "is not an IANA time zone", top["zone"])
    tables = top.get("tables") or {}
    _check_tables(document, tables)
    if len(str(top.get("delimiter", ","))) != 1:
        document.fault("form", "delimiter", "is not a single character", top["delimiter"])
    default = TapeMapping()
    return TapeMapping(
        encoding=top.get("encoding", "utf-8"),
        delimiter=top.get("delimiter", ","),
        amounts=top.get("amounts", "plain"),
        dates=_forms(document, "dates", top.get("dates")) or default.dates,
        instants=_forms(document, "instants", top.get("instants")) or default.instants,
        zone=top.get("zone"),
        tables=tables,
        wide=wide,
        digest=digest,
    )


def _one_of(document: Document, name: str, value: Any, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        document.fault("unknown_value", name, "is not one of " + ", ".join(allowed), value)


def _forms(document: Document, name: str, value: Any) -> tuple[str, ...]:
    """Forms of dates or instants, each with directives that are known."""
    forms = [value] if isinstance(value, str) else value or []
    if not isinstance(forms, list) or not all(isinstance(form, str) for form in forms):
        document.fault("form", name, 'is not a list of forms such as "%Y/%m/%d"')
        return ()
    for form in forms:
        if not _DIRECTIVE.search(form) or "%" in _DIRECTIVE.sub("", form):
            document.fault(
                "form", name, "is not a form of a date or time", form, 'such as "%Y/%m/%d" or "%Y-%m-%d %H:%M:%S"'
            )
    return tuple(forms)


_DIRECTIVE = re.compile(r"%(?:[-_0]?[YymdejbBhHIMSpPfTRFDzZ]|\.[0-9]?f|[0-9]f|:z|#z)")


def _check_tables(document: Document, tables: Any) -> None:
    if not isinstance(tables, dict):
        document.fault("form", "tables", "is not a mapping", todo="tables: " + ", ".join(TABLES))
        return
    for table, part in tables.items():
        if table not in TABLES:
            document.fault("unknown_field", f"tables.{table}", "is no table", todo="tables: " + ", ".join(TABLES))
        elif not isinstance(part, dict):
            document.fault("form", f"tables.{table}", "is not a mapping", todo="write file, columns and constants")
        else:
            _known_keys(document, f"tables.{table}", part, ("file", "columns", "constants"))
            for kind in ("columns", "constants"):
                _check_columns(document, f"tables.{table}.{kind}", part.get(kind), table)


def _check_columns(document: Document, path: str, part: Any, table: str) -> None:
    if part is None:
        return
    if not isinstance(part, dict):
        document.fault("form", path, "is not a mapping of our columns to those of the tape")
        return
    _known_keys(document, path, part, TABLES[table], "is no column of the table")


def _known_keys(
    document: Document, path: str, part: Mapping[str, Any], known: tuple[str, ...], what: str = "is not known"
) -> None:
    for name in part:
        if name not in known:
            document.fault("unknown_field", f"{path}.{name}", what, todo="known: " + ", ".join(known))


def _wide(document: Document, top: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The part that names the columns of a wide tape; its faults are kept in the document."""
    if top.get("form") != "wide":
        return None
    wide = top.get("wide")
    if not isinstance(wide, dict) or not isinstance(wide.get("accounts"), dict) or "account_id" not in wide["accounts"]:
        document.fault("form", "wide", "is incomplete: a wide tape needs `wide: {accounts: {account_id: …}}`")
        return None
    _known_keys(document, "wide", wide, tuple(FACTS), "is no table")
    _check_member(document, "wide.accounts", wide["accounts"], "accounts")
    for table in ("instalments", "events", "people"):
        members = wide.get(table) or []
        if not isinstance(members, list) or not all(isinstance(member, dict) for member in members):
            document.fault("form", f"wide.{table}", "is not a list of mappings, one for each member of the family")
            continue
        for index, member in enumerate(members):
            _check_member(document, f"wide.{table}[{index}]", member, table)
    return wide


def _check_member(document: Document, path: str, part: Mapping[str, Any], table: str) -> None:
    _known_keys(document, path, part, (*TABLES[table], "skip_zero"), "is no column of the table")
    if "skip_zero" in part and part["skip_zero"] not in part:
        document.fault("unknown_value", f"{path}.skip_zero", "names no column of this member", part["skip_zero"])
    for name, spec in part.items():
        keys = set(spec) if isinstance(spec, dict) else None
        if (keys is not None and keys not in VALUES) or isinstance(spec, list) or spec is None:
            document.fault("form", f"{path}.{name}", "is no value", todo="a column's name, or " + _VALUES_TOLD)
        elif keys == {"column", "percent"} and not str(spec["percent"]).isdecimal():
            document.fault("number", f"{path}.{name}.percent", "is not a whole number", spec["percent"])


VALUES = ({"constant"}, {"column"}, {"column", "prefix"}, {"column", "percent"}, {"sum"})
_VALUES_TOLD = "{constant: …}, {column: …, prefix: …}, {column: …, percent: …}, {sum: instalments}"
