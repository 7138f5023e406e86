"""Legal dates as a calendar file (iCalendar, RFC 5545): one all-day event a last day, with a reminder thirty days before.

Lines end in CRLF and are folded at 75 octets. A date keeps its UID from one export to the next, so a calendar that reads a later file moves
the event. No name of a person goes in: accounts stand by their id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import timedelta

from arrears.legal.dates import LegalDate, LegalDates
from arrears.legal.debt import Debt
from arrears.legal.reasoning import reasons_of, warning_of, word

FOLD_OCTETS = 75
REMIND_DAYS = 30
#: A day that is over or a step that is taken needs no entry; one held without end has none to give.
IN_CALENDAR = ("running", "not_started", "doubtful")


def entries(found: Iterable[LegalDates]) -> list[tuple[LegalDate, Debt]]:
    """The dates that go into a calendar: every last day that is still to come or in doubt."""
    return [
        (one, dates.debt)
        for dates in found
        for one in dates.dates
        if one.status in IN_CALENDAR and one.last_on is not None
    ]  # fmt: skip


def icalendar(found: Iterable[LegalDates], language: str) -> str:
    """The file's text. A calendar without any entry is none by RFC 5545 (3.6): ask `entries` first."""
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//arrears//legal dates//{'ZH' if language == 'zh-CN' else 'EN'}",
        "CALSCALE:GREGORIAN", f"X-WR-CALNAME:{_escaped(word('ics', 'calendar', language))}",
    ]  # fmt: skip
    for one, debt in entries(found):
        lines += _event(one, debt, language)
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def uid(one: LegalDate, debt: Debt) -> str:
    """The same for the same step of the same debt, clause and, where the law counts so, instalment, event or guarantor."""
    event = debt.ids.get(one.start.event, "") if one.start.event else ""
    guarantor = (one.start.guarantee.person_id,) if one.start.guarantee else ()
    about = (debt.account_id, one.clause.id, one.step.id, str(one.instalment_due_on or ""), event, *guarantor)
    return hashlib.sha256("\x1f".join(about).encode()).hexdigest()[:32] + "@arrears"


def _event(one: LegalDate, debt: Debt, language: str) -> Iterator[str]:
    assert one.last_on is not None
    name = one.step.name["zh" if language == "zh-CN" else "en"]
    if one.instalment_due_on:
        name = word("table", "instalment", language, name=name, due_on=one.instalment_due_on)
    form = "not_before" if one.step.form == "not_before" else "summary"
    summary = word("ics", form, language, name=name, account=debt.account_id)
    if one.provisional:
        summary = word("ics", "provisional", language, text=summary)
    yield "BEGIN:VEVENT"
    yield f"UID:{uid(one, debt)}"
    # the moment the file speaks of, so that the same facts make the same file
    yield f"DTSTAMP:{debt.day:%Y%m%d}T000000Z"
    yield f"DTSTART;VALUE=DATE:{one.last_on:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{one.last_on + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_escaped(summary)}"
    yield f"DESCRIPTION:{_escaped(_description(one, debt, language))}"
    yield f"STATUS:{'TENTATIVE' if one.provisional else 'CONFIRMED'}"
    yield "TRANSP:TRANSPARENT"
    yield from ("BEGIN:VALARM", "ACTION:DISPLAY", f"TRIGGER:-P{REMIND_DAYS}D")
    yield f"DESCRIPTION:{_escaped(word('ics', 'alarm', language, name=name))}"
    yield from ("END:VALARM", "END:VEVENT")


def _description(one: LegalDate, debt: Debt, language: str) -> str:
    lines = [reason.text for reason in reasons_of(one, debt, language)]
    lines.append(f"{one.clause.id}: {one.clause.source}")
    warning = warning_of(one, debt, language)
    return "\n".join([*lines, *([warning] if warning else []), word("table", "closing", language)])


def _escaped(text: str) -> str:
    """Text as a value: RFC 5545, 3.3.11."""
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(plain, written)
    return "".join(char for char in text if char.isprintable())


def _folded(line: str) -> Iterator[str]:
    """The line in parts of at most 75 octets, each after the first with a space before it; no character is cut in two."""
    part, octets = "", 0
    for char in line:
        size = len(char.encode())
        if octets + size > FOLD_OCTETS:
            yield part
            part, octets = " ", 1
        part, octets = part + char, octets + size
    yield part
