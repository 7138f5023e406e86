"""A person before a browser, and what is looked at on every page that they see. The faults of all pages are told at the end."""

import re
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path

from tests.conftest import ROOT

SCREENS = ROOT / "build/screens"
AXE = Path(__file__).parent / "vendor/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
#: The rules whose answer can change with the width alone; the others were asked of the same page on the phone.
OF_WIDTH = ["target-size", "scrollable-region-focusable", "meta-viewport", "css-orientation-lock"]
PHONE, DESK = 390, 1280
HEIGHTS = {PHONE: 844, DESK: 900}
#: Names of people, of the lender and of places stay as they are written, in whichever language the page is.
NAMES = ("示例银行", "李雷", "张伟")
CHINESE = re.compile(r"[\u3400-\u9fff]+")
#: The source of a clause, named in brackets after what it says, stays in its own language too.
SOURCE = re.compile(r"\([^()a-z]*[\u3400-\u9fff][^()a-z]*\)")
#: Four plain words one after the other are a sentence; codes, names of laws' numbers and abbreviations are not.
ENGLISH = re.compile(r"\b[a-z]+(?: [a-z]+){3,}\b")
#: What a reader sees of a page's text: each piece, whether it stands unmarked, and whether it is the page's own. What a template marks as being
#: in another language, and what is quoted, is not; a span that marks a run of text does not make it less so.
TEXTS = """() => {
  const page = document.documentElement, found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const inside = walk.currentNode.parentElement, marked = inside.closest("[lang]");
    if (inside.closest("script, style, textarea, option")) continue;
    const by = marked.tagName === "SPAN" ? marked.parentElement.closest("[lang]") : marked;
    found.push([walk.currentNode.textContent, marked === page, by === page && !inside.closest("[data-quoted]")]);
  }
  return found;
}"""
#: A picture that has another colour in the dark is fetched only then.
DRAWN = """() => Promise.all([...document.images].filter((one) => !one.complete && one.getBoundingClientRect().top < innerHeight).map(
  (one) => new Promise((done) => { one.onload = one.onerror = done; })))"""
CHECK = """(options) => axe.run(document, options).then((found) => found.violations.map(
  (one) => [one.id, one.help, ...one.nodes.slice(0, 3).map((node) => node.html.slice(0, 200) + " " + node.any.map((why) => why.message).join("; "))]))"""


@dataclass(frozen=True)
class Reader:
    """Who walks through a story: their language, the width of their screen in pixels, and their number among the readers."""

    language: str
    width: int
    number: int

    def said(self, chinese, english):
        """What a page says to them."""
        return chinese if self.language == "zh-CN" else english


#: Both languages and both widths are walked; every page is looked at in both languages at both widths.
READERS = [Reader("zh-CN", PHONE, 0), Reader("en", DESK, 1)]


@cache
def axe():
    """The source of axe-core."""
    return AXE.read_text("utf-8")


