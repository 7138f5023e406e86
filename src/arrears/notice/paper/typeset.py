"""Letters set by Typst into PDF/A-2b. What varies goes in as JSON data; no text ever becomes part of the template.

Typst runs in this process, from the template and the fonts beside this module only: no system font, no package, no network.
"""

from __future__ import annotations

import io
import json
import re
import threading
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

import segno
import typst

from arrears.errors import Finding, Refusal
from arrears.notice.paper.glyphs import missing
from arrears.notice.paper.layouts import Layout
from arrears.notice.paper.letter import Letter, labels, printed, tidy

Form = Literal["pdf", "png"]

_HERE = Path(__file__).parent
_threads = threading.local()


def letter_pdf(letter: Letter, layout: Layout) -> bytes:
    """One letter as PDF/A-2b. Refusal if it has a character outside the fonts or an address that does not fit its window."""
    return letters_pdf([letter], layout)


def letters_pdf(letters: Sequence[Letter], layout: Layout) -> bytes:
    """Many letters in one file, each on pages of its own that count from 1. Refusal as for `letter_pdf`, naming the first unfit letter."""
    return _set(letters, layout, "pdf", None)[0]


def letter_pages(letter: Letter, layout: Layout, ppi: float = 144) -> list[bytes]:
    """The pages of one letter as PNG pictures, to look at."""
    return _set([letter], layout, "png", ppi)


def check_letter(letter: Letter) -> tuple[Finding, ...]:
    """What keeps a letter from being printed: a part with characters that the fonts lack, by code point and without the text."""
    found = []
    for part, text, bold in printed(tidy(letter)):
        if lacking := missing(text, bold):
            what = f"has {', '.join(lacking)}, which the {'bold ' if bold else ''}font of letters cannot print"
            found.append(Finding("character_not_in_font", what, field=part, todo="send this letter another way"))
    return tuple(found)


def _set(letters: Sequence[Letter], layout: Layout, form: Form, ppi: float | None) -> list[bytes]:
    if not letters:
        raise ValueError("no letters")
    tidied = [tidy(letter) for letter in letters]
    for letter in tidied:
        if faults := check_letter(letter):
            raise Refusal(*faults)
    job = json.dumps(_job(tidied, layout), ensure_ascii=False)
    try:
        made = _compiler().compile(
            format=form, ppi=ppi, sys_inputs={"job": job}, pdf_standards=["a-2b"] if form == "pdf" else [],
            timestamp=_midnight(max(letter.on for letter in tidied)),
        )  # fmt: skip
    except typst.TypstError as error:
        raise Refusal(_fault(str(error))) from None
    if made is None:
        raise AssertionError("Typst gave no pages")
    return made if isinstance(made, list) else [made]


def _compiler() -> typst.Compiler:
    """One compiler a thread: it keeps the fonts and the template between letters, and is not to be shared."""
    found: typst.Compiler | None = getattr(_threads, "compiler", None)
    if found is None:
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[_HERE / "fonts"])
        found = typst.Compiler(_HERE / "letter.typ", root=_HERE, font_paths=fonts)
        _threads.compiler = found
    return found


def _fault(message: str) -> Finding:
    if "address_does_not_fit" in message:
        return Finding("address_does_not_fit", "is too long for the window of the envelope", field="recipient",
                       todo="send this letter another way, or shorten the address")  # fmt: skip
    kind = message.partition(":")[0][:80]  # what follows may quote the letter
    return Finding("letter_not_set", f"Typst could not set the letter ({kind})", todo="report this, with its kind")


def _midnight(on: date) -> datetime:
    return datetime(on.year, on.month, on.day, tzinfo=UTC)


def _job(letters: Sequence[Letter], layout: Layout) -> dict[str, Any]:
    first, latest = letters[0], max(letter.on for letter in letters)
    many = labels()[first.key]["letters"].format(count=len(letters))
    return {
        "title": first.subject if len(letters) == 1 else many,
        "author": first.sender.name,
        "date": {"year": latest.year, "month": latest.month, "day": latest.day},
        "layout": dict(layout.places),
        "letters": [_data(letter) for letter in letters],
    }


def _data(letter: Letter) -> dict[str, Any]:
    words = labels()[letter.key]
    sender = letter.sender
    return {
        "key": letter.key,
        "lang": "zh" if letter.key == "zh" else "en",
        "region": "CN" if letter.key == "zh" else None,
        "sender": {
            "name": sender.name,
            "lines": [f"{words['phone']} {sender.phone}", sender.site, " ".join(sender.address)],
            "return-line": [" · ".join((sender.name, *sender.address)), sender.name],
            "foot": f"{sender.name} · {sender.phone} · {sender.site}",
        },
        "recipient": list(letter.recipient),
        "information": [[words["date"], _day(letter)], [words["reference"], letter.reference]],
        "reference": letter.reference,
        "subject": letter.subject,
        "paragraphs": list(letter.paragraphs),
        "amounts": [{"cells": [line.label, line.value], "total": line.total} for line in letter.amounts],
        "payment": [[line.label, line.value] for line in letter.payment],
        "verify": words["verify_how"].format(site=sender.site, phone=sender.phone),
        "code": letter.code,
        "qr": _qr(letter.qr),
        "labels": {name: words[name] for name in ("amounts", "item", "amount", "payment", "verify", "code", "page")},
    }


def _day(letter: Letter) -> str:
    on = letter.on
    return f"{on.year}年{on.month}月{on.day}日" if letter.key == "zh" else f"{on.day} {on:%B %Y}"


def _qr(text: str) -> str:
    """A QR code (ISO/IEC 18004, error correction M) as SVG, with its quiet zone."""
    picture = io.BytesIO()
    segno.make_qr(text, error="m").save(picture, kind="svg", border=2, xmldecl=False, svgclass=None, lineclass=None)
    return picture.getvalue().decode("utf-8")


def page_count(pdf: bytes) -> int:
    """The pages of a file that `letters_pdf` made: what its page tree counts at its root."""
    return max(int(count) for count in re.findall(rb"/Type\s*/Pages\s*/Count (\d+)", pdf))
