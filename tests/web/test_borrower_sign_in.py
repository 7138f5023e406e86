"""A borrower signs in by a code that really arrives; nobody else does, and nobody learns who is known."""

import email
import email.policy
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from arrears.store.facts import record
from arrears.store.tables import OneTimeCode, SignedIn
from tests.peers.running import running
from tests.store.facts import account, event, facts
from tests.web.conftest import NOW, serving
from tests.web.peers import code_in, installation_with, mail_server, waited

NUMBER = "+8610000000001"
SENT, WRONG = "/account/sign-in/code", "000000"


class Clock:
    def __init__(self):
        self.at = NOW

    def __call__(self):
        return self.at

    def pass_(self, **time):
        self.at += timedelta(**time)


@pytest.fixture
def smsc():
    with running() as found:
        yield found


@pytest.fixture
def spool(tmp_path):
    return tmp_path / "spool"


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def door(lender, store_url, tmp_path, monkeypatch, smsc, spool, clock):
    """A browser before a service that sends codes over both stand-ins. LN-000123 and LN-000124 share their number and mailbox."""
    with (
        mail_server(spool) as port,
        serving(installation_with(tmp_path, store_url, monkeypatch, smsc.port, port), clock) as client,
    ):
        yield client


def ask(door, who):
    return door.post("/account/sign-in?lang=en", data={"who": who})


def text_of(smsc, at=0):
    return smsc.submitted[at].octets.decode("utf-16-be")


def rows(lender, *columns):
    with lender.read() as connection:
        return connection.execute(sa.select(*columns)).all()


def armed(lender):
    """How many codes were made for somebody."""
    return [row for row in rows(lender, OneTimeCode.code_hash) if row[0]]


def settled(lender, count):
    """That so many requests were written down and the last was looked up: nothing else is under way."""
    waited(lambda: len(rows(lender, OneTimeCode.handle_hash)) == count)


def test_a_code_arrives_by_sms_at_the_known_number_and_opens_a_session(door, smsc, lender):
    asked = ask(door, "LN-000123")
    waited(lambda: smsc.submitted)
    code = code_in(text_of(smsc))

    opened = door.post(SENT, data={"code": f" {code[:3]} {code[3:]} "})

    assert (asked.status_code, asked.headers["location"]) == (303, f"{SENT}?lang=en")
    assert smsc.submitted[0].to == NUMBER[1:]
    assert text_of(smsc).startswith("【示例银行】您的登录验证码是") and "贷款" not in text_of(smsc)
    assert (opened.status_code, opened.headers["location"]) == (303, "/account?lang=zh-CN")
    assert rows(lender, SignedIn.kind, SignedIn.subject) == [("borrower", "P-LN-000123")]
    assert code not in str(rows(lender, *OneTimeCode.__table__.columns))


def test_a_mailbox_gets_its_code_by_mail_without_a_word_of_unsubscribing(door, smsc, spool, lender):
    with lender.begin() as connection:
        person = {"account_id": "LN-000125", "person_id": "P5", "role": "borrower", "emails": ["only@example.org"], "language": "en"}  # fmt: skip
        loan = account("LN-000125")
        record(connection, facts(loan.accounts.to_dicts(), loan.instalments.to_dicts(), [person]), _personal(door))

    ask(door, " Only@Example.org ")
    (file,) = waited(lambda: list(spool.glob("*.eml")))
    mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)

    assert mail["To"] == "only@example.org" and "List-Unsubscribe" not in mail
    assert smsc.submitted == []
    code = code_in(mail.get_body(("plain",)).get_content())
    assert door.post(SENT, data={"code": code}).headers["location"].startswith("/account?")


def _personal(door):
    return door.app.state.served.personal


@pytest.mark.parametrize("who", ["LN-999999", "+8613999999999", "nobody@example.org", NUMBER])
def test_whoever_is_not_known_or_could_be_several_gets_the_same_answer_and_nothing_is_sent(door, smsc, spool, lender, who):  # fmt: skip
    known, other = ask(door, "LN-000123"), ask(door, who)
    waited(lambda: smsc.submitted)
    settled(lender, 2)

    pages = [door.get(answer.headers["location"]).text for answer in (known, other)]
    tried = door.post(SENT, data={"code": WRONG})

    assert (known.status_code, known.headers["location"]) == (other.status_code, other.headers["location"])
    assert set(known.headers) == set(other.headers)
    assert pages[0] == pages[1] and tried.status_code == 422
    assert len(armed(lender)) == len(smsc.submitted) == 1 and list(spool.glob("*.eml")) == []


def test_a_row_without_a_person_is_met_by_no_code_at_all(door, lender):
    ask(door, "LN-999999")

    answers = [door.post(SENT, data={"code": code}) for code in ("", "000000", "123456", "-" * 6, "None")]

    assert {answer.status_code for answer in answers} == {422}
    assert rows(lender, SignedIn.subject) == []


