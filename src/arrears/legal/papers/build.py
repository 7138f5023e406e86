"""From a kind of bundle (YAML in `kinds/`) and the values of a case to blocks that the press sets.

A paper is in the kind's language unless it names its own (`language`); `each` makes one paper a person (`guarantor`, `debtor`). A text may hold `{name}`, a value of the case, and `[[name]]`, a blank that only a person can fill in; a value that the case does not know
becomes such a blank as well. A block with `when` is there only if that is so (`!name`: if it is not).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from arrears.facts.beside import yaml_beside
from arrears.facts.yaml_text import parse_yaml

Run = dict[str, str]
Row = Mapping[str, Any]
_PART = re.compile(r"\{(\w+)\}|\[\[(\w+)\]\]")


@dataclass(frozen=True)
class Table:
    """A table of a paper: texts of its head and rows (each with `total` or not), columns set to the right, widths (fractions or auto)."""

    head: Sequence[str]
    rows: Sequence[tuple[Sequence[str], bool]]
    right: Sequence[int] = ()
    widths: Sequence[int | str] = ()


@dataclass(frozen=True)
class Kind:
    """A kind of bundle: for which law, by whom, in which language, what it needs, on which clauses it rests, and its papers.

    `handover`: the facts that go over with a sold debt are written beside the papers. `confirmed`: whether its form and its sources were read (`read`), are known from others (`secondary`) or not checked (`false`).
    """

    id: str
    law: str
    by: str
    language: str
    name: Mapping[str, str]
    paper: str
    needs: tuple[str, ...]
    clauses: tuple[str, ...]
    sources: tuple[Mapping[str, str], ...]
    confirmed: str
    papers: tuple[Mapping[str, Any], ...]
    handover: bool = False


@dataclass
class Values:
    """What a case fills in: texts by name (None: not known), what is so, tables by name, and lists of items by name."""

    texts: Mapping[str, str | None]
    flags: frozenset[str]
    tables: Mapping[str, Callable[[], Table]]
    labels: Mapping[str, str]
    used: set[str] = field(default_factory=set)


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind, by id."""
    folder = resources.files("arrears.legal.papers").joinpath("kinds")
    found = [_kind(entry.name, entry.read_text("utf-8")) for entry in folder.iterdir() if entry.name.endswith(".yaml")]
    return {kind.id: kind for kind in sorted(found, key=lambda kind: kind.id)}


def _kind(name: str, text: str) -> Kind:
    row: dict[str, Any] = parse_yaml(text, f"legal/papers/kinds/{name}").value
    confirmed = "false" if row["confirmed"] is False else row["confirmed"]
    return Kind(
        row["kind"], row["law"], row["by"], row["language"], row["name"], row.get("paper", "a4"), tuple(row.get("needs", ())),
        tuple(row.get("clauses", ())), tuple(row.get("sources", ())), confirmed, tuple(row["papers"]),
        bool(row.get("handover")),
    )  # fmt: skip


@cache
def frame() -> Mapping[str, Any]:
    """The words that all papers share: labels of blanks, heads of tables, shared papers, evidence."""
    content: dict[str, Any] = yaml_beside("arrears.legal.papers", "frame.yaml")
    return content


def papers_of(kind: Kind) -> list[Mapping[str, Any]]:
    """The papers of a kind, the shared ones (`use`) put in."""
    shared = frame()["shared"]
    return [
        {**shared[row["use"]][row.get("language", kind.language)], "id": row["use"], **row} if "use" in row else row
        for row in kind.papers
    ]


def holds(block: Mapping[str, Any], values: Values) -> bool:
    """Whether a block, paper or item is there in this case."""
    when = str(block.get("when", ""))
    return not when or all((name.lstrip("!") in values.flags) != name.startswith("!") for name in when.split())


def blocks_of(rows: Sequence[Mapping[str, Any]], values: Values) -> list[dict[str, Any]]:
    """The blocks of a paper."""
    return [_block(row, values) for row in rows if holds(row, values)]


def _block(row: Mapping[str, Any], values: Values) -> dict[str, Any]:
    for kind in ("title", "heading", "text", "note", "cut"):
        if kind in row:
            return {"kind": kind, "runs": runs(row[kind], values), "indent": row.get("indent", True)}
    for kind in ("numbered", "boxes", "bullets", "sign"):
        if kind in row:
            return {
                "kind": kind,
                "items": [runs(_said(item), values) for item in row[kind] if _item_holds(item, values)],
            }
    if "pairs" in row:
        kept = [pair for pair in row["pairs"] if len(pair) < 3 or holds({"when": pair[2]}, values)]
        return {"kind": "pairs", "rows": [[runs(part, values) for part in pair[:2]] for pair in kept]}
    if "columns" in row:
        return {"kind": "columns", "sides": [blocks_of(side, values) for side in row["columns"]]}
    if "table" in row or "amounts" in row:
        return _table(row, values)
    return {"kind": "break"}


def _said(item: Any) -> str:
    return str(item["text"]) if isinstance(item, Mapping) else str(item)


def _item_holds(item: Any, values: Values) -> bool:
    return not isinstance(item, Mapping) or holds(item, values)


def _table(row: Mapping[str, Any], values: Values) -> dict[str, Any]:
    kind = "table" if "table" in row else "amounts"
    table = values.tables[row[kind]]()
    rows = [{"cells": [runs(cell, values) for cell in cells], "total": total} for cells, total in table.rows]
    head = [runs(cell, values) for cell in table.head]
    widths = list(table.widths) or [1] * max(len(table.head), 1)
    return {"kind": kind, "head": head, "rows": rows, "right": list(table.right), "widths": widths}


def runs(text: str, values: Values) -> list[Run]:
    """A text as runs: words, and blanks marked with what goes there. KeyError for a name that nothing knows."""
    found: list[Run] = []
    at = 0
    for match in _PART.finditer(text):
        if match.start() > at:
            found.append({"text": text[at : match.start()]})
        at = match.end()
        name, blank = match.group(1), match.group(2)
        value = values.texts[name] if name else None
        if value is not None:
            found.append({"text": value})
        else:
            values.used.add(blank or name)
            found.append({"blank": values.labels[blank or name]})
    if at < len(text) or not found:
        found.append({"text": text[at:]})
    return found
