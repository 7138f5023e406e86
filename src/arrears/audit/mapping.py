"""How somebody's contact log is to be read: which column is which, what its words mean, where its clock stands. Nothing is guessed.

Without a mapping the log's columns have the names of `COLUMNS` and its words are ours (docs/how-to/audit-a-log.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from arrears.errors import refuse
from arrears.facts.schema import CHANNELS, DIRECTIONS, KINDS, LAWS, OUTCOMES, ROLES
from arrears.facts.yaml_text import Document, read_yaml

BINDS = ("lender", "agency", "assignee")
#: Columns of a log. `at` is an instant; `zone` the person's IANA zone, `zones` several possible ones, comma between them.
COLUMNS = (
    "account_id", "event_id", "borrower_id", "person_id", "role", "at", "kind", "channel", "direction", "outcome", "number",
    "place", "purpose", "binds", "law", "region", "zone", "zones", "product", "lender_kind", "notice", "until", "from_on",
    "hours", "invited",
)  # fmt: skip
#: What a row has where the log has no such column.
DEFAULTS = {"kind": "contact", "direction": "out", "role": "borrower", "purpose": "collection", "binds": "lender"}
WORDS: Mapping[str, tuple[str, ...]] = {
    "channel": CHANNELS, "direction": DIRECTIONS, "outcome": OUTCOMES, "role": ROLES, "kind": KINDS, "law": LAWS,
    "binds": BINDS,
}  # fmt: skip
KEYS = ("encoding", "delimiter", "columns", "constants", "values", "at", "about")
ENCODINGS = ("utf-8", "gb18030")


@dataclass(frozen=True)
class LogMapping:
    """A mapping as data: `columns` ours → theirs, `constants` for columns a log lacks, `values` their words → ours.

    `at_form` is a strptime form; None: ISO 8601. `at_zone` is the IANA zone of times without an offset.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    at_form: str | None = None
    at_zone: str | None = None


def load_log_mapping(path: Path | None) -> LogMapping:
    """The mapping in a file, or the default. Refusal with file and line for what is wrong."""
    if path is None:
        return LogMapping()
    document = read_yaml(path)
    if not isinstance(document.value, dict):
        raise refuse("mapping", "is not a mapping", file=str(path), exit_code=2)
    mapping = _read(document)
    document.raise_findings()
    return mapping


def _read(document: Document) -> LogMapping:
    top = document.value
    for key in top:
        if key not in KEYS:
            document.fault("unknown_field", key, "is not known", todo="known: " + ", ".join(KEYS))
    for part in ("columns", "constants", "values"):
        for name in _part(document, top, part):
            if name not in COLUMNS:
                document.fault("unknown_field", f"{part}.{name}", "is no column of a log", todo=", ".join(COLUMNS))
    _words(document, _part(document, top, "constants"), _part(document, top, "values"))
    if top.get("encoding", "utf-8") not in ENCODINGS:
        document.fault("unknown_value", "encoding", "is not one of " + ", ".join(ENCODINGS), top["encoding"])
    at = _part(document, top, "at")
    zone = at.get("zone")
    if zone is not None and zone not in available_timezones():
        document.fault("zone", "at.zone", "is not an IANA time zone", zone)
    return LogMapping(
        top.get("encoding", "utf-8"), top.get("delimiter", ","), _part(document, top, "columns"),
        _part(document, top, "constants"), _part(document, top, "values"), at.get("form"), zone,
    )  # fmt: skip


def _part(document: Document, top: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = top.get(name)
    if found is not None and not isinstance(found, dict):
        document.fault("form", name, "is not a mapping", found)
        return {}
    return found or {}


def _words(document: Document, constants: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Constants and translations lead to words that are known here."""
    for name, known in WORDS.items():
        if name in constants and constants[name] not in known:
            document.fault("unknown_value", f"constants.{name}", "is not known", constants[name], ", ".join(known))
        told = values.get(name) or {}
        for word, ours in told.items() if isinstance(told, dict) else ():
            if ours not in known:
                document.fault("unknown_value", f"values.{name}.{word}", "is not known", ours, ", ".join(known))
