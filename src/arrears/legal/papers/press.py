"""Papers set by Typst into PDF/A-2b, with the fonts of letters. What varies goes in as JSON data; no text becomes part of the template.

Pure: the same paper gives the same bytes.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import typst

from arrears.errors import Finding, Refusal
from arrears.notice.paper.glyphs import missing

_HERE = Path(__file__).parent
_threads = threading.local()


def paper_pdf(
    title: str, blocks: Sequence[Mapping[str, Any]], *, language: str, on: date, author: str, foot: str, page: str,
    paper: str = "a4", small: bool = False,
) -> bytes:  # fmt: skip
    """One paper. `on`: the day it is made by; `foot` and `page` stand under each page. Refusal if a character is in no font."""
    job = {
        "title": title, "author": author, "lang": "zh" if language == "zh-CN" else "en", "paper": paper, "small": small,
        "date": {"year": on.year, "month": on.month, "day": on.day}, "foot": foot, "page": page, "blocks": list(blocks),
    }  # fmt: skip
    lacking = missing("".join(texts(job["blocks"])) + title + foot, bold=False)
    if lacking:
        what = f"has {', '.join(lacking)}, which the font of papers cannot print"
        raise Refusal(Finding("character_not_in_font", what, field=title, todo="write this paper by hand"))
    try:
        made = _compiler().compile(
            format="pdf", sys_inputs={"job": json.dumps(job, ensure_ascii=False)}, pdf_standards=["a-2b"],
            timestamp=datetime(on.year, on.month, on.day, tzinfo=UTC),
        )  # fmt: skip
    except typst.TypstError as error:
        kind = str(error).partition("\n")[0][:80]
        raise Refusal(Finding("paper_not_set", f"could not be set ({kind})", field=title)) from None
    if not isinstance(made, bytes):
        raise AssertionError("Typst gave no file")
    return made


def texts(value: Any) -> Iterator[str]:
    """Every text in blocks, without line breaks."""
    if isinstance(value, str):
        yield value.replace("\n", "")
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from texts(inner)


def _compiler() -> typst.Compiler:
    """One compiler a thread: it keeps the fonts and the template between papers, and is not to be shared."""
    found: typst.Compiler | None = getattr(_threads, "compiler", None)
    if found is None:
        folder = Path(str(files("arrears.notice.paper").joinpath("fonts")))
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])
        found = typst.Compiler(_HERE / "paper.typ", root=_HERE, font_paths=fonts)
        _threads.compiler = found
    return found
