"""Outcomes as a file: what a dialler, a phone or a crew hands back, one row an attempt.

Columns `key,at,code,duration_s,agent` and, as the code needs, `amount,by,callback,hours,place,from,until,note`. A mapping (YAML) names other
columns, the house's own codes, and the zone of times without an offset.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from arrears.dispatch.outcomes import DETAILS, Told
from arrears.errors import Finding, Refusal, refuse
from arrears.facts.yaml_text import read_yaml

#: The columns of the file, as the round sheet writes them.
COLUMNS = ("key", "at", "code", "duration_s", "agent", *DETAILS)
NEEDED = ("key", "at", "code")
#: The columns of a file for a dialler (`dispatch.dialler`); one mapping names those of both files.
DIALLED = ("key", "number", "name", "language", "zone", "not_before", "not_after", "valid_until", "text")


@dataclass(frozen=True)
class FileForm:
    """How a dialler writes: its name for each of our columns, its codes → ours, and the zone of times without an offset."""

    columns: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)
    zone: str | None = None

    def named(self, column: str) -> str:
        """The file's name of a column."""
        return self.columns.get(column, column)


def read_form(path: Path | None) -> FileForm:
    """The form in a mapping file, the plain one where there is none. Refusal with every fault."""
    if path is None:
        return FileForm()
    document = read_yaml(path)
    top = document.value if isinstance(document.value, dict) else {}
    for name in top:
        if name not in ("columns", "codes", "zone"):
            document.fault("mapping", str(name), "is not known", todo="known: columns, codes, zone")
    columns, codes, zone = top.get("columns") or {}, top.get("codes") or {}, top.get("zone")
    for name, part in (("columns", columns), ("codes", codes)):
        if not isinstance(part, dict):
            document.fault("mapping", name, "must be a mapping")
    known = dict.fromkeys((*DIALLED, *COLUMNS))
    for name in columns if isinstance(columns, dict) else ():
        if name not in known:
            document.fault("mapping", f"columns.{name}", "is no column", todo=f"known: {', '.join(known)}")
    if zone is not None and zone not in available_timezones():
        document.fault("mapping", "zone", "is not the name of a time zone", str(zone))
    document.raise_findings()
    return FileForm({k: str(v) for k, v in columns.items()}, {str(k): str(v) for k, v in codes.items()}, zone)


def read_outcomes(path: Path, form: FileForm) -> tuple[list[tuple[int, Told]], list[Finding]]:
    """Every row as (line, outcome), and the rows that cannot be read. Refusal if the file cannot."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [form.named(name) for name in NEEDED if form.named(name) not in (reader.fieldnames or ())]
            if missing:
                raise refuse("outcomes", f"lacks the columns {', '.join(missing)}", file=str(path), line=1, exit_code=2)
            lines = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise refuse("outcomes", f"cannot be read: {error}", file=str(path), exit_code=2) from None
    told: list[tuple[int, Told]] = []
    faults: list[Finding] = []
    for line, row in lines:
        try:
            told.append((line, _told({name: (row.get(form.named(name)) or "").strip() for name in COLUMNS}, form)))
        except Refusal as error:
            faults += [
                Finding(one.code, one.what, str(path), line, one.field, one.value, one.todo) for one in error.findings
            ]
    return told, faults


def _told(row: Mapping[str, str], form: FileForm) -> Told:
    for name in NEEDED:
        if not row[name]:
            raise refuse("outcomes", "is empty", field=form.named(name))
    seconds = row["duration_s"]
    if seconds and not (seconds.isascii() and seconds.isdecimal()):
        raise refuse("outcomes", "is not a whole number of seconds", field=form.named("duration_s"), value=seconds[:20])
    details = {name: row[name] for name in DETAILS if row[name]}
    return Told(
        row["key"],
        _instant(row["at"], form),
        row["code"],
        int(seconds) if seconds else None,
        row["agent"] or None,
        details,
    )


def _instant(text: str, form: FileForm) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is not None and found.tzinfo is None and form.zone:
        found = found.replace(tzinfo=ZoneInfo(form.zone))
    if found is None or found.tzinfo is None:
        raise refuse("outcomes", "is not an instant such as 2026-03-01T10:00:00+08:00", field=form.named("at"), value=text[:40],
                     todo="write the offset, or name `zone` in the mapping")  # fmt: skip
    return found.astimezone(UTC)
