"""The letters as files, their figures left blank: one page to read and copy them from, and each as PDF and as text."""

from __future__ import annotations

from collections.abc import Iterator

from arrears.advise.letters import NAMES, blank_letter, letter_pdf, letter_text
from arrears.advise.questions import looked_at, question
from arrears.web.site_page import SitePage

PAGE, OLD = "letters", "six-years"


def letter_files(page: SitePage) -> Iterator[tuple[str, bytes]]:
    """The page and the letters in one language, by file."""
    on, language = looked_at(OLD).today, page.language
    letters = {name: blank_letter(name, on) for name in NAMES}
    shown = [
        {"name": name, "title": letter.title.text(language), "text": letter_text(letter, language).partition("\n\n")[2]}
        for name, letter in letters.items()
    ]
    yield page.file(PAGE, "letters_file.html", letters=shown, old_question=question(OLD).title.text(language))
    for name, letter in letters.items():
        yield f"letter-{name}.{language}.pdf", letter_pdf(letter, language)
        yield f"letter-{name}.{language}.txt", letter_text(letter, language).encode()
