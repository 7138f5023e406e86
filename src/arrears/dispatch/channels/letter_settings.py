"""What an installation says of its letters, and a letter made from a message by it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from arrears.dispatch.channel import Message
from arrears.errors import Refusal, refuse
from arrears.installation import Installation, Lender
from arrears.notice.paper import Layout, Letter, Letterhead, Line, amounts_from, layout_for, load_layouts
from arrears.notice.paper.letter import labels

#: Settings and what they are when they are not given; None: must be given.
_DEFAULTS: Mapping[str, Any] = {
    "paper": None, "country": None, "folder": "out/letters", "batch_letters": 500, "batch_minutes": 60, "merged": False,
    "verify_url": "", "payment": {}, "layouts": "", "time_zone": "UTC", "returned_seconds": 60, "per_second": 50,
}  # fmt: skip


@dataclass(frozen=True)
class LetterSettings:
    """The section `channels: letter:`, checked. `folder` is the spool; `payment`: lines of the payment table by language (zh, en)."""

    lender: Lender
    layout: Layout
    country: str
    folder: Path
    batch_letters: int
    batch_seconds: float
    merged: bool
    verify_url: str
    payment: Mapping[str, tuple[Line, ...]]
    zone: ZoneInfo
    returned_seconds: float
    per_second: float


def letter_settings(settings: Mapping[str, Any], installation: Installation) -> LetterSettings:
    """The settings of the channel. Refusal that names the field if one is unknown, missing or unfit."""
    file = str(installation.path)
    given = {**_DEFAULTS, **settings}
    for name in given:
        if name not in _DEFAULTS or given[name] is None:
            what = "is not a setting of letters" if name not in _DEFAULTS else "is missing"
            raise _unfit(file, name, what, f"the settings are {', '.join(_DEFAULTS)}")
    for name in ("batch_letters", "batch_minutes", "returned_seconds", "per_second"):
        if isinstance(given[name], bool) or not isinstance(given[name], (int, float)) or given[name] <= 0:
            raise _unfit(file, name, "must be a number above 0")
    if given["verify_url"] and "{code}" not in given["verify_url"]:
        raise _unfit(
            file, "verify_url", "must hold {code}", "say where the code goes: https://example.org/verify/{code}"
        )
    if given["country"] not in labels()["countries"]:
        raise _unfit(file, "country", f"must be one of {', '.join(labels()['countries'])}")
    layouts = load_layouts(installation.folder / given["layouts"] if given["layouts"] else None)
    return LetterSettings(
        lender=installation.lender,
        layout=layout_for(str(given["paper"]), given["country"], layouts),
        country=given["country"],
        folder=installation.folder / str(given["folder"]),
        batch_letters=int(given["batch_letters"]),
        batch_seconds=float(given["batch_minutes"]) * 60,
        merged=bool(given["merged"]),
        verify_url=given["verify_url"],
        payment=_payment(given["payment"], file),
        zone=_zone(str(given["time_zone"]), file),
        returned_seconds=float(given["returned_seconds"]),
        per_second=float(given["per_second"]),
    )


def _unfit(file: str, name: str, what: str, todo: str = "") -> Refusal:
    return refuse("installation", what, file=file, field=f"channels.letter.{name}", todo=todo, exit_code=2)


def _payment(given: Any, file: str) -> dict[str, tuple[Line, ...]]:
    try:
        return {
            key: tuple(Line(str(row["label"]), str(row["value"])) for row in rows) for key, rows in dict(given).items()
        }
    except (TypeError, ValueError, KeyError):
        raise _unfit(file, "payment", "must be, by language (zh, en), a list of {label, value}") from None


def _zone(name: str, file: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise _unfit(file, "time_zone", f"{name!r} is not an IANA time zone") from None


def letter_of(message: Message, settings: LetterSettings, on: date) -> Letter:
    """The message as a letter. Its text is split into paragraphs at empty lines; a message without subject gets the lender's name.

    Refusal if there is no address or no name: a letter that anybody in the house may open is not sent.
    """
    for field, given in (("address", message.to), ("name", message.name)):
        if not (given or "").strip():
            raise refuse(f"{field}_missing", "is missing", field=field, todo="complete the facts of the person")
    words = message.words
    key = "zh" if words.language.lower().startswith("zh") else "en"
    frame = labels()[key]
    payment = settings.payment.get(key, ())
    if payment:
        payment = (*payment, Line(frame["payment_reference"], message.account_id))
    return Letter(
        language=words.language,
        on=on,
        sender=_letterhead(settings.lender, key),
        recipient=recipient_of(message, settings.country, frame["recipient"]),
        reference=message.account_id,
        subject=words.subject or _told(settings.lender.name, key),
        paragraphs=tuple(part.strip("\n") for part in re.split(r"\n[ \t]*\n", words.text.strip()) if part.strip()),
        code=words.code,
        qr=settings.verify_url.replace("{code}", quote(words.code)) if settings.verify_url else words.code,
        amounts=amounts_from(message.facts, key, settings.country),
        payment=payment,
    )


def recipient_of(message: Message, country: str, form: str) -> tuple[str, ...]:
    """The lines of the address in the order of the country: in China the name stands last, elsewhere first."""
    address = tuple(line.strip() for line in message.to.splitlines() if line.strip())
    name = (form.format(name=message.name),) if message.name else ()
    return (*address, *name) if labels()["countries"][country]["order"][0] == "address" else (*name, *address)


def postcode_of(message: Message, country: str) -> str:
    """The postcode in the address, empty where none is found; the last line that has one counts."""
    pattern = re.compile(labels()["countries"][country]["postcode"])
    found = [match.group() for line in message.to.splitlines() if (match := pattern.search(line.strip().upper()))]
    return found[-1] if found else ""


def _letterhead(lender: Lender, key: str) -> Letterhead:
    address = _told(lender.address, key)
    lines = tuple(line.strip() for line in address.splitlines() if line.strip())
    return Letterhead(_told(lender.name, key), lender.phone, lender.site, lines)


def _told(texts: Mapping[str, str], key: str) -> str:
    return texts.get(key) or next(iter(texts.values()), "")
