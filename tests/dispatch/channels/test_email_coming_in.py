"""Mail that comes in: bounces and replies of many mail systems, and whatever else a stranger may send."""

import asyncio
import os
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from arrears.dispatch.channels.email import open_channel
from arrears.dispatch.channels.mail_ids import OwnIds
from arrears.dispatch.channels.mail_in import MailIn
from arrears.dispatch.channels.mail_settings import Sender, Unsubscribe
from arrears.dispatch.channels.mail_sort import SetAside, sort_mail
from arrears.dispatch.channels.mail_text import stripped, without_quotes
from arrears.dispatch.channels.mail_unsubscribe import unsubscribe_token, unsubscribed
from tests.dispatch.channels.made import NOW, installation, into
from tests.examples import examples

MAILS = Path(__file__).with_name("mails")
EXPECTED = yaml.safe_load((MAILS / "expected.yaml").read_text("utf-8"))
ATTEMPT = "0192f0c0-0000-7000-8000-000000000001"
KEY = b"0123456789abcdef0123"
SENDER = Sender(
    "notice@bank.example", {"zh": "示例银行"}, None, "bank.example", "back@bank.example", True,
    Unsubscribe("https://bank.example/u/{token}", "leave@bank.example", KEY), "failures",
)  # fmt: skip
IDS = OwnIds(SENDER)


@pytest.mark.parametrize("name", sorted(path.stem for path in MAILS.glob("*.eml")))
def test_each_mail_brings_what_it_says(name):
    content = (MAILS / f"{name}.eml").read_bytes()

    found = sort_mail(content, NOW, IDS)

    expected = EXPECTED[name]
    if isinstance(found, SetAside):
        assert expected == f"set aside: {found.reason}"
    elif not found:
        assert expected == "nothing"
    else:
        *before, one = found
        assert [(other.kind, other.outcome) for other in before] == [("receipt", "failed")] * (one.kind == "bounce")
        fields = {field: getattr(one, field) for field in ("kind", "outcome", "sender", "detail", "text")}
        assert {**fields, "ours": one.attempt_id == ATTEMPT} == {
            **dict.fromkeys(("outcome", "sender", "text")), "detail": "", **expected,
        }  # fmt: skip
        assert (one.channel, one.at) == ("email", NOW)
        assert one.provider_ref == (f"<{ATTEMPT}@bank.example>" if expected["ours"] else None)


def test_line_ends_of_the_wire_change_nothing():
    for path in MAILS.glob("*.eml"):
        content = path.read_bytes()
        assert sort_mail(content.replace(b"\n", b"\r\n"), NOW, IDS) == sort_mail(content, NOW, IDS)


def test_a_token_in_the_subject_unsubscribes_the_message_it_names():
    token = unsubscribe_token(ATTEMPT, KEY)
    mail = f"From: x@mail.example\nTo: notice@bank.example\nSubject: Re: unsubscribe {token}\n\n"

    [found] = sort_mail(mail.encode(), NOW, IDS)

    assert found.kind == "opt_out" and found.attempt_id == ATTEMPT


@given(st.text(max_size=60), st.binary(min_size=16, max_size=40))
def test_no_token_is_genuine_but_with_the_key(text, key):
    token = unsubscribe_token(ATTEMPT, key)

    assert unsubscribed(f"{token[:-1]}{'a' if token[-1] != 'a' else 'b'}", key) is None
    assert unsubscribed(token, b"another key altogether") is None
    assert unsubscribed(text, key) is None
    assert unsubscribed(f"x {token} y", key) == ATTEMPT


_PIECES = st.sampled_from([path.read_bytes() for path in MAILS.glob("*.eml")])


@examples(60)
@given(_PIECES, st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=12), st.integers(0, 200)), max_size=6))
def test_a_broken_mail_is_sorted_or_set_aside_and_never_an_error(content, wounds):
    for place, inserted, cut in wounds:
        at = int(place * len(content))
        content = content[:at] + inserted + content[at + cut :]

    found = sort_mail(content, NOW, IDS)

    assert isinstance(found, SetAside | list)


@examples(80)
@given(st.binary(max_size=400))
def test_bytes_that_are_no_mail_are_never_an_error(content):
    assert isinstance(sort_mail(content, NOW, IDS), SetAside | list)


