"""Letters that a borrower sends to the lender, filled from the case; as text and as PDF, in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from arrears.advise.figures import figures_of, flags_of
from arrears.advise.looked import Looked
from arrears.advise.points import holds
from arrears.advise.said import Figure, Said, filled, read_words

NAMES = ("hardship", "dispute", "complaint", "third_party", "calculation")
#: What a blank letter takes to be so.
BLANK_FLAGS = frozenset({"due", "law_cn"})


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
    return _letter(name, figures_of(looked), flags_of(looked), looked.law, looked.today)


def blank_letter(name: str, on: date) -> BorrowersLetter:
    """A letter of `NAMES` for a loan of mainland China, every figure left blank. `on`: the day of the file. KeyError if there is none."""
    blanks = {figure: Said(said["zh"], said["en"]) for figure, said in read_words("letters.yaml")["blanks"].items()}
    return _letter(name, blanks, BLANK_FLAGS, "cn", on)


def _letter(name: str, figures: Mapping[str, Figure], flags: frozenset[str], law: str, on: date) -> BorrowersLetter:
    words = read_words("letters.yaml")
    opening, points, closing = (
        tuple(_filled(part, figures, flags, law))
        for part in (words["open"], words["letters"][name]["points"], words["close"])
    )
    return BorrowersLetter(on, title_of(name), opening, points, closing)


def title_of(name: str) -> Said:
    """The subject of a letter. KeyError if there is none."""
    title = read_words("letters.yaml")["letters"][name]["title"]
    return Said(title["zh"], title["en"])


def _filled(
    parts: Iterable[Mapping[str, Any]], figures: Mapping[str, Figure], flags: frozenset[str], law: str
) -> Iterator[Said]:
    for part in parts:
        said = filled(part, figures, law) if holds(part, flags) else None
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
