"""An answer, or a borrower's letter, on paper: PDF/A-2b on A4, set by Typst from the template and the fonts that come with arrears."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from importlib import resources
from pathlib import Path
from typing import Any

import typst

from arrears.advise.answer import Advice
from arrears.advise.text import cited_line, ledger_rows, schedule_tables, turn
from arrears.errors import Finding, Refusal, refuse
from arrears.facts.beside import tongue_of
from arrears.notice.language import date_text
from arrears.notice.paper.glyphs import missing

_threads = threading.local()


def advice_pdf(advice: Advice, language: str) -> bytes:
    """The whole answer. Refusal if it has a character that the fonts lack."""
    parts: list[dict[str, Any]] = [
        {"kind": "quiet", "text": turn("as_of", language, on=date_text(advice.on, advice.law, language))}
    ]
    if advice.refused:
        parts.append({"kind": "paragraph", "text": turn("refused", language)})
    for section in advice.sections:
        parts.append({"kind": "heading", "text": section.title.text(language)})
        items = [
            point.said.text(language) + "".join(f" [{number}]" for number in advice.numbers(point.cite))
            for point in section.points
        ]
        parts.append({"kind": "list", "items": items})
    for title, head, rows in schedule_tables(advice, language):
        parts += [{"kind": "heading", "text": title}, {"kind": "instalments", "head": head, "rows": rows}]
    if advice.lines:
        parts.append({"kind": "heading", "text": turn("ledger", language)})
        parts.append({"kind": "table", "head": turn("columns", language), "rows": ledger_rows(advice, language)})
    if advice.references:
        cited = [cited_line(one, advice.law, language) for one in advice.references]
        parts += [{"kind": "heading", "text": turn("clauses", language)}, {"kind": "numbers", "items": cited}]
    parts.append({"kind": "quiet", "text": turn("note", language)})
    return document_pdf(advice.title.text(language), parts, advice.on, language)


def document_pdf(
    title: str, parts: Sequence[Mapping[str, Any]], on: date, language: str, heading: bool = True
) -> bytes:
    """A document of parts (`heading`, `paragraph`, `quiet`, `list`, `numbers`, `table` with four columns, `instalments` with three). Refusal if a character is not in the fonts."""
    job = {
        "title": title, "heading": heading, "lang": tongue_of(language), "parts": list(parts),
        "date": {"year": on.year, "month": on.month, "day": on.day},
    }  # fmt: skip
    text = json.dumps(job, ensure_ascii=False)
    if lacking := missing(text, bold=False):
        raise Refusal(
            Finding(
                "character_not_in_font",
                f"has {', '.join(lacking)}, which the font cannot print",
                todo="take the text form",
            )
        )
    try:
        made = _compiler().compile(
            format="pdf",
            sys_inputs={"job": text},
            pdf_standards=["a-2b"],
            timestamp=datetime(on.year, on.month, on.day, tzinfo=UTC),
        )
    except typst.TypstError as error:
        # what follows the first colon may quote the text
        raise refuse(
            "document_not_set", f"Typst could not set it ({str(error).partition(':')[0][:80]})", todo="report this"
        ) from None
    assert isinstance(made, bytes)
    return made


def _compiler() -> typst.Compiler:
    """One compiler a thread: it is not to be shared."""
    found: typst.Compiler | None = getattr(_threads, "compiler", None)
    if found is None:
        here = Path(str(resources.files("arrears.advise")))
        letters = Path(str(resources.files("arrears.notice.paper").joinpath("fonts")))
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[letters])
        found = _threads.compiler = typst.Compiler(here / "paper.typ", root=here, font_paths=fonts)
    return found
