"""The question pages as files: the same answers as the service shows."""

from __future__ import annotations

from collections.abc import Iterator

from arrears.advise.questions import NAMES
from arrears.web.question_pages import shown_answer, titles
from arrears.web.site_page import SitePage


def question_files(page: SitePage) -> Iterator[tuple[str, bytes]]:
    """The page of every question in one language, by its file."""
    for name in NAMES:
        others = [one for one in titles(page.language) if one[0] != name]
        yield page.file(name, "question_file.html", advice=shown_answer(name, page.language), questions=others)
