"""The links and the numbers to call that stand in a text, and which of them are not the lender's."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from urllib.parse import urlsplit

#: What ends a bare host in running text; a link with its scheme or `www.` needs none of these.
_ENDINGS = (
    "com|cn|net|org|info|top|xyz|vip|cc|co|io|me|ly|site|online|shop|club|link|live|app|icu|uk|us|in|au|im|gd|gl|gy|at|so|biz|pro|work|"
    "fun|win|loan|finance|money|bank|gov|edu"
)
_REST = r"[^\s<>\"'，。；、！？）】》]*"
_LINK = re.compile(
    rf"(?:https?://|www\.)[^\s<>\"'，。；、！？）】》]+|(?<![\w@.-])(?:[^\W_][\w-]*\.)+(?:{_ENDINGS})(?![\w@-]|\.\w){_REST}",
    re.IGNORECASE,
)
_CALL = re.compile(
    r"致电|拨打|回电|来电|电话|联系|微信|加v|qq|手机|热线|客服|专员|经理|call|phone|ring|dial|text|whatsapp|telegram|contact|reach|tel\b",
    re.IGNORECASE,
)
#: Taken whole: no amount, date or counted thing, and no part of a longer number.
_NUMBER = re.compile(
    r"(?<![\d.,\-/年月日$£€₹¥A-Za-z])\+?\(?\d(?:[ \-()]{0,2}\d){4,16}+(?![.,]\d|[A-Za-z%]| ?(?:元|年|月|日|天|dollars|pounds|rupees))"
)
#: Digits of a country code, with the 00 that may stand before it.
_CODE_DIGITS = 5
_BEFORE = 24
_TRAILING = ".,;:!?)\"'"
#: Names shorter than this are too short to say that another one looks like them.
_LONG_ENOUGH = 5
_LOOKS = str.maketrans("01358vw", "olesbuu")


def hosts_in(text: str) -> tuple[str, ...]:
    """The hosts of all links, in lower case, each once; a host in another script than Latin stays as it is written."""
    found = (host_of(match.group().rstrip(_TRAILING)) for match in _LINK.finditer(text))
    return tuple(dict.fromkeys(host for host in found if host))


def host_of(link: str) -> str:
    """The host of a link or site, without port, user and `www.`; empty if it has none."""
    bare = link if "://" in link else f"//{link}"
    try:
        host = urlsplit(bare).hostname or ""
    except ValueError:
        return ""
    return host.rstrip(".").removeprefix("www.")


def is_of(host: str, site: str) -> bool:
    """Whether a host is the site's own or below it."""
    return host == site or host.endswith(f".{site}")


def is_disguised(host: str) -> bool:
    """Whether a host hides what it is: punycode, letters of other scripts, or a bare address."""
    return (
        host.startswith("xn--")
        or ".xn--" in host
        or not host.isascii()
        or bool(re.fullmatch(r"[\d.]+|[0-9a-f:]+", host))
    )


def looks_like(host: str, site: str) -> bool:
    """Whether a host that is not the site's shows the site's name: inside another name, or with characters that look alike or one that differs."""
    name = max(site.split(".")[:-1] or [site], key=len)
    labels = {part for label in host.split(".") for part in (label, *label.split("-")) if part}
    return any(_alike(label, name) for label in labels)


def numbers_to_call(text: str, own: Collection[str], public: Collection[str]) -> Iterator[str]:
    """Numbers that the text asks to call or add, but for the lender's own and public helplines, each once."""
    known = {digits_of(number) for number in own}
    seen: set[str] = set()
    for match in _NUMBER.finditer(text):
        digits = digits_of(match.group())
        before = text[max(0, match.start() - _BEFORE) : match.start()]
        if not 5 <= len(digits) <= 15 or digits in public or digits in seen or not _CALL.search(before):
            continue
        if not any(digits == one or _abroad(match.group(), one) for one in known):
            seen.add(digits)
            yield " ".join(match.group().split())


def digits_of(number: str) -> str:
    """The digits of a number."""
    return "".join(char for char in number if char.isdigit())


def _alike(label: str, name: str) -> bool:
    if label == name or label.translate(_LOOKS) == name.translate(_LOOKS):
        return True
    return len(name) >= _LONG_ENOUGH and (name in label or _one_off(label, name))


def _abroad(number: str, own: str) -> bool:
    """Whether a number written with a country code is our own, which is given without one."""
    digits, national = digits_of(number), own.lstrip("0")
    return number.startswith(("+", "00")) and digits.endswith(national) and len(digits) - len(national) <= _CODE_DIGITS


def _one_off(one: str, other: str) -> bool:
    """Whether two names differ by one character put in, left out or replaced, or two that changed places."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    if len(one) == len(other):
        apart = [at for at in range(len(one)) if one[at] != other[at]]
        swapped = len(apart) == 2 and one[apart[0]] == other[apart[1]] and one[apart[1]] == other[apart[0]]
        return len(apart) == 1 or swapped
    longer, shorter = sorted((one, other), key=len, reverse=True)
    return any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))
