"""A pack as a page for people: what is allowed when, by channel, as a picture of the week; every clause with its source; what is not confirmed.

Made from the clauses themselves, so page and guard cannot differ. Text in Markdown, the picture in SVG.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from html import escape
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from arrears.facts.beside import yaml_beside
from arrears.law.clauses import Clause
from arrears.law.guard import may
from arrears.law.history import History
from arrears.law.packs import Pack, Stack, load_pack, pack_stack
from arrears.law.questions import Question
from arrears.law.wording.clauses import WordingClause


class Graded(Protocol):
    """What has a force of law and a way in which it was confirmed."""

    @property
    def force(self) -> str:
        """The force: a word of `forces` in pages.yaml."""

    @property
    def confirmed(self) -> str:
        """`read`, `secondary` or `false`."""


#: Channels of the picture, and half hours of a day.
PICTURED = ("call", "sms", "email", "letter", "visit")
SLOTS = 48
TONGUES = {"zh-CN": "zh", "en": "en"}
CELL, ROW, LEFT, TOP, GAP = 9, 13, 74, 26, 30


@cache
def _words() -> dict[str, Any]:
    content: dict[str, Any] = yaml_beside("arrears.law", "pages.yaml")
    return content


def word(key: str, language: str, **figures: object) -> str:
    """A word of the pages in `zh-CN` or `en`."""
    return str(_words()[key][TONGUES[language]]).format(**figures)


def _kind(kind: str, language: str) -> str:
    return str(_words()["kinds"][kind][TONGUES[language]])


def page(pack: Pack, on: date, language: str, picture: str) -> str:
    """The page of a pack as the law stands on a day; `picture` is the link to its week."""
    tongue = TONGUES[language]
    held = [clause for clause in pack.clauses if clause.in_force(on)]
    rows = [
        f"# {pack.title[tongue]}", "", word("lead", language, on=on), "",
        f"## {word('week', language)}", "", word("week_note", language, zone=pack.zone), "",
        f"![{word('week', language)}]({picture})", "",
    ]  # fmt: skip
    if pack.on_top_of:
        rows += [word("on_top_of", language, base=load_pack(pack.on_top_of).title[tongue]), ""]
    for kind in _words()["kinds"]:
        rows += _section(
            _kind(kind, language), [clause for clause in held if clause.kind == kind and clause.on], language
        )
    rows += _section(
        word("off", language), [clause for clause in held if not clause.on], language, word("off_note", language)
    )
    rows += _section(word("not_yet", language), [clause for clause in pack.clauses if clause.from_on > on], language)
    if pack.not_confirmed:
        rows += [f"## {word('not_confirmed', language)}", "", word("not_confirmed_note", language), ""]
        rows += [*(f"- {item[tongue]}" for item in pack.not_confirmed), ""]
    return "\n".join(rows)


def _section(head: str, clauses: Sequence[Clause | WordingClause], language: str, note: str = "") -> list[str]:
    """A table of clauses under a heading; nothing if there are none."""
    if not clauses:
        return []
    names = [word(name, language) for name in ("clause", "says", "who", "force", "since", "source")]
    rows = [f"## {head}", ""] + ([note, ""] if note else [])
    rows += ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    return [*rows, *(_row(clause, language) for clause in clauses), ""]


def _row(clause: Clause | WordingClause, language: str) -> str:
    tongue = TONGUES[language]
    since = clause.from_on.isoformat() + (f" – {clause.until_on.isoformat()}" if clause.until_on else "")
    who = word("glue", language).join(_words()["binds"][name][tongue] for name in sorted(clause.binds))
    force, mark = force_word(clause, language), confirmed_word(clause, language)
    cells = (f"`{clause.id}`", clause.says[tongue], who, force, since, f"{clause.source_in(language)} ({mark})")
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def force_word(clause: Graded, language: str) -> str:
    """What kind of rule a clause is."""
    return str(_words()["forces"][clause.force][TONGUES[language]])


def confirmed_word(clause: Graded, language: str) -> str:
    """How a clause was confirmed: its text read, a reliable account of it, or not at all."""
    return str(_words()["confirmed"][clause.confirmed][TONGUES[language]])


def channel_word(channel: str, language: str) -> str:
    """The name of a pictured channel."""
    return str(_words()["channels"][channel][TONGUES[language]])


def day_word(day: date, language: str) -> str:
    """The day of the week."""
    return str(_words()["days"][TONGUES[language]][day.weekday()])


# --- the week -----------------------------------------------------------------------------------------------


def week(pack: Pack, on: date, language: str) -> str:
    """The week of a day by channel as SVG: each half hour open or closed to a contact with the borrower, by the clauses on hours."""
    monday = on - timedelta(days=on.weekday())
    stack = _hours_only(pack)
    channels = [channel for channel in PICTURED if _speaks(stack, channel)] or list(PICTURED[:1])
    grids = [(channel, _open_slots(stack, channel, monday)) for channel in channels]
    width = LEFT + SLOTS * CELL + 20
    height = TOP + len(grids) * (7 * ROW + GAP) - GAP + 10
    body = [_grid(channel, slots, index, language) for index, (channel, slots) in enumerate(grids)]
    title = f"{pack.title[TONGUES[language]]}: {word('week', language)}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title)}" '
        'font-family="system-ui, sans-serif" font-size="10">\n'
        f'<title>{escape(title)}</title>\n<rect width="{width}" height="{height}" fill="#ffffff"/>\n'
        + "\n".join(body)
        + "\n</svg>\n"
    )


def _hours_only(pack: Pack) -> Stack:
    """The pack and what it stands on, with the clauses on hours alone."""
    return Stack(
        tuple(
            replace(one, clauses=tuple(c for c in one.clauses if c.kind == "hours" and c.on))
            for one in pack_stack(pack).packs
        )
    )


def _speaks(stack: Stack, channel: str) -> bool:
    return any(clause.channels is None or channel in clause.channels for clause, _ in stack.clauses)


def _open_slots(stack: Stack, channel: str, monday: date) -> list[list[bool]]:
    """Whether a contact may be made in the middle of each half hour of each day of the week, by whoever is bound most."""
    zone, nothing = ZoneInfo(stack.packs[-1].zone), History(())
    return [
        [
            all(
                may(stack, Question(channel, at, (str(zone),), binds=binds), nothing).verdict == "allowed"
                for binds in ("lender", "agency")
            )
            for at in _middles(monday + timedelta(days=day), zone)
        ]
        for day in range(7)
    ]


def _middles(day: date, zone: ZoneInfo) -> Iterator[datetime]:
    for slot in range(SLOTS):
        yield datetime(day.year, day.month, day.day, slot // 2, 15 + slot % 2 * 30, tzinfo=zone)


def _grid(channel: str, slots: list[list[bool]], index: int, language: str) -> str:
    top = TOP + index * (7 * ROW + GAP)
    parts = [
        f'<text x="4" y="{top - 8}" font-weight="600">{escape(_words()["channels"][channel][TONGUES[language]])}</text>'
    ]
    parts += [
        f'<text x="{LEFT + hour * 2 * CELL}" y="{top - 8}" text-anchor="middle" fill="#555">{hour}</text>'
        for hour in range(0, 25, 4)
    ]
    for day, row in enumerate(slots):
        y = top + day * ROW
        name = _words()["days"][TONGUES[language]][day]
        parts.append(f'<text x="{LEFT - 6}" y="{y + ROW - 3}" text-anchor="end" fill="#555">{escape(name)}</text>')
        parts += [
            f'<rect x="{LEFT + begin * CELL}" y="{y}" width="{(end - begin) * CELL}" height="{ROW - 1}" fill="{"#2f7d4f" if is_open else "#e6e2dc"}"/>'
            for begin, end, is_open in _runs(row)
        ]
    return "\n".join(parts)


def _runs(row: Iterable[bool]) -> Iterator[tuple[int, int, bool]]:
    """Neighbouring half hours of one kind, as (first, after the last, open)."""
    slots = list(row)
    begin = 0
    for slot in range(1, len(slots) + 1):
        if slot == len(slots) or slots[slot] != slots[begin]:
            yield begin, slot, slots[begin]
            begin = slot
