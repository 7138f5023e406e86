"""The round sheet: what a crew takes along for one day, as one HTML file that needs no network, and on paper.

It is read without any script; a small one keeps what is filled in on the device and hands it over as the file of outcomes. The page
forbids itself every connection (its own Content-Security-Policy), so what stands on it leaves the device only as that file.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from arrears.dispatch.outcome_file import COLUMNS
from arrears.dispatch.outcomes import codes
from arrears.facts.beside import yaml_beside


@dataclass(frozen=True)
class SheetDuty:
    """A duty in the sheet's language, and where it stands."""

    text: str
    source: str


@dataclass(frozen=True)
class SheetStop:
    """One door. `key` names the attempt. Times are HH:MM on the crew's clock, `opens` and `closes` on the borrower's (`zone`).

    `owed`: label and amount with currency, as text. `say`: the words of the notice room.
    """

    key: str
    arrives: str
    leaves: str
    opens: str
    closes: str
    zone: str
    name: str | None
    address: str
    coordinates: str
    owed: tuple[tuple[str, str], ...]
    say: str
    duties: tuple[SheetDuty, ...]
    withhold: tuple[SheetDuty, ...]


@dataclass(frozen=True)
class Sheet:
    """One crew's day. `on` ISO date, `offset` of the crew's clock (`+08:00`), `valid_until` as text; `language`: zh-CN or en."""

    round: str
    crew: str
    members: tuple[str, ...]
    on: str
    zone: str
    offset: str
    leaves: str
    returns: str
    kilometres: str
    valid_until: str
    desk: str
    language: str
    stops: tuple[SheetStop, ...]


@cache
def sheet_words(tongue: str) -> dict[str, str]:
    """The fixed words of a sheet in `zh` or `en`."""
    return {name: words[tongue] for name, words in _content().items() if isinstance(words, Mapping)}


def never(tongue: str) -> list[str]:
    """What no visit does."""
    return [words[tongue] for words in _content()["never"]]


def as_html(sheet: Sheet) -> str:
    """The sheet as one HTML file."""
    style, script = _file("sheet.css"), _file("sheet.js")
    tongue = _tongue(sheet)
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_file("sheet.html.j2")).render(
        sheet=sheet, w=sheet_words(tongue), never=never(tongue), valid=valid(sheet), glue="、" if tongue == "zh" else ", ",
        codes=[(code.id, code.says[tongue]) for code in codes("visit").values()], columns=",".join(COLUMNS),
        style=Markup(style), script=Markup(script), style_hash=_hash(style), script_hash=_hash(script),
    )  # fmt: skip


def valid(sheet: Sheet) -> str:
    """Until when the sheet may be used, and whom to ask at the door."""
    return sheet_words(_tongue(sheet))["valid_until"].format(time=sheet.valid_until, desk=sheet.desk)


def as_data(sheet: Sheet) -> dict[str, Any]:
    """The sheet and its words for the paper form, JSON-ready."""
    tongue = _tongue(sheet)
    listed = [{"code": code.id, "says": code.says[tongue]} for code in codes("visit").values()]
    return {
        "sheet": asdict(sheet),
        "words": sheet_words(tongue),
        "never": never(tongue),
        "valid": valid(sheet),
        "codes": listed,
    }


def _tongue(sheet: Sheet) -> str:
    return "zh" if sheet.language == "zh-CN" else "en"


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _file(name: str) -> str:
    return resources.files("arrears.dispatch").joinpath("sheet", name).read_text("utf-8")


@cache
def _content() -> dict[str, Any]:
    return dict(yaml_beside("arrears.dispatch", "sheet/words.yaml"))


def to_json(sheet: Sheet) -> str:
    """The data of the paper form as JSON text."""
    return json.dumps(as_data(sheet), ensure_ascii=False)
