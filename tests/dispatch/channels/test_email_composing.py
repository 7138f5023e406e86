"""What a mail is made of: nothing in a message can become another header, and every text arrives as it was written."""

import email
import email.policy
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears.dispatch.channels.email import open_channel
from arrears.dispatch.channels.mail_message import Unfit, compose
from arrears.dispatch.channels.mail_settings import Sender, Unsubscribe
from arrears.errors import Refusal
from tests.dispatch.channels.made import NOW, installation, message
from tests.examples import examples

WAYS = Unsubscribe("https://bank.example/u/{token}", "leave@bank.example", b"0123456789abcdef")
SENDER = Sender("notice@bank.example", {"zh": "示例银行", "en": "Example Bank"}, "help@bank.example", "bank.example",
                "back@bank.example", True, WAYS, "failures")  # fmt: skip
HEADERS = {
    "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language", "List-Unsubscribe",
    "List-Unsubscribe-Post", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
}  # fmt: skip
#: Texts that try: line ends of every kind, encoded words, quotes, commas, very long ones, characters beyond the first plane.
TRICKS = st.lists(
    st.sampled_from(
        ["\r\nBcc: all@mail.example", "\nX-Other: 1", "\r", "\u2028", "\x85", "\x0b", "=?utf-8?q?=0ABcc:_x?=", '"', "<x@y.example>",
         ",", ";", "\\", " ", "李雷", "😀", "é", "a" * 90, "\ud800", "\0"]
    )
    | st.text(max_size=20),
    max_size=8,
).map("".join)  # fmt: skip


def parsed(content):
    return email.message_from_bytes(content, policy=email.policy.default)


@examples(60)
@given(TRICKS, TRICKS, TRICKS)
def test_no_text_becomes_another_header(subject, name, bank):
    words = replace(message().words, subject=f"s{subject}", html=None)
    sender = replace(SENDER, names={"zh": bank or "x"})

    content = compose(message(words=words, name=name), sender, NOW).content

    head, _, _ = content.partition(b"\r\n\r\n")
    names = [line.partition(b":")[0].decode() for line in head.split(b"\r\n") if not line.startswith((b" ", b"\t"))]
    assert sorted(names) == sorted(HEADERS)
    assert b"\r" not in head.replace(b"\r\n", b"") and b"\n" not in head.replace(b"\r\n", b"")
    mail = parsed(content)
    assert [one.addr_spec for one in mail["To"].addresses] == ["zhang@mail.example"]
    assert [one.addr_spec for one in mail["From"].addresses] == ["notice@bank.example"]
    assert max(map(len, head.split(b"\r\n"))) <= 998


#: What a subject may hold: no controls, and no runs of spaces, which headers do not keep.
SUBJECTS = st.text(st.characters(blacklist_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), min_size=1, max_size=80)


@examples(60)
@given(SUBJECTS)
def test_a_subject_arrives_as_it_was_written(subject):
    content = compose(message(words=replace(message().words, subject=subject)), SENDER, NOW).content

    assert parsed(content)["Subject"] == subject


@examples(60)
@given(st.text(max_size=400), st.text(max_size=400))
def test_any_text_arrives_as_it_was_written(text, html):
    words = replace(message().words, text=text, html=html)

    mail = parsed(compose(message(words=words), SENDER, NOW).content)

    plain, rich = (mail.get_body((kind,)).get_payload(decode=True).decode() for kind in ("plain", "html"))
    assert lines(plain) == lines(text) and lines(rich) == lines(html)


def lines(text):
    """A mail has lines, each ended by CRLF, and its last one ended too; nothing else of a text is changed by it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")


def test_a_mail_without_a_subject_is_unfit():
    for subject in (None, "", " \r\n "):
        with pytest.raises(Unfit, match="subject"):
            compose(message(words=replace(message().words, subject=subject)), SENDER, NOW)


def test_the_name_of_the_lender_follows_the_language():
    names = {
        language: parsed(compose(message(words=replace(message().words, language=language)), SENDER, NOW).content)[
            "From"
        ]
        for language in ("zh-CN", "en", "fr")
    }

    assert [one.addresses[0].display_name for one in names.values()] == ["示例银行", "Example Bank", "示例银行"]


GOOD = {"host": "127.0.0.1", "from": "notice@bank.example"}
#: Settings that must be refused, and the field that is named.
UNFIT = {
    "host": ({"host": None}, "host"),
    "from missing": ({"from": None}, "from"),
    "from with a name": ({"from": "Bank <notice@bank.example>"}, "from"),
    "in the open to elsewhere": ({"host": "mail.bank.example", "tls": "none"}, "tls"),
    "a kind of TLS nobody knows": ({"tls": "maybe"}, "tls"),
    "port": ({"port": 0}, "port"),
    "a user without a password": ({"user": "arrears"}, "user"),
    "a password in the file": ({"user": "arrears", "password": "secret"}, "password"),
    "a password from nowhere": ({"user": "arrears", "password_env": "NO_SUCH_NAME"}, "password_env"),
    "a certificate file that is none": ({"ca_file": "nowhere.pem"}, "ca_file"),
    "a Maildir that is none": ({"maildir": "nowhere"}, "maildir"),
    "unsubscribe without a way": ({"unsubscribe": {"key_env": "SOME_KEY"}}, "unsubscribe.url"),
    "unsubscribe without a key": ({"unsubscribe": {"mailbox": "leave@bank.example"}}, "unsubscribe.key_env"),
    "unsubscribe without a token": ({"unsubscribe": {"url": "https://bank.example/u", "key_env": "SOME_KEY"}}, "unsubscribe.url"),
    "unsubscribe in the open": ({"unsubscribe": {"url": "http://bank.example/{token}", "key_env": "SOME_KEY"}}, "unsubscribe.url"),
    "a long mailbox for VERP": ({"bounces": f"{'b' * 28}@bank.example", "verp": True}, "bounces"),
    "a greeting of two words": ({"hello": "two words"}, "hello"),
    "a window of nothing": ({"window": 0}, "window"),
    "a flag in words": ({"verp": "yes"}, "verp"),
    "a setting nobody knows": ({"hots": "x"}, "hots"),
}  # fmt: skip


@pytest.mark.parametrize("case", UNFIT)
def test_unfit_settings_are_refused_by_their_field(tmp_path, monkeypatch, case):
    monkeypatch.setenv("SOME_KEY", "0123456789abcdef")
    changes, field = UNFIT[case]
    given_settings = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}

    with pytest.raises(Refusal) as refused:
        open_channel(given_settings, installation(tmp_path))

    finding = refused.value.findings[0]
    assert finding.field.removeprefix("channels.email.") == field
    assert "secret" not in str(refused.value) and refused.value.exit_code == 2
