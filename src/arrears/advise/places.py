"""Where to complain and where free help is: addresses as dated data (`places.yaml`), by law, each with the day it was looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from arrears.advise.said import Said, read_words
from arrears.facts.beside import tongue_of
from arrears.notice.language import date_text


@dataclass(frozen=True)
class Place:
    """An office. `purposes`: `complain`, `help`, `department`. `confirmed`: whether the number or address was found in a source."""

    id: str
    name: Said
    handles: Said
    reach: Said
    purposes: tuple[str, ...]
    checked_on: date
    confirmed: bool

    def line(self, law: str, language: str) -> str:
        """The office, how to reach it, what it deals with, and how far that is confirmed."""
        words = read_words("turns.yaml")
        mark = words["place_confirmed" if self.confirmed else "place_unconfirmed"][tongue_of(language)]
        form = str(words["place"][tongue_of(language)])
        return form.format(name=self.name.text(language), reach=self.reach.text(language), handles=self.handles.text(language),
                           mark=str(mark).format(on=date_text(self.checked_on, law, language)))  # fmt: skip


@cache
def places(law: str) -> tuple[Place, ...]:
    """The offices of a law's country, in the order in which to turn to them."""
    return tuple(_place(part) for part in read_words("places.yaml").get(law, ()))


def _place(part: Mapping[str, Any]) -> Place:
    name, handles, reach = (Said(part[one]["zh"], part[one]["en"]) for one in ("name", "handles", "reach"))
    checked = part["checked"] if isinstance(part["checked"], date) else date.fromisoformat(part["checked"])
    return Place(part["id"], name, handles, reach, tuple(part["for"]), checked, bool(part["confirmed"]))
