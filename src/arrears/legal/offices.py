"""Which office handles what, inside a lender and outside, from `offices.yaml` beside this module."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from arrears.facts.beside import yaml_beside


@cache
def _content() -> dict[str, Any]:
    content: dict[str, Any] = yaml_beside("arrears.legal", "offices.yaml")
    return content


def matters() -> Mapping[str, Mapping[str, str]]:
    """The matters, by id, in words (zh, en)."""
    return dict(_content()["matters"])


def offices(law: str | None = None, matter: str | None = None) -> list[Mapping[str, Any]]:
    """The offices for a law (None: all; those inside a lender are of any law) and a matter (None: all)."""
    return [
        row for row in _content()["offices"]
        if (law is None or row["law"] in (law, "any")) and (matter is None or matter in row["matters"])
    ]  # fmt: skip


def as_json(row: Mapping[str, Any], language: str) -> dict[str, Any]:
    """One office. `confirmed`: read, secondary, or false where it was not checked."""
    tongue = "zh" if language == "zh-CN" else "en"
    note = row.get("note")
    return {
        "id": row["id"], "law": row["law"], "where": row["where"], "name": row["name"][tongue],
        "matters": [{"id": name, "name": matters()[name][tongue]} for name in row["matters"]], "does": row["does"][tongue],
        "phone": row.get("phone"), "site": row.get("site"), "source": row.get("source"), "note": note[tongue] if note else None,
        "confirmed": "false" if row["confirmed"] is False else row["confirmed"],
    }  # fmt: skip
