"""The store that every story of the browser is told over: a made book with its nights on the desk, and what each reader has of their own."""

from dataclasses import replace
from datetime import date

import polars as pl
from sqlalchemy import insert

from arrears.dispatch.channel import Message
from arrears.dispatch.channels.portal import post
from arrears.dispatch.channels.visit import visit_settings
from arrears.dispatch.round_files import write_round
from arrears.dispatch.rounds import plan_round
from arrears.notice.canonical import text_hash
from arrears.notice.codes import code_hash, new_code, normal_code
from arrears.notice.keys import code_key
from arrears.notice.words import Words
from arrears.store.facts import record, record_event
from arrears.store.tables import Attempt, Notice
from arrears.web import staff_accounts
from tests.browser.looked import READERS
from tests.conftest import STORY
from tests.dispatch.field import fact, office_of, put_accounts, put_work, speaker_of
from tests.web.account.conftest import renamed
from tests.web.conftest import NOW
from tests.web.desk.conftest import TERMS

CODE = new_code(bytes(range(8)))
TEXT = f"【示例银行】您尾号0001的贷款已逾期，应还3,285.00元。核验码 {CODE}，请登录 bank.example 核验。"
LENDER = """
lender: {{id: demo, name: {{zh: 示例银行, en: Example Bank}}, phone: "95500", site: bank.example}}
database: "{database}"
keys: keys
"""
CONFIG = (
    LENDER
    + """
rehearsal: true
payments: {{provider: {{kind: test, secret_env: PAY_SECRET}}}}
channels:
  sms: {{host: 127.0.0.1, port: {smsc}, system_id: arrears, password_env: SMSC_PASSWORD, source: "10690000", closing_seconds: 0.2}}
  email: {{host: 127.0.0.1, port: 2525, tls: none, from: notice@bank.example, unsubscribe: {{mailbox: out@bank.example, key_env: LEAVE_KEY}}}}
  call: {{}}
  visit:
    currency: CNY
    zone: Asia/Shanghai
    iterations: 50
    costs: {{door: '30.00', km: '1.50', hour: '120.00', crew: '50.00'}}
    crews:
    - {{id: one, members: [W1, W2], start: {{lat: 31.23, lon: 121.47}}, shift: ["09:00", "18:00"]}}
"""
)
AS_OF, ACCOUNTS = date(2026, 11, 23), 300
PASSWORD = "一个足够长的密码 for tests"
TOTP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ROLES = ("collector", "field", "supervisor", "compliance", "auditor")
SAID = {
    "zh-CN": "您好！您的贷款有一期到期未还。如有困难，请告诉我们。",
    "en": "Hello. One instalment of your loan is due and not paid. If you are in difficulty, please tell us.",
}
SUBJECT = {"zh-CN": "还款提醒", "en": "A payment is due"}


def loan_of(reader):
    """The id of the loan of a borrower who is this reader."""
    return f"STORY-{reader.number + 1}"


def phone_of(reader):
    """The number at which that borrower is known."""
    return f"+861370000000{reader.number}"


def staff_of(reader):
    """The name by which a member of staff who is this reader signs in."""
    return f"zhang.wei{reader.number}"


def disputed_of(reader):
    """The id of an account whose borrower has disputed it."""
    return f"D{reader.number + 1}"


#: An account whose product has no terms, which is why it cannot be computed.
UNTOLD = "WITHOUT-TERMS"


def new_members(store):
    """A member of staff for each reader, with a password alone."""
    with store.begin() as connection:
        for reader in READERS:
            staff_accounts.add_member(connection, staff_of(reader), "张伟", ROLES, PASSWORD, NOW.replace(hour=1))


