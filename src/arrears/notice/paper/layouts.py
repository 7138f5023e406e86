"""Where an address stands, by paper and country, so that a window envelope shows it and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from arrears.errors import refuse

_KEYS = {
    "paper", "countries", "envelope", "window", "folds", "hole", "sender_line", "address", "information", "letterhead",
    "body", "confirmed", "source",
}  # fmt: skip
_SIZES = {"a4": (210.0, 297.0), "us-letter": (215.9, 279.4)}


@dataclass(frozen=True)
class Layout:
    """One paper in one envelope; `places` is as in layouts.yaml, in millimetres from the top left corner of the paper."""

    id: str
    paper: str
    countries: tuple[str, ...]
    places: Mapping[str, Any]

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the paper in millimetres."""
        return _SIZES[self.paper]

    def seen(self) -> tuple[tuple[float, float, float, float], tuple[float, float, float, float]]:
        """What the window shows of the folded paper however it lies, and what it may show: (left, top, right, bottom) in millimetres."""
        envelope, window = self.places["envelope"], self.places["window"]
        top = envelope["height"] - window["bottom"] - window["height"]
        left, right, bottom = window["left"], window["left"] + window["width"], top + window["height"]
        loose_x = envelope["width"] - self.size[0]
        loose_y = envelope["height"] - self.places["folds"][0]
        return (left, top, right - loose_x, bottom - loose_y), (left - loose_x, top - loose_y, right, bottom)


def load_layouts(path: Path | None = None) -> tuple[Layout, ...]:
    """The layouts that come with arrears, or those of a file of the same form. Refusal if it is not of that form."""
    return _shipped() if path is None else _read(path.read_text("utf-8"), str(path))


def layout_for(paper: str, country: str, layouts: tuple[Layout, ...] | None = None) -> Layout:
    """The layout of a paper (a4, us-letter) for letters within a country (ISO 3166-1). Refusal that names what there is."""
    known = _shipped() if layouts is None else layouts
    for layout in known:
        if layout.paper == paper and country in layout.countries:
            return layout
    there = "; ".join(f"{layout.paper} for {', '.join(layout.countries)}" for layout in known)
    raise refuse("layout", f"there is no envelope for {paper} in {country}", todo=f"there are: {there}", exit_code=2)


@cache
def _shipped() -> tuple[Layout, ...]:
    return _read(files("arrears.notice.paper").joinpath("layouts.yaml").read_text("utf-8"), "layouts.yaml")


def _read(text: str, file: str) -> tuple[Layout, ...]:
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise refuse("layout", f"cannot be read: {error}", file=file, exit_code=2) from None
    if not isinstance(content, dict):
        raise refuse("layout", "must be a mapping of layouts", file=file, exit_code=2)
    for name, places in content.items():
        if not isinstance(places, dict) or set(places) != _KEYS:
            raise refuse("layout", f"must have {', '.join(sorted(_KEYS))}", file=file, field=str(name), exit_code=2)
        if places["paper"] not in _SIZES:
            raise refuse("layout", f"paper is one of {', '.join(_SIZES)}", file=file, field=str(name), exit_code=2)
    return tuple(
        Layout(str(name), places["paper"], tuple(places["countries"]), places) for name, places in content.items()
    )
