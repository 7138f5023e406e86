"""The public pages as files in a real browser, opened from a folder: the signature of a message is checked there as `notice.verify` checks it."""

from dataclasses import replace

import pytest

from arrears.installation import Lender
from arrears.notice.codes import new_code
from arrears.notice.keys import make_keys, public_keys, rotate_keys, signer
from arrears.notice.slots import House
from arrears.notice.verify import verify
from tests.browser.looked import visiting
from tests.browser.pages import LOOKED_AT
from tests.web.conftest import NOW

LENDER = Lender("demo", {"zh": "示例银行", "en": "Example Bank"}, "95500", "bank.example")
#: Sources of clauses, and the label of the line that a message carries in both languages.
QUOTED = ("section:has(> .clauses)", "#which")
CODE, OTHER = new_code(bytes(range(8))), new_code(bytes(range(8, 16)))
TEXT = f"【示例银行】您的贷款 LN-000123\n逾期，应还￥1,200.00。 核验码 {CODE}，English words  here."


@pytest.fixture(scope="module")
def signed(tmp_path_factory):
    """Keys of the lender, one of them revoked and one retired, and a text with what each of them signed."""
    folder, found = tmp_path_factory.mktemp("keys"), {}
    make_keys(folder, "demo", NOW, bytes(range(64)))
    for name, end in (("revoked", True), ("retired", False), ("in use", None)):
        key = signer(folder, "demo")
        found[name] = f"{TEXT}\n{key.line(key.sign(TEXT, CODE))}"
        if end is None:
            found["two codes"] = f"{OTHER} {TEXT}\n{key.line(key.sign(f'{OTHER} {TEXT}', CODE))}"
        else:
            rotate_keys(folder, "demo", NOW, bytes([end] * 32), revoke=end)
    return replace(public_keys(folder, "demo"), lender=LENDER), found


@pytest.fixture(scope="module")
def folder(signed, shown, tmp_path_factory):
    """The pages as files."""
    from arrears.web.site_files import site

    made = tmp_path_factory.mktemp("site")
    for name, content in site(signed[0], "https://advice.example").items():
        (made / name).write_bytes(content)
    return made


def texts(found):
    """What people paste: as it came, changed by copying, changed by hand, and what is no message of ours."""
    text = found["in use"]
    line = text.splitlines()[-1]
    last = line[-1]
    return {
        **found,
        "broken and spaced": text.replace("核验码", "核 验码\u3000").replace(line, f"{line[:40]}\n   {line[40:]}\u00a0"),
        "full width": text.replace("1,200.00", "１，２００．００").replace("￥", "¥"),
        "another amount": text.replace("1,200.00", "1,200.01"),
        "an invisible sign": text.replace("贷款", "贷\u200b款"),
        "another code": text.replace(CODE, OTHER),
        "a code before it": f"{OTHER} {text}",
        "a small code": text.replace(CODE, CODE.lower()),
        "two signatures": f"{text}\n{line}",
        "a signature cut off": text[:-1],
        "spare bits set": text[:-1] + chr(ord(last) + 1),
        "an unknown key": text.replace(line.split(" ")[1][:8], "AAAAAAAA"),
        "only the code": TEXT,
        "a code mistyped": TEXT.replace(CODE, CODE[:-1] + ("0" if CODE[-1] != "0" else "1")),
        "half a sign": text.replace("贷款", "贷\ud800款"),
        "nothing of ours": "您的账户异常，请点击链接 http://evil.example 处理。",
    }  # fmt: skip


@pytest.fixture
def files(request, browser, reader, folder, shown):
    """The reader's browser over the files, which looks at the pages that `pages.py` says."""
    with visiting(browser, folder.as_uri(), reader, "site", shown=shown) as found:
        yield found
        assert found.looked_at == LOOKED_AT[request.node.originalname]


def test_the_page_says_of_every_text_what_verify_says(files, reader, folder, signed):
    keys, found = signed
    said, expected = {}, {}
    page = files.page
    page.goto(f"{folder.as_uri()}/check.{reader.language}.html")
    for name, text in texts(found).items():
        page.evaluate("(text) => { document.getElementById('text').value = text; }", text)
        page.locator("#check").click()
        page.wait_for_selector("#answer > :not([hidden])")
        said[name] = page.locator("#answer :not([hidden])[data-said]").evaluate_all(
            "(all) => all.map((one) => one.dataset.said)"
        )
        told = verify(text, None, keys, House(LENDER), NOW.date())
        of_key = [f"key-{one.value}" for one in told.proof]
        expected[name] = [told.verdict, *of_key, *(one.id for one in told.reasons)]
    files.look_at_file("check", "check_file.html", QUOTED, is_further=False)

    assert said == expected
    genuine = [name for name, told in said.items() if told[0] == "genuine"]
    assert genuine == ["retired", "in use", "two codes", "broken and spaced", "full width"]


def test_every_page_of_the_folder_is_a_page_for_everybody(files, reader, folder):
    page = files.page
    page.goto(f"{folder.as_uri()}/index{'' if reader.language == 'zh-CN' else '.en'}.html")
    files.look_at_file("index", "front_file.html")
    for name in ("stand", "letters"):
        page.locator(f"main a[href^='{name}.']").first.click()
        files.look_at_file(name, f"{name}_file.html", QUOTED, is_further=name == "letters")
        page.locator("header nav a").first.click()
    page.locator("main a[href^='frozen-wallet']").click()
    files.look_at_file("question", "question_file.html", QUOTED)


def test_without_script_the_page_says_how_to_check_by_hand(browser, reader, folder):
    with visiting(browser, folder.as_uri(), reader, "site-no-script", script=False) as visitor:
        page = visitor.page
        page.goto(f"{folder.as_uri()}/check.{reader.language}.html")

        assert page.locator("noscript p").is_visible() and not page.locator("#checker").is_visible()
        assert page.locator("#authenticity").is_visible() and page.locator("#answer :visible").count() == 0
