"""The form of a text in which words are looked for, with the place of every character in the original.

Full width and half width, letters of other scripts that look Latin, traditional characters, invisible characters, accents,
spaces and signs between Chinese characters, and repeated punctuation are undone here; disguised words in `evasion`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from arrears.facts.beside import yaml_beside

#: A run of signs between Chinese characters that is longer than this is punctuation, not a disguise.
NOISE_LIMIT = 3
#: Categories of characters that are not seen by themselves: formats and marks on others.
UNSEEN = ("Cf", "Mn", "Me")


@dataclass(frozen=True)
class Normalised:
    """`text` is the searched form; character i of it came from `original[starts[i]:ends[i]]` (starts never fall)."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Start and end in the original of characters `start` to `end` (end not included, at least one)."""
        return self.starts[start], max(self.ends[start:end])

    def replaced(self, changes: Sequence[tuple[int, int, str]]) -> Normalised:
        """The same with parts written anew: (start, end, new text), in order, not overlapping, never lengthened.

        New characters are spread over the old ones; the last one takes what is left.
        """
        if not changes:
            return self
        parts: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        at = 0
        for start, end, new in changes:
            parts += [self.text[at:start], new]
            starts += self.starts[at:start]
            ends += self.ends[at:start]
            for index in range(len(new)):
                first = start + index * (end - start) // len(new)
                last = start + (index + 1) * (end - start) // len(new)
                starts.append(self.starts[first])
                ends.append(max(self.ends[first:last]))
            at = end
        parts.append(self.text[at:])
        return Normalised("".join(parts), (*starts, *self.starts[at:]), (*ends, *self.ends[at:]))


def normalise(text: str) -> Normalised:
    """The searched form of `text`, without undoing disguised words."""
    chars, starts, ends = _folded(text)
    keep = _kept(chars)
    return Normalised(
        "".join(chars[i] for i in keep), tuple(starts[i] for i in keep), tuple(ends[i] for i in keep)
    )  # fmt: skip


def is_han(char: str) -> bool:
    """Whether a character is a Chinese one."""
    return "一" <= char <= "鿿" or "㐀" <= char <= "䶿"


@cache
def evasions() -> dict[str, Any]:
    """The table of disguises, `evasions.yaml`."""
    return dict(yaml_beside("arrears.law.wording", "evasions.yaml"))


@cache
def _table() -> dict[str, str]:
    found: dict[str, str] = {"’": "'", "‘": "'", "´": "'", "“": '"', "”": '"', "\r": " ", "\t": " ", "‐": "-", "–": "-"}
    for name in ("look_alikes", "traditional"):
        part = evasions()[name]
        found.update(zip(part["from"], part["to"], strict=True))
    return found


@lru_cache(maxsize=16_384)
def _fold(char: str) -> str:
    """One character as it is searched; nothing for those that cannot be seen."""
    category = unicodedata.category(char)
    if category in UNSEEN or (category == "Cc" and char not in "\n\t\r"):
        return ""
    decomposed = unicodedata.normalize("NFKD", char)
    plain = "".join(c for c in decomposed if unicodedata.category(c) != "Mn") if decomposed[0] < "ɐ" else ""
    folded = (plain or unicodedata.normalize("NFKC", char)).lower()
    seen = [
        c for c in folded if unicodedata.category(c) not in UNSEEN
    ]  # some letters hold a mark only once they are taken apart
    return "".join(" " if c.isspace() and c != "\n" else _table().get(c, c) for c in seen)


def _folded(text: str) -> tuple[list[str], list[int], list[int]]:
    chars: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for at, char in enumerate(text):
        for folded in _fold(char):
            chars.append(folded)
            starts.append(at)
            ends.append(at + 1)
    return chars, starts, ends


def _kept(chars: list[str]) -> list[int]:
    """Indexes of the characters that stay: no noise between Chinese characters, no repeated spaces or punctuation."""
    noise = evasions()["noise"]
    keep: list[int] = []
    at, length = 0, len(chars)
    while at < length:
        end = at
        while end < length and chars[end] in noise:
            end += 1
        if end == at:
            char = chars[at]
            if not (keep and chars[keep[-1]] == char and not char.isalnum()):
                keep.append(at)
            at += 1
            continue
        between = bool(keep) and end < length and is_han(chars[keep[-1]]) and is_han(chars[end])
        if not (between and _is_disguise(chars[at:end])):
            keep += [i for i in range(at, end) if i == at or chars[i] != chars[i - 1]]
        at = end
    return keep


def _is_disguise(run: list[str]) -> bool:
    signs = [sign for sign in run if sign != " "]
    return len(signs) < NOISE_LIMIT and signs != [".", "."]
