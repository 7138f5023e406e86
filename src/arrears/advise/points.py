"""Sections of an answer from their words: which points hold for a case, filled with its figures.

A section is a list of points in YAML. A point has its words (`zh`, `en`), the clauses under it (`cite`), and the flags it needs (`if`) or
must not meet (`unless`); it is left out where a figure that it names is not known. `computed` names points that other rooms give. A question
takes a section of `advice.yaml` with `from` (`part_of`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from arrears.advise.computed import COMPUTED, Point
from arrears.advise.looked import Looked
from arrears.advise.said import Figure, Said, filled, read_words


@dataclass(frozen=True)
class Section:
    """A heading and its points, in their order."""

    id: str
    title: Said
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Known:
    """What is known of a case: the case itself, its figures and its flags."""

    looked: Looked
    figures: Mapping[str, Figure]
    flags: frozenset[str]


def sections_of(parts: Iterable[Mapping[str, Any]], known: Known) -> tuple[Section, ...]:
    """The sections that have something to say of the case."""
    found = []
    for written in parts:
        part = part_of(written)
        points = tuple(_points(part["points"], known))
        if points and holds(part, known.flags):
            found.append(Section(part["id"], Said(part["title"]["zh"], part["title"]["en"]), points))
    return tuple(found)


def part_of(written: Mapping[str, Any]) -> Mapping[str, Any]:
    """A section as it is written; with `from` that of `advice.yaml`, of it the points in `only`, under the flags of `if` if it names some."""
    if "from" not in written:
        return written
    part = next(part for part in read_words("advice.yaml") if part["id"] == written["from"])
    points = part["points"]
    if "only" in written:
        points = [
            point for name in written["only"] for point in points if name == point.get("id", point.get("computed"))
        ]
    return {**part, "points": points, "if": written.get("if", part.get("if", ()))}


def _points(written: Iterable[Mapping[str, Any]], known: Known) -> Iterator[Point]:
    for part in written:
        if not holds(part, known.flags):
            continue
        if "computed" in part:
            yield from COMPUTED[part["computed"]](known.looked)
            continue
        said = filled(part, known.figures, known.looked.law)
        if said is not None:
            yield Point(part["id"], said, tuple(part.get("cite", ())))


def holds(part: Mapping[str, Any], flags: frozenset[str]) -> bool:
    """Whether the flags that a text needs hold, and none that it must not meet."""
    return set(part.get("if", ())) <= flags and not set(part.get("unless", ())) & flags
