"""Headers, sizes and faults of every answer, whatever it answers: pages, files, errors, and what nobody foresaw."""

import html
import json

import pytest
import sqlalchemy as sa

from arrears.store.tables import ApiAnswer, StaffMember
from arrears.web.safety import LARGEST_BODY
from tests.web.conftest import TOKEN
from tests.web.signed_in import as_borrower, as_staff
from tests.web.test_payments_api import PAID
from tests.web.test_stand import TYPED

#: What a template, a format or a page of ours would compute or run if it took it for its own.
WRITTEN = '{{7*7}} {% raw %} ${7*7} {0.__class__} #eval("7*7") <script>alert(1)</script>'
#: Of a person, who must not be met in a log.
SECRET = "13800001234"
KEY = {"authorization": f"Bearer {TOKEN}", "idempotency-key": "key-of-the-test"}


@pytest.fixture
def store_url(tmp_path):
    """What is answered is the same over either database."""
    return f"sqlite:///{tmp_path / 'store.db'}"


def broken_member(store):
    """A member of staff whose row nobody foresaw."""
    with store.begin() as connection:
        connection.execute(sa.update(StaffMember).values(roles=SECRET[:-1] + "}"))


def paid(client):
    return client.post("/api/v1/payments", json={"payments": [PAID]}, headers=KEY)


def broken_answer(client, store):
    """What the API answers where the answer that it kept cannot be read."""
    paid(client)
    with store.begin() as connection:
        connection.execute(sa.update(ApiAnswer).values(answer="{" + SECRET))
    return paid(client)


def pieces():
    """A body that is too large, sent without saying how long it is."""
    for _ in range(LARGEST_BODY // 65536 + 1):
        yield b"a" * 65536


def test_every_answer_has_the_headers_and_runs_no_script_that_stands_in_a_page(client, lender):
    as_borrower(client, lender, "P-LN-000123")
    answers = {
        path: client.get(path)
        for path in ("/", "/verify", "/stand", "/questions", "/nothing", "/account", "/account/nothing", "/account/held.json", "/desk",
                     "/desk/nothing", "/api/v1/health", "/api/v1/nothing", "/api/v1/work", "/api/v1/openapi.json", "/assets/base.css",
                     "/assets/nothing", "/.well-known/arrears-keys.json")
    } | {
        "a download": client.post("/stand", data={**TYPED, "do": "download"}), "no method": client.delete("/"),
        "no form": client.post("/account/sign-in", data={}), "too large": client.post("/verify", content=b"a" * (LARGEST_BODY + 1)),
    }  # fmt: skip
    as_staff(client, lender, "supervisor")
    answers["a page of the desk"] = client.get("/desk")
    broken_member(lender)
    answers |= {"a broken page": client.get("/desk"), "a broken answer": broken_answer(client, lender)}

    found = {answer.status_code for answer in answers.values()}
    wrong = [(name, answer.status_code) for name, answer in answers.items() if not is_safe(name, answer.headers)]

    assert found >= {200, 303, 401, 404, 405, 413, 422, 500}
    assert wrong == []


def is_safe(name, headers):
    policy = headers.get("content-security-policy", "")
    return (
        all(part in policy for part in ("default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"))
        and "unsafe" not in policy
        and headers.get("x-content-type-options") == "nosniff"
        and headers.get("referrer-policy") in ("no-referrer", "same-origin")
        and headers.get("strict-transport-security") == "max-age=31536000; includeSubDomains"
        and (name.startswith("/assets/") or headers.get("cache-control") == "no-store")
        and "access-control-allow-origin" not in headers
    )  # fmt: skip


def test_what_nobody_foresaw_is_answered_shortly_and_leaves_no_value_in_any_log(client, lender, caplog, capfd):
    as_staff(client, lender, "supervisor")
    broken_member(lender)

    page, answer = client.get("/desk"), broken_answer(client, lender)

    assert (page.status_code, answer.status_code) == (500, 500)
    assert answer.headers["content-type"] == "application/problem+json" and answer.json()["status"] == 500
    assert [record.getMessage().partition(":")[0] for record in caplog.records if record.levelname == "ERROR"] == [
        "unexpected fault"
    ] * 2
    assert "arrears.web.sessions:" in caplog.text and "arrears.web.api.once:" in caplog.text
    for text in (page.text, answer.text, caplog.text, *capfd.readouterr()):
        assert SECRET[:-1] not in text and "Traceback" not in text


# of a form the limit of one field is met before that of the body
@pytest.mark.parametrize(
    ("path", "status"), [("/verify", 400), ("/stand", 400), ("/account/sign-in", 400), ("/api/v1/payments", 413)]
)
def test_a_body_that_is_too_large_is_refused_without_being_told_its_length(client, path, status):
    kind = "application/json" if path.startswith("/api") else "application/x-www-form-urlencoded"

    answer = client.post(path, content=pieces(), headers={**KEY, "content-type": kind})

    assert answer.status_code == status
    assert not path.startswith("/api") or answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("content", [b"2026-02-10,1100.16\n" * 20_000, b"\xff\xfe\x00", b"2026-02-10,1\0"])
def test_a_file_that_is_too_large_or_no_csv_is_named_and_not_read(client, content):
    answer = client.post("/stand?lang=en", data=TYPED, files={"payments_file": ("paid.csv", content)})

    assert answer.status_code == 422 and 'id="payments_file-wrong"' in answer.text


@pytest.mark.parametrize(
    "body",
    [
        {"payments": [{**PAID, "kind": SECRET}]},
        {"payments": [{**PAID, "amount": SECRET + ",00"}]},
        {"payments": SECRET},
    ],
)
def test_an_error_of_the_api_does_not_repeat_what_was_sent(client, body):
    answer = client.post(
        "/api/v1/payments", content=json.dumps(body), headers={**KEY, "content-type": "application/json"}
    )

    assert answer.status_code == 422 and SECRET not in answer.text


def test_what_somebody_writes_is_shown_and_neither_run_nor_computed(client, lender):
    sent = {**TYPED, "principal": WRITTEN, "do": "change"}
    csrf = as_staff(client, lender, "supervisor")
    client.post("/desk/stops", data={"csrf": csrf, "scope": "channel", "subject": "sms", "why": WRITTEN})

    pages = [client.post("/stand?lang=en", data=sent).text, client.get("/desk/stops?lang=en").text]

    for page in pages:
        assert "<script>alert" not in page and WRITTEN in html.unescape(page)