def fill(store, personal, installation, folder):
    """Put everything in."""
    from arrears.store.moving import put_terms

    _book_and_nights(store, personal, folder)
    with store.begin() as connection:
        put_terms(connection, "small", TERMS, NOW)
    calls = [f"A{reader.number + 1}" for reader in READERS]
    put_accounts(store, personal, calls)
    put_work(store, calls)
    _visit(store, personal, installation)
    disputed = [disputed_of(reader) for reader in READERS]
    put_accounts(store, personal, disputed)
    for name in disputed:
        fact(store, personal, name, "dispute_opened")
    _without_terms(store, personal)
    key = code_key(installation.keys)
    with store.begin() as connection:
        connection.execute(insert(Notice).values(
            code_hash=code_hash(CODE, key), attempt_id="T1", account_id="A1", person_id="P-A1", channel="sms",
            template="t", language="zh-CN", text_hash=text_hash(TEXT, key), made_at=NOW,
        ))  # fmt: skip
    for reader in READERS:
        _borrower(store, personal, reader, key)
        _staff(store, personal, reader)


def _visit(store, personal, installation):
    """One door on a round of today."""
    settings = visit_settings(installation.channels["visit"], installation)
    put_accounts(store, personal, ["V1"])
    put_work(store, ["V1"], "visit")
    early = NOW.replace(hour=0)
    round_ = plan_round(office_of(store, personal), speaker_of(personal), settings, NOW.date(), early)
    write_round(round_, settings, "zh-CN", early)


def _without_terms(store, personal):
    from arrears.cli.account import case_at

    told = renamed(case_at(STORY).facts, UNTOLD, "P-WITHOUT-TERMS")
    with store.begin() as connection:
        record(
            connection, replace(told, accounts=told.accounts.with_columns(product=pl.lit("untold")), terms={}), personal
        )


def _book_and_nights(store, personal, folder):
    from arrears import night
    from arrears.dispatch.rules import ladders_of
    from arrears.lab.made import make_book
    from arrears.store.moving import import_book
    from arrears.web.desk.taking import take_night

    for name, as_of in (("before", date(2026, 11, 22)), ("after", AS_OF)):
        book = make_book(folder / f"{name}-book", ACCOUNTS, 7, as_of)
        night.run(night.prepare(book, as_of), folder / name)
    import_book(store, book, personal, NOW)
    take_night(store, folder / "after", ladders_of([]), NOW, folder / "before")


def _borrower(store, personal, reader, key):
    from arrears.cli.account import case_at

    loan, person = loan_of(reader), f"P{reader.number + 1}"
    told = renamed(case_at(STORY).facts, loan, person)
    people = told.people.with_columns(
        phones=pl.Series([[phone_of(reader)]], dtype=told.people.schema["phones"]), language=pl.lit(reader.language)
    )
    attempt = f"T-{loan}"
    contact = {"event_id": f"contact-{attempt}", "account_id": loan, "person_id": person, "at": NOW, "recorded_at": NOW,
               "kind": "contact", "channel": "portal", "direction": "out", "outcome": "sent"}  # fmt: skip
    with store.begin() as connection:
        record(connection, replace(told, people=people, terms={}), personal)
        record_event(connection, contact, personal)
        connection.execute(insert(Attempt).values(
            attempt_id=attempt, key=f"K-{attempt}", account_id=loan, person_id=person, channel="portal", worker="w",
            event_id=contact["event_id"], started_at=NOW, answered_at=NOW, answer="accepted", provider_ref=attempt, looked_up=0,
        ))  # fmt: skip
    code = new_code(bytes([reader.number + 1] * 8))
    text = f"{SAID[reader.language]} {code}"
    with store.begin() as connection:
        connection.execute(insert(Notice).values(
            code_hash=code_hash(normal_code(code), key), attempt_id=attempt, account_id=loan, person_id=person, channel="portal",
            template="t", language=reader.language, text_hash=text_hash(text, key), made_at=NOW, signature=None,
            sealed=personal.seal(connection, "notices", person, {"text": text, "subject": SUBJECT[reader.language]}),
        ))  # fmt: skip
    words = Words("t", reader.language, text, code, subject=SUBJECT[reader.language])
    post(store, personal, Message(f"K-{attempt}", attempt, "portal", "", words, loan, person), NOW)


def _staff(store, personal, reader):
    import pyotp

    name, before = staff_of(reader), NOW.replace(hour=1)
    with store.begin() as connection:
        staff_accounts.add_member(connection, name, "张伟", ROLES, PASSWORD, before)
        code = pyotp.TOTP(TOTP).at(before)
        assert staff_accounts.set_up_second(connection, personal, name, TOTP, code, before)
