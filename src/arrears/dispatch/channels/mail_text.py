"""What the person wrote in a mail: its plain text, from the HTML where there is no other, without what is quoted from earlier mails.

What is quoted must go: our own mail says how to unsubscribe, and a reply that carries it along has not asked for that.
"""

from __future__ import annotations

import re
from email.message import Message as MimePart
from html.parser import HTMLParser

from arrears.dispatch.channels.mail_words import mail_words

MOST_CHARACTERS = 4000
MOST_PART_BYTES = 1 << 20
_HIDDEN = frozenset({"script", "style", "head", "title", "template", "noscript", "blockquote"})
_BREAKS = frozenset({"p", "div", "br", "tr", "li", "table", "h1", "h2", "h3", "h4", "hr", "ul", "ol", "section"})
_EMPTY = frozenset(
    {"br", "hr", "img", "meta", "link", "input", "area", "base", "col", "embed", "source", "wbr", "param", "track"}
)
#: GB2312 and GBK as they are written by mail programs hold characters of GB18030, which has all of both.
_WIDER = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "cp936": "gb18030",
    "x-gbk": "gb18030",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
}
_SPACES = re.compile(r"[ \t\u00a0\u3000]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


def text_of(mail: MimePart) -> str:
    """The person's own words, at most `MOST_CHARACTERS` of them; empty where there are none."""
    plain, html = _first(mail, "text/plain"), _first(mail, "text/html")
    text = decoded(plain) if plain is not None else ""
    if not text.strip() and html is not None:
        text = stripped(decoded(html))
    return without_quotes(_CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))[:MOST_CHARACTERS].strip()


def decoded(part: MimePart) -> str:
    """The text of one part in its charset; what does not decode is marked, never an error."""
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    charset = str(part.get_content_charset("utf-8")).strip("'\" ")
    try:
        return content[:MOST_PART_BYTES].decode(_WIDER.get(charset, charset), "replace")
    except (LookupError, ValueError):
        return content[:MOST_PART_BYTES].decode("utf-8", "replace")


def stripped(html: str) -> str:
    """The words that HTML shows; nothing of what it runs, hides or quotes."""
    reader = _Words()
    reader.feed(html)
    reader.close()
    lines = (_SPACES.sub(" ", line).strip() for line in "".join(reader.words).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def without_quotes(text: str) -> str:
    """The lines before the first that begins a quotation, and none marked with >."""
    words, kept = mail_words(), []
    for line in text.split("\n"):
        bare = line.strip()
        if bare.startswith((">", "＞")):
            continue
        if words.quoted_from.match(bare[:400]):
            break
        kept.append(line.rstrip())
    return "\n".join(kept).strip()


def _first(mail: MimePart, kind: str) -> MimePart | None:
    """The first part of this kind that is shown, not attached; not inside an attached mail."""
    if mail.get_content_type() == "message/rfc822" or mail.get_content_disposition() == "attachment":
        return None
    payload = mail.get_payload()
    if mail.is_multipart() and isinstance(payload, list):
        found = (_first(part, kind) for part in payload if isinstance(part, MimePart))
        return next((part for part in found if part is not None), None)
    return mail if mail.get_content_type() == kind else None


class _Words(HTMLParser):
    """Gathers what is shown. A hidden element is left with the end of the element that opened it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._hidden: list[str] = []  # the tags open since something hidden began

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Breaks are lines; hidden and quoted elements are passed over."""
        if tag in _BREAKS:
            self.words.append("\n")
        if tag not in _EMPTY and (self._hidden or tag in _HIDDEN or _quoted(attrs)):
            self._hidden.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Leave the innermost element of this name, with all left open inside it."""
        if tag in _BREAKS:
            self.words.append("\n")
        if tag in self._hidden:
            while self._hidden.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        """A text as it stands between the tags."""
        if not self._hidden:
            self.words.append(data.replace("\n", " "))


def _quoted(attrs: list[tuple[str, str | None]]) -> bool:
    words = mail_words()
    given = dict(attrs)
    classes = (given.get("class") or "").lower().split()
    hides = "display:none" in (given.get("style") or "").replace(" ", "").lower()
    return hides or given.get("id") in words.quoted_ids or any(one in words.quoted_classes for one in classes)
