"""The form of a text in which it is signed and compared: what copying changes is undone, and nothing else.

Undone are: runs of white space (line breaks, no-break and full-width spaces) to one space, white space beside Chinese characters and
their punctuation, and the full-width forms of ASCII. Letters, digits, punctuation, links and their case stay as they are, and so does
every invisible character that is no white space: a text with one inside is another text.
"""

from __future__ import annotations

import hmac
import re

_FULL_WIDTH = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {"￥": "¥"}
_FULL_WIDTH_CHAR = re.compile("[！-～￥]")
#: CJK symbols and punctuation, ideographs, and the compatibility ideographs: no space means anything beside them.
_CJK = ((0x2E80, 0x303F), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF))


def normal_text(text: str) -> str:
    """The text as it is signed and compared; it holds no line break."""
    words = _FULL_WIDTH_CHAR.sub(lambda match: _FULL_WIDTH[match.group()], text).split()
    made: list[str] = []
    for word in words:
        if made and not (_is_cjk(made[-1][-1]) or _is_cjk(word[0])):
            made.append(" ")
        made.append(word)
    return "".join(made)


def text_hash(text: str, key: bytes) -> str:
    """The keyed hash of a text in its normal form (64 hex digits), to tell whether a text is the one that was sent."""
    told = b"arrears text 1\n" + normal_text(text).encode("utf-8", "surrogatepass")
    return hmac.digest(key, told, "sha256").hex()


def _is_cjk(char: str) -> bool:
    point = ord(char)
    return any(first <= point <= last for first, last in _CJK)
