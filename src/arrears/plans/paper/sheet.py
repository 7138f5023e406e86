"""A sheet of text and one table, set by Typst from the template and fonts that come with arrears; no system font, no network."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import typst

from arrears.errors import Finding, Refusal
from arrears.notice.paper.glyphs import missing

_HERE = Path(__file__).parent
_FONTS = _HERE.parents[1] / "notice" / "paper" / "fonts"


@dataclass(frozen=True)
class Sheet:
    """What stands on a sheet. `left`: how many columns of the table, from the first, are set to the left. `signature`: lines to sign on."""

    language: str
    on: date
    title: str
    author: str
    reference: str
    before: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    after: tuple[str, ...]
    signature: tuple[str, ...] = ()
    left: int = 1


def sheet_pdf(sheet: Sheet) -> bytes:
    """The sheet as PDF/A-2b. Refusal if it has a character that the fonts cannot print."""
    text = json.dumps(asdict(sheet) | {"on": ""}, ensure_ascii=False)
    if lacking := missing(text, bold=False):
        raise Refusal(Finding("character_not_in_font", f"has {', '.join(lacking)}, which the font cannot print"))
    key, day = ("zh" if sheet.language.startswith("zh") else "en"), sheet.on
    job = asdict(sheet) | {"key": key, "on": "", "date": {"year": day.year, "month": day.month, "day": day.day}}
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[_FONTS])
    made = typst.Compiler(_HERE / "sheet.typ", root=_HERE, font_paths=fonts).compile(
        format="pdf", sys_inputs={"job": json.dumps(job, ensure_ascii=False)}, pdf_standards=["a-2b"],
        timestamp=datetime(day.year, day.month, day.day, tzinfo=UTC),
    )  # fmt: skip
    if not isinstance(made, bytes):
        raise AssertionError("Typst gave no PDF")
    return made
