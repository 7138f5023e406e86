"""Letters that a borrower sends to the lender, filled from the case; as text and as PDF, in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from arrears.advise.figures import figures_of, flags_of
from arrears.advise.looked import Looked
from arrears.advise.points import Known, holds
from arrears.advise.said import Said, filled, read_words

NAMES = ("hardship", "dispute", "complaint", "third_party", "calculation")


@dataclass(frozen=True)
class BorrowersLetter:
    """A letter: its day, its subject and its paragraphs. Blanks in brackets are for the borrower to fill in."""

    on: date
    title: Said
    opening: tuple[Said, ...]
    paragraphs: tuple[Said, ...]
    closing: tuple[Said, ...]


def letter_of(looked: Looked, name: str) -> BorrowersLetter:
    """A letter of `NAMES`, filled from the case. KeyError if there is none."""
    words, known = read_words("letters.yaml"), Known(looked, figures_of(looked), flags_of(looked))
    letter = words["letters"][name]
    return BorrowersLetter(
        looked.today, title_of(name), tuple(_filled(words["open"], known)),
        tuple(_filled(letter["points"], known)), tuple(_filled(words["close"], known)),
    )  # fmt: skip


def title_of(name: str) -> Said:
    """The subject of a letter. KeyError if there is none."""
    title = read_words("letters.yaml")["letters"][name]["title"]
    return Said(title["zh"], title["en"])


def _filled(parts: Iterable[Mapping[str, Any]], known: Known) -> Iterator[Said]:
    for part in parts:
        said = filled(part, known.figures, known.looked.law) if holds(part, known.flags) else None
        if said is not None:
            yield said


def letter_text(letter: BorrowersLetter, language: str) -> str:
    """The letter as plain text."""
    parts = [(letter.title,), letter.opening, letter.paragraphs, letter.closing]
    glue = {2: "\n\n"}
    return (
        "\n\n".join(
            glue.get(index, "\n").join(said.text(language) for said in part) for index, part in enumerate(parts)
        )
        + "\n"
    )


def letter_pdf(letter: BorrowersLetter, language: str) -> bytes:
    """The letter as PDF/A-2b. Refusal if a character is not in the fonts."""
    from arrears.advise.paper import document_pdf

    said = (*letter.opening, *letter.paragraphs, *letter.closing)
    parts = [{"kind": "paragraph", "text": one.text(language)} for one in said]
    return document_pdf(letter.title.text(language), parts, letter.on, language)