class Visitor:
    """One reader's browser. Every page that is looked at is held to all that a page must keep."""

    def __init__(self, page, reader, address, story, shown=()):
        self.page, self.reader, self.address, self.story = page, reader, address, story
        self.faults, self._numbers = [], count(1)
        self._shown, self.looked_at = shown, set()
        page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda fault: self.faults.append(str(fault)))
        page.on("response", lambda answer: self.faults.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None)  # fmt: skip

    def go(self, path, **query):
        """Open a page in the reader's language."""
        asked = "&".join(f"{name}={value}" for name, value in {**query, "lang": self.reader.language}.items())
        self.page.goto(f"{self.address}{path}?{asked}")

    def refused(self, path, status):
        """Open a page that says what cannot be; the browser's own words about its status are no fault then."""
        before = len(self.faults)
        self.go(path)
        said, self.faults[before:] = self.faults[before:], []
        self.faults += [one for one in said if str(status) not in one]
        assert any(one.startswith(f"{status} ") for one in said), said

    def look(self, name, quoted: Sequence[str] = (), is_further=False):
        """Hold the page as it stands to accessibility, width, language and silence, at both widths, and keep pictures of it.

        `quoted`: selectors of what stands in its own language on any page, because it is quoted (the source of a clause). `is_further`:
        another page of the same kind was looked at; this one gets no picture, and axe on the phone alone. Every rule of axe is asked on
        the phone; at the width of a desk, those that look at the layout; in the dark, contrast, in one language: the colours of a page change
        neither with its width nor with its language.
        """
        page, reader, numbered = self.page, self.reader, f"{next(self._numbers):02}-{name}"
        self.looked_at |= set(self._shown[-1:])
        if page.locator("html").get_attribute("lang") != reader.language:
            self.faults.append(f"{name} is not in {reader.language}")
        self._one_language(name, quoted)
        for width in (DESK + PHONE - reader.width, reader.width):
            page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
            self._at_width(numbered, width, is_further)
        if reader == READERS[0]:
            page.emulate_media(color_scheme="dark")
            self._accessible(f"{name} in the dark", {"type": "rule", "values": ["color-contrast"]})
            if not is_further:
                self._picture(f"{numbered}-dark", reader.width)
            page.emulate_media(color_scheme="light")

    def look_at_file(self, name, template, quoted: Sequence[str] = (), is_further=True):
        """`look` at a file that stands alone: it was made of this template, among others."""
        assert template in self._shown
        self.looked_at.add(template)
        shown, self._shown = self._shown, ()
        self.look(name, quoted, is_further)
        self._shown = shown

    def _at_width(self, name, width, is_further):
        if not self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"):
            self.faults.append(f"{name} is wider than a screen of {width}")
        if width == PHONE:
            self._accessible(name, {"type": "tag", "values": TAGS})
        elif not is_further:
            self._accessible(name, {"type": "rule", "values": OF_WIDTH})
        if not is_further:
            self._picture(f"{name}-light", width)

    def _accessible(self, name, rules):
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(axe())
        found = self.page.evaluate(
            CHECK, {"runOnly": rules, "resultTypes": ["violations"], "preload": False, "iframes": False}
        )
        self.faults += [f"{name}, {self.page.url}: {one}" for one in found]

    def _picture(self, name, width):
        self.page.evaluate(DRAWN)
        folder = SCREENS / f"{self.reader.language}-{width}"
        folder.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=folder / f"{self.story}-{name}.png")

    def _one_language(self, name, quoted):
        for selector in quoted:
            self.page.evaluate(
                "(where) => document.querySelectorAll(where).forEach((one) => one.setAttribute('data-quoted', ''))",
                selector,
            )
        pieces, other = self.page.evaluate(TEXTS), CHINESE if self.reader.language == "en" else ENGLISH
        unmarked = [found for text, is_unmarked, _ in pieces if is_unmarked for found in other.findall(text)]
        if unmarked:
            self.faults.append(f"{name} does not mark what is in another language: {unmarked}")
        text = SOURCE.sub("", "\n".join(text for text, _, is_own in pieces if is_own))
        for one in NAMES:
            text = text.replace(one, "")
        foreign = other.findall(text)
        if foreign:
            self.faults.append(f"{name} mixes languages: {foreign}")


@contextmanager
def visiting(browser, address, reader, story, script=True, shown=()):
    """A browser of this reader's own, closed at the end. `shown`: the templates of the pages that were made, the last one last."""
    context = browser.new_context(
        viewport={"width": reader.width, "height": HEIGHTS[reader.width]}, locale=reader.language, java_script_enabled=script,
        color_scheme="light", reduced_motion="reduce",
    )  # fmt: skip
    context.set_default_timeout(20_000)
    try:
        visitor = Visitor(context.new_page(), reader, address, story, shown)
        yield visitor
    finally:
        context.close()
    assert visitor.faults == [], "\n".join(visitor.faults)
