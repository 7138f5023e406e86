"""The public page: genuine only with a proof, else what to check; nothing that is typed is trusted or kept."""

import re

import pytest
from sqlalchemy import insert

from arrears.notice.canonical import text_hash
from arrears.notice.codes import code_hash, new_code
from arrears.notice.keys import code_key
from arrears.store.tables import Notice
from tests.web.conftest import NOW

CODE = new_code(bytes(range(8)))
TEXT = f"【示例银行】您尾号0123的贷款已逾期，应还120.00元。核验码 {CODE}，请登录 bank.example 核验。"


@pytest.fixture
def sent(lender, installation):
    """A message that was sent under CODE."""
    key = code_key(installation.keys)
    with lender.begin() as connection:
        connection.execute(insert(Notice).values(
            code_hash=code_hash(CODE, key), attempt_id="T1", account_id="LN-000123", person_id="P-LN-000123", channel="sms",
            template="t", language="zh-CN", text_hash=text_hash(TEXT, key), made_at=NOW,
        ))  # fmt: skip


def asked(client, **form):
    return client.post("/verify", data=form, headers={"accept-language": "zh-CN"})


def test_the_text_that_was_sent_is_confirmed(client, sent):
    page = asked(client, text=TEXT).text

    assert "确认由我们发出" in page and "无法确认" not in page


@pytest.mark.parametrize("change", [("120.00", "1200.00"), ("bank.example", "bank-example.top"), ("0123", "0124")])
def test_a_text_that_was_changed_is_not(client, sent, change):
    page = asked(client, text=TEXT.replace(*change)).text

    assert "无法确认" in page and "95500" in page


def test_a_code_alone_tells_what_was_sent_under_it(client, sent):
    page = asked(client, code=CODE.lower()).text

    assert "无法确认" in page and "短信" in page and "2026年11月24日" in page


def test_the_address_of_a_qr_code_fills_the_code_in(client):
    page = client.get(f"/v/{CODE}", headers={"accept-language": "en"}).text

    assert CODE in page and "Paste the message" in page


def test_what_is_no_code_is_not_shown_again(client):
    page = client.get("/v/%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E").text

    assert "script" not in page


def test_what_was_pasted_cannot_become_part_of_the_page(client):
    page = asked(
        client, text="<script>alert(1)</script> call +8613800000000 http://<b>evil</b>.example", code="<i>x</i>"
    ).text

    assert "<script" not in page and "<i>" not in page and "<b>" not in page


def test_the_language_follows_the_browser_and_the_link(client):
    assert 'lang="zh-CN"' in client.get("/verify").text
    assert 'lang="en"' in client.get("/verify", headers={"accept-language": "en-GB,en;q=0.8"}).text
    assert 'lang="en"' in client.get("/verify?lang=en", headers={"accept-language": "zh-CN"}).text


def test_the_answer_can_be_had_in_the_other_language_without_pasting_again(client, sent):
    page = asked(client, text=TEXT).text

    typed = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    assert typed == {"text": TEXT, "code": ""} and 'action="/verify?lang=en"' in page
    assert "Confirmed: we sent it" in client.post("/verify?lang=en", data=typed).text


def test_nothing_typed_is_told_kindly(client):
    answer = asked(client, text=" ")

    assert answer.status_code == 422 and "请粘贴信息原文" in answer.text


def test_many_look_ups_have_to_wait(client, sent):
    answers = [asked(client, code=CODE) for _ in range(11)]

    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert "95500" in answers[-1].text


def test_the_public_keys_are_there_for_everybody(client):
    keys = client.get("/.well-known/arrears-keys.json").json()

    assert keys["lender"] == "demo" and keys["keys"][0]["crv"] == "Ed25519"


@pytest.mark.parametrize("path", ["/verify", "/nothing-here", "/assets/base.css", "/api/v1/openapi.json"])
def test_every_answer_has_the_headers_of_safety(client, path):
    headers = client.get(path).headers

    assert (
        "default-src 'none'" in headers["content-security-policy"]
        and "script" not in headers["content-security-policy"]
    )
    assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer"


def test_what_is_not_there_is_a_short_sentence(client):
    answer = client.get("/nothing-here", headers={"accept-language": "en"})

    assert answer.status_code == 404 and "Sorry" in answer.text and "Traceback" not in answer.text


@pytest.mark.parametrize(
    ("path", "way"), [("/nothing-here", "/"), ("/questions/none", "/"), ("/account/nothing-here", "/account"), ("/desk/none", "/desk")]
)  # fmt: skip
def test_a_browser_that_asks_for_what_is_not_there_gets_a_page_with_a_way_on(client, path, way):
    answer = client.get(f"{path}?lang=en", headers={"accept": "text/html"})

    assert answer.status_code == 404 and '<html lang="en">' in answer.text and "Bad Request" not in answer.text
    assert f'class="button" href="{way}?lang=en"' in answer.text


def test_a_body_that_is_too_large_is_ended_with_a_page_that_says_so(client):
    answer = asked(client, text="x" * (5 * 1024 * 1024))

    assert answer.status_code == 413 and "一次最多 4 MiB" in answer.text and 'href="/?lang=zh-CN"' in answer.text


def test_who_has_to_wait_keeps_what_was_pasted(client, sent):
    answers = [asked(client, text=TEXT) for _ in range(11)]

    assert answers[-1].status_code == 429 and TEXT in answers[-1].text


def test_every_public_page_leads_home(client):
    for path in ("/verify", "/stand", "/questions", "/questions/visit", "/account/sign-in"):
        assert '<a href="/?lang=en">Home</a>' in client.get(f"{path}?lang=en").text, path
