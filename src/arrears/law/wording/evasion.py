"""Disguised words written out: homophones and pinyin in Chinese, digits for letters and letters set apart in English.

Only words of `evasions.yaml` are restored, so ordinary text passes unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import product

from arrears.law.wording.normalise import Normalised, evasions, is_han, normalise

_TOKEN = re.compile(r"[a-z0-9@$!|]+")
_DIGIT_LOOK_ALIKE = re.compile(r"(?<=\d)[ol](?=\d)|(?<=\d,)[ol](?=\d)|(?<=\d)[ol](?=[.,]\d)")
_APART = re.compile(r"(?<![a-z0-9])[a-z0-9](?:[ .\-_*/][a-z0-9]){3,}(?![a-z0-9])")
#: Pieces of one word that are put together again, at most, and the signs that may part them.
PIECES_LIMIT = 3
_PARTS = frozenset(" .-_*/")
#: Words shorter than this are not looked for in pieces.
SHORTEST = 5

Change = tuple[int, int, str]


def searchable(text: str) -> Normalised:
    """The searched form of a text, its disguised words written out."""
    found = normalise(text)
    if any(is_han(char) for char in found.text):
        found = found.replaced(_without_overlap(_chinese(found.text)))
    found = found.replaced(_without_overlap(_apart(found.text)))
    found = found.replaced(_without_overlap(_leet(found.text)))
    return found.replaced(_without_overlap(_pieces(found.text)))


def _without_overlap(changes: Iterator[Change]) -> list[Change]:
    chosen: list[Change] = []
    for change in sorted(changes, key=lambda item: (item[0], -item[1])):
        if not chosen or change[0] >= chosen[-1][1]:
            chosen.append(change)
    return chosen


@cache
def _disguises() -> tuple[re.Pattern[str], tuple[tuple[str, re.Pattern[str]], ...]]:
    """What betrays a disguise at all (a Latin letter or a homophone), and a pattern for each Chinese word."""
    characters = evasions()["characters"]
    alike = "".join(entry["alike"] or "" for entry in characters.values())
    return re.compile(f"[a-z{alike}]"), tuple((word, _disguised(word)) for word in evasions()["words_zh"])


def _disguised(word: str) -> re.Pattern[str]:
    characters = evasions()["characters"]
    units = []
    for char in word:
        entry = characters.get(char) or {"pinyin": "", "alike": ""}
        one = f"[{char}{entry['alike'] or ''}]"
        units.append(f"({one}|{entry['pinyin']})" if entry["pinyin"] else f"({one})")
    inner = r"[ .\-_*·/]?".join(units)
    return re.compile(rf"(?<![a-z]){inner}(?![a-z])|(?<=[一-鿿]){inner}(?=[一-鿿])")


def _chinese(text: str) -> Iterator[Change]:
    betrays, words = _disguises()
    if not betrays.search(text):
        return
    for word, pattern in words:
        for match in pattern.finditer(text):
            if match.group() != word:
                yield match.start(), match.end(), word


@cache
def _vocabulary() -> frozenset[str]:
    return frozenset(evasions()["words_en"])


def _apart(text: str) -> Iterator[Change]:
    """Letters set apart: "w a r r a n t", "g.o t.o j.a.i.l"."""
    for match in _APART.finditer(text):
        run = match.group()
        others = [sign for sign in run[1::2] if sign != " "]
        joined = run[::2] if not others else "".join(run[i] for i in range(len(run)) if i % 2 == 0 or run[i] == " ")
        told = _plain(joined)
        known = next((word for word in sorted(_vocabulary(), key=len, reverse=True) if word in told), None)
        if others and len(joined) > 3:
            yield match.start(), match.end(), joined
        elif known and not joined.isdigit():
            yield match.start(), match.end(), f"{told.partition(known)[0]} {known} {told.partition(known)[2]}".strip()


def _plain(token: str) -> str:
    return token.translate(_leet_table())


@cache
def _leet_table() -> dict[int, str]:
    return {ord(sign): letter for sign, letter in evasions()["leet"].items()}


def _leet(text: str) -> Iterator[Change]:
    """Digits and signs for letters, in words that are known; and letters for digits between digits."""
    for match in _DIGIT_LOOK_ALIKE.finditer(text):
        yield match.start(), match.end(), "0" if match.group() == "o" else "1"
    for match in _TOKEN.finditer(text):
        token = match.group().rstrip("!")
        if token.isalpha() or token.isdigit() or not any(char.isalpha() for char in token):
            continue
        word = next((word for word in _readings(token) if word in _vocabulary()), None)
        if word is not None:
            yield match.start(), match.start() + len(token), word


def _readings(token: str) -> Iterator[str]:
    ones = token.count("1")
    if ones > 3:
        return
    for letters in product("il", repeat=ones):
        choice = iter(letters)
        yield "".join(next(choice) if char == "1" else _plain(char) for char in token)


def _pieces(text: str) -> Iterator[Change]:
    """Words cut in two or three: "pri son", "arr-est-ed"."""
    tokens = [match.span() for match in re.finditer(r"[a-z]+", text)]
    longest = max(map(len, _vocabulary())) + PIECES_LIMIT - 1
    for first in range(len(tokens)):
        for last in range(first + 1, min(first + PIECES_LIMIT, len(tokens))):
            gap, (begins, ends) = tokens[last - 1][1], (tokens[first][0], tokens[last][1])
            if tokens[last][0] != gap + 1 or text[gap] not in _PARTS or ends - begins > longest:
                break
            joined = "".join(text[start:end] for start, end in tokens[first : last + 1])
            if len(joined) >= SHORTEST and joined in _vocabulary():
                yield begins, ends, joined
