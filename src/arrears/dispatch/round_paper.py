"""The round sheet on paper: PDF by Typst, from the template beside the HTML one and the fonts of the letters.

Typst runs in this process, from files of the installation only: no system font, no package, no network.
"""

from __future__ import annotations

import json
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any

import typst

from arrears.dispatch.round_sheet import Sheet, as_data
from arrears.errors import refuse
from arrears.notice.paper.glyphs import missing

FONTS = ("Noto Sans", "Noto Sans CJK SC")


def as_pdf(sheet: Sheet, made_at: datetime) -> bytes:
    """The sheet as PDF/A-2b, dated `made_at`. Refusal if Typst cannot set it."""
    tongue = "zh" if sheet.language == "zh-CN" else "en"
    data = {**as_data(sheet), "fonts": FONTS, "lang": tongue, "region": "CN" if tongue == "zh" else "GB"}
    job = json.dumps(_printable(data), ensure_ascii=False)
    try:
        made = _compiler().compile(format="pdf", sys_inputs={"job": job}, pdf_standards=["a-2b"], timestamp=made_at)
    except typst.TypstError as error:
        raise refuse("sheet", f"cannot be set: {str(error).splitlines()[0][:200]}", file="sheet.typ") from None
    if not isinstance(made, bytes):
        raise AssertionError("a PDF is one file")
    return made


def _printable(value: Any) -> Any:
    """Characters that the fonts lack are printed as a box, so that nothing drops out unseen; the HTML form has them all."""
    if isinstance(value, dict):
        return {name: _printable(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(inner) for inner in value]
    if isinstance(value, str) and value and missing(value, False):
        return "".join("□" if char not in "\n\t" and missing(char, False) else char for char in value)
    return value


def _compiler() -> typst.Compiler:
    """A compiler for one sheet: it must not be shared between threads, and a round has few sheets."""
    paper = Path(str(resources.files("arrears.notice.paper")))
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[paper / "fonts"])
    folder = Path(str(resources.files("arrears.dispatch"))) / "sheet"
    return typst.Compiler(folder / "sheet.typ", root=folder, font_paths=fonts)