def test_a_code_is_good_once_for_ten_minutes_and_five_tries(door, smsc, clock, lender):
    ask(door, "LN-000123")
    waited(lambda: smsc.submitted)
    code = code_in(text_of(smsc))
    wrong = "111111" if code != "111111" else "222222"

    tries = [door.post(SENT, data={"code": wrong}).status_code for _ in range(5)]
    sixth = door.post(SENT, data={"code": code})
    clock.pass_(minutes=2)
    ask(door, "LN-000123")
    waited(lambda: len(smsc.submitted) == 2)
    second = code_in(text_of(smsc, 1))
    clock.pass_(minutes=10, seconds=1)
    late = door.post(SENT, data={"code": second})

    assert (tries, sixth.status_code, late.status_code) == ([422] * 5, 422, 422)
    assert rows(lender, SignedIn.subject) == []


def test_a_code_opens_nothing_in_another_browser_and_nothing_twice(door, smsc):
    ask(door, "LN-000123")
    waited(lambda: smsc.submitted)
    code, handle = code_in(text_of(smsc)), door.cookies["arrears-code"]

    door.cookies.set("arrears-code", handle[:-1] + ("A" if handle[-1] != "A" else "B"))
    elsewhere = door.post(SENT, data={"code": code})
    door.cookies.clear()
    door.cookies.set("arrears-code", handle)
    first = door.post(SENT, data={"code": code})
    door.cookies.set("arrears-code", handle)
    again = door.post(SENT, data={"code": code})

    assert [answer.status_code for answer in (elsewhere, first, again)] == [422, 303, 422]


def test_one_person_gets_few_codes_and_everybody_is_told_the_same(door, smsc, clock, lender):
    for number in range(7):
        clock.pass_(minutes=1, seconds=1)
        assert ask(door, "LN-000123").status_code == 303
        settled(lender, number + 1)
        if number < 5:
            waited(lambda so_far=number + 1: len(smsc.submitted) == so_far)
    ask(door, "LN-000124")
    waited(lambda: len(smsc.submitted) == 6)

    assert len(armed(lender)) == 6


def test_a_number_that_was_found_wrong_gets_no_code(door, smsc, spool, lender):
    wrong = event("LN-000123", "E9", "contact_invalid", person_id="P-LN-000123", data=f'{{"number": "{NUMBER}"}}')
    with lender.begin() as connection:
        record(connection, facts(events=[{**wrong, "at": NOW, "recorded_at": NOW}]), _personal(door))

    ask(door, "LN-000123")

    waited(lambda: list(spool.glob("*.eml")))
    assert smsc.submitted == []


def test_a_client_that_asks_too_often_waits(door):
    answers = [ask(door, f"LN-9{number:05}").status_code for number in range(8)]

    assert answers[:5] == [303] * 5 and answers[-1] == 429


def test_a_session_is_rotated_at_sign_in_and_ends_with_the_sign_out(door, smsc, lender):
    from arrears.web import session_rows

    with lender.begin() as connection:
        planted = session_rows.begin(connection, "borrower", "P-LN-000124", NOW)
    door.cookies.set("arrears-account", planted)
    ask(door, "LN-000123")
    waited(lambda: smsc.submitted)
    door.post(SENT, data={"code": code_in(text_of(smsc))})
    token = [cookie.value for cookie in door.cookies.jar if cookie.name == "arrears-account"][-1]

    assert token != planted
    assert session_rows.find(lender, "borrower", planted, NOW) is None
    door.cookies.clear()
    door.cookies.set("arrears-account", token)
    out = door.post("/account/sign-out", data={"csrf": session_rows.csrf_of(token)})
    assert out.status_code == 303 and "storage" in out.headers["clear-site-data"]
    assert session_rows.find(lender, "borrower", token, NOW) is None


def test_the_cookies_are_locked_to_the_host_over_tls_and_only_a_loopback_service_gives_plain_ones(door):
    plain = ask(door, "LN-000123").headers["set-cookie"]
    served = door.app.state.served
    over_tls = door.post(
        "/account/sign-in", data={"who": "LN-000123"}, headers={"x-forwarded-proto": "https", "host": "bank.example"}
    ).headers["set-cookie"]
    elsewhere = door.post("/account/sign-in", data={"who": "LN-000123"}, headers={"host": "bank.example"})

    assert served.loopback and re.match(r"arrears-code=[\w-]+; HttpOnly; Path=/; SameSite=lax$", plain)
    for cookie in (over_tls, elsewhere.headers["set-cookie"]):
        assert re.match(r"__Host-arrears-code=[\w-]+; HttpOnly; Path=/; SameSite=lax; Secure$", cookie)


@pytest.mark.parametrize(
    "headers",
    [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}],
)
def test_a_form_of_another_site_signs_nobody_in(door, headers, lender):
    assert door.post("/account/sign-in", data={"who": "LN-000123"}, headers=headers).status_code == 403
    assert rows(lender, OneTimeCode.handle_hash) == []


def test_the_pages_are_whole_in_both_languages(door):
    for language in ("zh-CN", "en"):
        page = door.get(f"/account/sign-in?lang={language}")

        assert f'<html lang="{language}">' in page.text
        assert ("验证码" in page.text) == (language == "zh-CN")
        assert "script-src 'self'" in page.headers["content-security-policy"]
