"""What is in another language than the page is marked, wherever it comes from, and nothing else of the page changes."""

import re
from html.parser import HTMLParser

import pytest

from arrears.web.site_files import site
from arrears.web.tongues import marked

CASES = {
    "a source": ("en", "<p>Source: 《民法典》第1165条 applies.</p>", '<p>Source: <span lang="zh-CN">《民法典》第1165条</span> applies.</p>'),
    "figures between": ("en", "<td>2026年11月24日（试行） and 3 more</td>", '<td><span lang="zh-CN">2026年11月24日（试行）</span> and 3 more</td>'),
    "a day in figures": ("en", "<td>通知（2025-12-22公布）, art. 1</td>", '<td><span lang="zh-CN">通知（2025-12-22公布）</span>, art. 1</td>'),
    "two names": ("en", "<b>李雷, 张伟</b>", '<b><span lang="zh-CN">李雷</span>, <span lang="zh-CN">张伟</span></b>'),
    "marked already": ("en", '<a lang="zh-CN" href="?lang=zh-CN">中<b>文</b></a>', None),
    "a link that only names a language": ("en", '<a hreflang="zh-CN">中文</a>', '<a hreflang="zh-CN"><span lang="zh-CN">中文</span></a>'),
    "after one that was marked": ("en", '<p lang="zh-CN"><br>中</p>文', '<p lang="zh-CN"><br>中</p><span lang="zh-CN">文</span>'),
    "a part of a page": ("en", "甲, left <p>乙", '<span lang="zh-CN">甲</span>, left <p><span lang="zh-CN">乙</span>'),
    "what can hold no span": ("en", "<title>示例</title><option>甲</option><textarea>乙</textarea><svg><text>丙</text></svg>", None),
    "values of attributes": ("en", '<input value="李雷" aria-label="姓名">', None),
    "an Act on a Chinese page": ("zh-CN", "<p>依据 12 CFR 1006.14 (Regulation F) 第3条</p>", '<p>依据 <span lang="en">12 CFR 1006.14 (Regulation F)</span> 第3条</p>'),
    "a name in signs": ("zh-CN", "<p>A&amp;B Law Firm 与 O&#39;Neil Bank</p>", '<p><span lang="en">A&amp;B Law Firm</span> 与 <span lang="en">O&#39;Neil Bank</span></p>'),
    "codes and units": ("zh-CN", "<p>账户 LN-000123，短信 SMS · 100.00 · CN-VIS-1</p>", None),
    "a page of one language": ("zh-CN", "<html lang=\"zh-CN\"><body><p>一切正常</p></body></html>", None),
}  # fmt: skip


class Unmarked(HTMLParser):
    """The texts of a page whose nearest `lang` is the page's own."""

    def __init__(self, page):
        super().__init__()
        self.open, self.texts = [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        told = dict(attributes)
        if tag not in ("meta", "link", "br", "input", "img", "hr", "wbr"):
            self.open.append((tag, told.get("lang") or (self.open[-1][1] if self.open else "")))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if self.open and self.open[0][1] == self.open[-1][1] and self.open[-1][0] not in ("style", "title"):
            self.texts.append(data)


@pytest.mark.parametrize(("language", "page", "expected"), CASES.values(), ids=CASES)
def test_a_run_of_another_language_is_marked_and_nothing_else_changes(language, page, expected):
    found = marked(page, language)

    assert found == (expected or page)


def test_no_page_of_the_site_as_files_has_unmarked_text_of_another_language():
    foreign = {".en.html": re.compile(r"[\u3400-\u9fff]+"), "": re.compile(r"\b[a-z]+(?: [a-z]+){3,}\b")}

    found = {name: Unmarked(page.decode()).texts for name, page in site().items() if name.endswith(".html")}

    assert len(found) == 30 and all(len(texts) > 10 for texts in found.values())
    for name, texts in found.items():
        language = ".en.html" if name.endswith(".en.html") else ""
        assert [text for text in texts if foreign[language].search(text)] == [], name
