"""An answer of the advice room as HTML: the same parts for a page of the service, for a file of its own and for the static bundle."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import resources
from typing import Any

from arrears.advise import Advice
from arrears.advise.cited import Reference
from arrears.advise.text import ledger_rows, schedule_tables, turn
from arrears.law.pages import force_word
from arrears.notice.language import date_text
from arrears.web.pages_shown import rendered


def advice_shown(advice: Advice, language: str) -> dict[str, Any]:
    """What the template `_advice.html` shows of an answer."""
    return {
        "title": advice.title.text(language), "refused": turn("refused", language) if advice.refused else "",
        "as_of": turn("as_of", language, on=date_text(advice.on, advice.law, language)),
        "sections": [
            {"id": section.id, "title": section.title.text(language),
             "points": [{"text": point.said.text(language), "marks": advice.numbers(point.cite)} for point in section.points]}
            for section in advice.sections
        ],
        "columns": turn("columns", language), "lines": ledger_rows(advice, language), "ledger": turn("ledger", language),
        "schedules": [
            {"title": title, "columns": head, "rows": rows} for title, head, rows in schedule_tables(advice, language)
        ],
        "clauses_head": turn("clauses", language), "note": turn("note", language),
        "clauses": clauses_shown(advice.references, advice.law, language),
    }  # fmt: skip


def clauses_shown(references: Iterable[Reference], law: str, language: str) -> list[dict[str, Any]]:
    """The rules behind a page, numbered from 1 in their order, as the template's `clauses` takes them."""
    return [
        {"number": number, "id": one.id, "text": one.says.text(language), "source": one.source_in(language), "force": force_word(one, language),
         "confirmed": one.confirmed_text(language), "is_read": one.confirmed == "read", "unread": turn("unconfirmed", language),
         "since": turn("since", language, on=date_text(one.from_on, law, language)) if one.from_on else turn("since_unknown", language)}
        for number, one in enumerate(references, start=1)
    ]  # fmt: skip


def advice_file(advice: Advice, language: str) -> str:
    """The answer as one HTML file that stands alone: its style is in it, it has no script and asks for nothing."""
    css = resources.files("arrears.web").joinpath("assets", "base.css").read_text("utf-8")
    return rendered("advice_file.html", advice=advice_shown(advice, language), language=language, css=css)
