"""What goes over to who buys a debt: the facts that the claim needs, as the files of a tape, each with its checksum; and what stays behind, why.

What may go is data (`handover.yaml`). Nothing of third parties, no free text and nothing sensitive is in the files. Pure; the same facts
give the same bytes.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any

import polars as pl

from arrears import money
from arrears.facts.cells import MONEY_COLUMNS
from arrears.facts.spreadsheet import harmless_text
from arrears.facts.yaml_text import parse_yaml
from arrears.legal.debt import Debt
from arrears.legal.papers.build import Table
from arrears.legal.papers.values import Brief


@dataclass(frozen=True)
class HandedOver:
    """One file: its name, its bytes (CSV, UTF-8, as `arrears check` reads a tape) and how many rows it has. `kept_back`: by reason of
    handover.yaml, how many rows stay behind."""

    name: str
    content: bytes
    rows: int
    kept_back: Mapping[str, int]

    @property
    def sha256(self) -> str:
        """The digest of the file, hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


@cache
def content() -> dict[str, Any]:
    """What handover.yaml holds."""
    text = resources.files("arrears.legal.papers").joinpath("handover.yaml").read_text("utf-8")
    found: dict[str, Any] = parse_yaml(text, "legal/papers/handover.yaml").value
    return found


def handover(debt: Debt) -> tuple[HandedOver, ...]:
    """The files of a debt on its day."""
    facts, mine = debt.facts, pl.col("account_id") == debt.account_id
    rows: dict[str, Sequence[Mapping[str, Any]]] = {
        "accounts": facts.accounts.filter(mine).to_dicts(),
        "instalments": facts.instalments.filter(mine).sort("number").to_dicts(),
        "people": facts.people.filter(mine).sort("role", "person_id").to_dicts(), "events": list(debt.recorded),
    }  # fmt: skip
    return tuple(_file(table, rows[table], debt) for table in rows)


def _file(table: str, rows: Sequence[Mapping[str, Any]], debt: Debt) -> HandedOver:
    columns, goes = content()["tables"][table]["columns"], []
    kept_back: dict[str, int] = {}
    for row in rows:
        reason = _why_not(table, row, debt)
        if reason is None:
            goes.append(row)
        else:
            kept_back[reason] = kept_back.get(reason, 0) + 1
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(table, name, row, debt) for name in columns] for row in goes)
    return HandedOver(f"{table}.csv", text.getvalue().encode(), len(goes), kept_back)


def _why_not(table: str, row: Mapping[str, Any], debt: Debt) -> str | None:
    """The reason for which a row stays behind; None where it goes over."""
    told = content()["tables"][table]
    if table == "people":
        return None if row["role"] in told["roles"] else "third_parties"
    if table != "events":
        return None
    if row["kind"] in told["sensitive"]:
        return "sensitive"
    if row["kind"] not in told["kinds"]:
        return "internal"
    return "third_parties" if row["data"].get("party") == "third_party" or row["person_id"] in _third(debt) else None


def _third(debt: Debt) -> frozenset[str]:
    people = debt.facts.people.filter((pl.col("account_id") == debt.account_id) & (pl.col("role") == "third_party"))
    return frozenset(people["person_id"].to_list())


def _cell(table: str, name: str, row: Mapping[str, Any], debt: Debt) -> str:
    """A value as a tape has it."""
    value = row.get({"rate": "rate_ppm", "penalty_rate": "penalty_rate_ppm"}.get(name, name))
    if value is None:
        return ""
    if name in ("rate", "penalty_rate"):
        return f"{value / money.PPM:.6f}"
    if name in MONEY_COLUMNS.get(table, ()):
        return money.to_text(value, str(debt.row["currency"]))
    if name == "data":
        told = content()["tables"][table]
        goes = set(told["data"]) - set(told["without"].get(row["kind"], ()))
        kept = {key: part for key, part in value.items() if key in goes}
        return json.dumps(kept, ensure_ascii=False, sort_keys=True) if kept else ""
    if name == "phones":
        return ";".join(value)
    if name == "addresses":
        return harmless_text(";".join(place["text"] for place in value if place["text"]))
    if isinstance(value, list):
        return harmless_text(";".join(value))
    return value.isoformat() if isinstance(value, date | datetime) else harmless_text(str(value))


def handover_tables(over: Sequence[HandedOver], brief: Brief) -> dict[str, Callable[[], Table]]:
    """The tables of the hand-over list: the files with their checksums, and what stays behind."""
    return {"handover": lambda: _listed(over, brief), "kept_back": lambda: _kept_back(over, brief)}


def _listed(over: Sequence[HandedOver], brief: Brief) -> Table:
    key = "zh" if brief.language == "zh-CN" else "en"
    head = content()["words"]["listed"][key]
    rows = [
        [
            file.name,
            content()["tables"][file.name.removesuffix(".csv")]["holds"][key],
            str(file.rows),
            _grouped(file.sha256),
        ]
        for file in over
    ]
    return Table(head, [(row, False) for row in rows], (2,), ("auto", 2, "auto", 2))


def _kept_back(over: Sequence[HandedOver], brief: Brief) -> Table:
    key = "zh" if brief.language == "zh-CN" else "en"
    counts: dict[str, int] = {}
    for file in over:
        counts |= {reason: counts.get(reason, 0) + count for reason, count in file.kept_back.items()}
    rows = [
        [one["what"][key], one["why"][key], str(counts.get(one["id"], 0)) if one["id"] in _COUNTED else "–"]
        for one in _stays()
    ]
    return Table(content()["words"]["kept_back"][key], [(row, False) for row in rows], (2,), (2, 2, "auto"))


#: Reasons of which the rows that stay behind can be counted; the rest is no part of the facts.
_COUNTED = ("third_parties", "sensitive", "internal")


def _stays() -> Iterator[Mapping[str, Any]]:
    yield from content()["stays"]


def _grouped(digest: str) -> str:
    """A digest in groups of eight, so that a line can break and a reader compare."""
    return " ".join(digest[start : start + 8] for start in range(0, len(digest), 8))
