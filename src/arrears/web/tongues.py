"""Text of another language inside a page, marked as such (WCAG 2.2, 3.1.2), so that it is read out in its own voice.

The source of a clause, the name of a person or a lender, and what somebody wrote stay in their own language on every page. Which text that is
cannot be known where a template is written; it can be seen in the text itself. So it is marked once, in the finished page.
"""

from __future__ import annotations

import re

_HAN = r"\u3400-\u9fff\uf900-\ufaff"
_SIGNS = r"\u3000-\u303f\uff00-\uff65"
#: Han characters with the signs that belong to them, and the figures between them.
_CHINESE = re.compile(
    rf"[《〈「『【〔（“0-9]*[{_HAN}](?:[{_HAN}{_SIGNS}…·“”]| ?[0-9]+(?:[.,-][0-9]+)* ?(?=[{_HAN}{_SIGNS}]))*"
)
#: What stands between Chinese characters, from its first to its last letter or figure.
_BETWEEN = re.compile(rf"[^\s{_HAN}{_SIGNS}](?:[^{_HAN}{_SIGNS}]*[^\s{_HAN}{_SIGNS}·])?")
#: Two words side by side make it English; names of things, units and codes stand alone and are of either language.
_SIDE_BY_SIDE = re.compile(r"[A-Za-z]{2,},? [A-Za-z]+")
#: What can hold no span, and what has a `lang` of its own, up to the ">" that closes it. No element with a `lang` holds another of its name.
_LEFT = r"<(title|script|style|textarea|option|svg)\b.*?</\1(?=>)|<(?!html\b)([a-z0-9]+)\b[^>]*\slang=.*?</\2(?=>)"


def _pieces(sign: str) -> re.Pattern[str]:
    """What is left as it is, and every text between two tags in which the sign of a language is."""
    return re.compile(rf"{_LEFT}|(?:\A|>)[^<]*?{sign}[^<]*", re.DOTALL)


_WITH_CHINESE, _WITH_ENGLISH = _pieces(f"[{_HAN}]"), _pieces(_SIDE_BY_SIDE.pattern)


def marked(html: str, language: str) -> str:
    """A page in `zh-CN` or `en`, or a part of one, with every run of text of the other language in a span with its `lang`.

    What has a `lang` already is left as it is; so are titles, options, fields and pictures, which can hold no span.
    """
    pieces, mark = (_WITH_CHINESE, _mark_chinese) if language == "en" else (_WITH_ENGLISH, _mark_english)
    return pieces.sub(lambda found: found[0] if found[0].startswith("<") else mark(found[0]), html)


def _mark_chinese(text: str) -> str:
    return _CHINESE.sub(r'<span lang="zh-CN">\g<0></span>', text)


def _mark_english(text: str) -> str:
    def run(found: re.Match[str]) -> str:
        return f'<span lang="en">{found[0]}</span>' if _SIDE_BY_SIDE.search(found[0]) else found[0]

    tag_end = text.startswith(">")  # of the tag before, which is no part of a run
    return text[:tag_end] + _BETWEEN.sub(run, text[tag_end:])