@given(st.text(max_size=200))
def test_no_script_and_no_tag_comes_through_html(text):
    html = f"<script>steal({text})</script><p>hello</p><style>{text.replace('<', '')}</style>"

    shown = stripped(f"<body><p>before</p>{html}</body>")

    assert "steal(" not in shown and shown.startswith("before")


QUOTES = {
    "yes\n> no": "yes",
    "yes\n\n发件人：示例银行 <notice@bank.example>\nno": "yes",
    "是\n于 2026年11月24日周二 10:31，示例银行 写道：\n否": "是",
    '是\n在 2026-11-24 10:31:00，"示例银行" <notice@bank.example> 写道：\n否': "是",
    "yes\n________________________________\nFrom: x": "yes",
    "> asked\nanswer below": "answer below",
    "On Tuesday I wrote: a letter": "On Tuesday I wrote: a letter",
}


@pytest.mark.parametrize("text", QUOTES)
def test_what_is_quoted_is_not_what_was_written(text):
    assert without_quotes(text) == QUOTES[text]


@pytest.fixture
def maildir(tmp_path):
    for part in ("new", "cur", "tmp"):
        (tmp_path / "mail" / part).mkdir(parents=True)
    return tmp_path / "mail"


def deliver(maildir, name, at=1_795_487_400):
    path = maildir / "new" / f"{at}.{name}.host"
    path.write_bytes((MAILS / f"{name}.eml").read_bytes())
    os.utime(path, (at, at))
    return path


def test_a_mail_leaves_new_only_when_it_is_recorded(maildir):
    path = deliver(maildir, "reply-gmail")
    seen = []

    async def fails(returned):
        seen.append((returned, path.exists()))
        if len(seen) == 1:
            raise ConnectionError("the database is away")

    async def run():
        reader = MailIn(maildir, 0.05, SENDER, fails)
        reader.start()
        while list((maildir / "new").iterdir()):
            await asyncio.sleep(0.01)
        await reader.stop()

    asyncio.run(asyncio.wait_for(run(), 20))

    assert [there for _, there in seen] == [True, True]
    assert seen[0] == seen[1], "the same thing, at the same instant, is told again"
    assert seen[0][0].at == datetime.fromtimestamp(1_795_487_400, UTC)
    assert [one.name for one in (maildir / "cur").iterdir()] == [f"{path.name}:2,S"]


def test_a_mail_that_cannot_be_recorded_stops_no_other(maildir):
    deliver(maildir, "reply-html-only", 1)
    deliver(maildir, "reply-gmail", 2)
    kept = []

    async def record(returned):
        if returned.sender == "wang@qq.example":
            raise ValueError("not this one")
        kept.append(returned)

    taken = asyncio.run(MailIn(maildir, 1, SENDER, record).read_once())

    assert taken == 1 and [one.sender for one in kept] == ["lilei@gmail.example"]
    assert [one.name for one in (maildir / "new").iterdir()] == ["1.reply-html-only.host"]


def test_what_cannot_be_sorted_is_set_aside_with_its_reason(maildir):
    deliver(maildir, "no-sender", 1)
    deliver(maildir, "reply-gmail", 2)
    kept = []

    read = asyncio.run(MailIn(maildir, 1, SENDER, partial(into, kept)).read_once())

    aside = maildir / ".SetAside"
    assert read == 2 and [one.sender for one in kept] == ["lilei@gmail.example"]
    assert [one.name for one in (aside / "cur").iterdir()] == ["1.no-sender.host:2,"]
    assert (aside / "reasons.log").read_text() == "1.no-sender.host\tno sender\n"


def test_an_open_channel_reads_its_maildir(maildir, tmp_path):
    settings = {
        "host": "127.0.0.1",
        "port": 9,
        "tls": "none",
        "from": "notice@bank.example",
        "maildir": "mail",
        "poll_seconds": 0.05,
    }

    async def run():
        arrived = asyncio.Queue()
        channel = open_channel(settings, installation(tmp_path))
        await channel.open(arrived.put)
        deliver(maildir, "postfix-delivered")
        first = await arrived.get()
        await channel.close()
        return first

    returned = asyncio.run(asyncio.wait_for(run(), 20))

    assert (returned.kind, returned.outcome, returned.attempt_id) == ("receipt", "delivered", ATTEMPT)
