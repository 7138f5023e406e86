"""E-mail handed to real SMTP servers: TLS, login, and what each answer, lost or given, means."""

import asyncio
import email
import email.policy
import re
import subprocess
import sys
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from urllib.parse import unquote

import pytest
from aiosmtpd.smtp import AuthResult

from arrears.dispatch.channel import NotHandedOver, Sent
from arrears.dispatch.channels.email import open_channel
from arrears.dispatch.channels.mail_unsubscribe import unsubscribed
from arrears.errors import Refusal
from tests.conftest import ROOT
from tests.dispatch.channels.made import NOW, TEXT, installation, into, message
from tests.dispatch.channels.scripted import DROP, SILENCE, Scripted
from tests.peers.certificates import Authority
from tests.peers.smtp import Faults, Spool, listen

KEY = "0123456789abcdef0123"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def spool(tmp_path):
    folder = tmp_path / "spool"
    folder.mkdir()
    return Spool(folder)


def channel(folder, port, **settings):
    given = {
        "host": "127.0.0.1",
        "port": port,
        "tls": "none",
        "from": "notice@bank.example",
        "hello": "arrears.bank.example",
    }
    return open_channel({**given, **settings}, installation(folder))


@asynccontextmanager
async def opened(made, kept=None):
    await made.open(partial(into, [] if kept is None else kept))
    try:
        yield made
    finally:
        await made.close()


async def sent_by(made, *messages):
    async with opened(made):
        return [await (await made.hand_over(one)) for one in messages]


def stored(spool):
    return [
        email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        for path in sorted(spool.folder.glob("*.eml"))
    ]


def test_a_mail_arrives_with_both_parts_and_all_headers(tmp_path, spool, monkeypatch):
    monkeypatch.setenv("UNSUBSCRIBE_KEY", KEY)
    ways = {"url": "https://bank.example/u/{token}", "mailbox": "leave@bank.example", "key_env": "UNSUBSCRIBE_KEY"}

    async def run():
        server, port = await listen(spool)
        async with server:
            made = channel(
                tmp_path, port, reply_to="help@bank.example", bounces="back@bank.example", verp=True, unsubscribe=ways
            )
            return await sent_by(made, message())

    [answer] = asyncio.run(run())

    [mail] = stored(spool)
    attempt = message().attempt_id
    assert answer.kind == "accepted"
    assert answer.provider_ref == mail["Message-ID"] == f"<{attempt}@bank.example>"
    assert mail["X-Envelope-From"] == f"back+{attempt}@bank.example"
    assert mail["From"] == "示例银行 <notice@bank.example>" and mail["Reply-To"] == "help@bank.example"
    assert mail["To"] == "张三 <zhang@mail.example>" and mail["Subject"] == "关于您贷款的还款提醒"
    assert mail["Auto-Submitted"] == "auto-generated" and mail["Date"].datetime.tzinfo is not None
    assert mail.get_content_type() == "multipart/alternative"
    assert mail.get_body(("plain",)).get_content().replace("\r\n", "\n") == f"{TEXT}\n"
    assert "<b>1,234.56</b>" in mail.get_body(("html",)).get_content()
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url, mailto = re.findall(r"<([^>]+)>", mail["List-Unsubscribe"])
    assert url.startswith("https://bank.example/u/") and mailto.startswith("mailto:leave@bank.example?subject=")
    assert unsubscribed(url, KEY.encode()) == attempt == unsubscribed(unquote(mailto), KEY.encode())


def test_lines_that_begin_with_a_dot_arrive_and_end_no_message(tmp_path, spool):
    text = ".\n..\n.hidden\r\n.\r\nMAIL FROM:<x@y.example>\r\n.\rlast"
    dotted = message(1, words=replace(message().words, text=text, html=None, language="en"))

    async def run():
        server, port = await listen(spool)
        async with server:
            return await sent_by(channel(tmp_path, port), dotted, message(2))

    answers = asyncio.run(run())

    assert [answer.kind for answer in answers] == ["accepted", "accepted"]
    first, _ = stored(spool)
    assert first.get_content().splitlines() == [".", "..", ".hidden", ".", "MAIL FROM:<x@y.example>", ".", "last"]


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # the peer does not see that its socket is under TLS already
@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_mail_goes_over_tls_after_login(tmp_path, spool, authority, monkeypatch, tls):
    monkeypatch.setenv("MAIL_PASSWORD", "right")
    context = authority.server_context("127.0.0.1")
    over = {"implicit_tls": context} if tls == "implicit" else {"tls_context": context, "require_starttls": True}
    seen = []

    def let_in(server, session, envelope, mechanism, data):
        seen.append((mechanism, data.login, session.ssl is not None or tls == "implicit"))
        return AuthResult(success=data.password == b"right", handled=tls == "never")

    async def run():
        required = {"auth_required": True, "authenticator": let_in, "auth_require_tls": tls == "starttls"}
        server, port = await listen(spool, **over, **required)
        async with server:
            made = channel(
                tmp_path, port, tls=tls, user="arrears", password_env="MAIL_PASSWORD", ca_file=str(authority.file)
            )
            return await sent_by(made, message(1), message(2))

    answers = asyncio.run(run())

    assert [answer.kind for answer in answers] == ["accepted", "accepted"]
    assert seen == [(seen[0][0], b"arrears", True)], "one login serves both mails"
    assert len(stored(spool)) == 2


UNFIT_SERVERS = {
    "a wrong password": ({"user": "arrears", "password_env": "MAIL_PASSWORD"}, "channels.email.user"),
    "a certificate of an authority unknown here": ({"ca_file": None}, "channels.email.host"),
}


@pytest.mark.parametrize("case", UNFIT_SERVERS)
def test_a_server_that_will_never_work_refuses_the_opening(tmp_path, spool, authority, monkeypatch, case):
    monkeypatch.setenv("MAIL_PASSWORD", "wrong")
    settings, field = UNFIT_SERVERS[case]

    async def run():
        required = {"auth_required": True, "authenticator": lambda *_: AuthResult(success=False, handled=False)}
        server, port = await listen(
            spool, tls_context=authority.server_context("127.0.0.1"), require_starttls=True, **required
        )
        async with server:
            given = {"tls": "starttls", "ca_file": str(authority.file), **settings}
            await channel(tmp_path, port, **{name: value for name, value in given.items() if value}).open(
                partial(into, [])
            )

    with pytest.raises(Refusal) as refused:
        asyncio.run(run())

    assert refused.value.findings[0].field == field
    assert "wrong" not in str(refused.value)


def test_without_starttls_on_offer_nothing_is_sent(tmp_path):
    async def run():
        async with Scripted() as server:
            made = channel(tmp_path, server.port, tls="starttls")
            with pytest.raises(Refusal) as refused:
                await made.open(partial(into, []))
            with pytest.raises(NotHandedOver):
                await made.hand_over(message())
            return refused.value, server

    refusal, server = asyncio.run(run())

    assert refusal.findings[0].field == "channels.email.tls"
    assert not any(command.startswith(("MAIL", "AUTH")) for command in server.commands)


#: What the server does at which step, and what that means: the kind of answer and its detail, or NotHandedOver.
ANSWERS = {
    "greeting refused": ({"connect": "554 not today"}, NotHandedOver, ""),
    "dropped at once": ({"connect": DROP}, NotHandedOver, ""),
    "dropped at MAIL": ({"MAIL": DROP}, NotHandedOver, ""),
    "dropped at RCPT": ({"RCPT": DROP}, NotHandedOver, ""),
    "dropped at DATA": ({"DATA": DROP}, NotHandedOver, ""),
    "silent at RCPT": ({"RCPT": SILENCE}, NotHandedOver, ""),
    "nonsense at MAIL": ({"MAIL": "what?"}, NotHandedOver, ""),
    "sender put off": ({"MAIL": "451 4.7.1 greylisted"}, "later", "mail 451 4.7.1"),
    "recipient put off": ({"RCPT": "450 4.2.0 busy"}, "later", "rcpt 450 4.2.0"),
    "recipient unknown": ({"RCPT": "550 5.1.1 zhang@mail.example unknown"}, "refused", "rcpt 550 5.1.1"),
    "data put off": ({"DATA": "451 4.3.0 no room"}, "later", "data 451 4.3.0"),
    "data refused": ({"DATA": "554 5.5.1 no valid recipients"}, "refused", "data 554 5.5.1"),
    "message taken": ({}, "accepted", "message 250 2.0.0"),
    "message put off": ({".": "452 4.3.1 disk full"}, "later", "message 452 4.3.1"),
    "service going down": ({".": "421 4.3.2 shutting down"}, "later", "message 421 4.3.2"),
    "message refused": ({".": "554 5.7.1 looks like spam"}, "refused", "message 554 5.7.1"),
    "dropped after the dot": ({".": DROP}, "unknown", "message: SMTPServerDisconnected"),
    "silent after the dot": ({".": SILENCE}, "unknown", "message: SMTPReadTimeoutError"),
    "nonsense after the dot": ({".": "what?"}, "unknown", "message answer unreadable"),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_what_each_answer_means(tmp_path, case):
    script, kind, detail = ANSWERS[case]

    async def run():
        async with Scripted(script) as server:
            made = channel(tmp_path, server.port, hand_over_seconds=0.3, answer_seconds=0.3)
            try:
                [answer] = await sent_by(made, message())
                return answer, server
            except NotHandedOver as nothing:
                return nothing, server

    answer, server = asyncio.run(run())

    if kind is NotHandedOver:
        assert isinstance(answer, NotHandedOver) and server.mails == []
    else:
        assert (answer.kind, answer.detail) == (kind, detail)
        assert (answer.provider_ref is not None) == (kind in ("accepted", "unknown"))
        assert len(server.mails) == int(detail.startswith("message"))


@pytest.mark.parametrize("end", [DROP, "421 4.7.0 enough mails on this connection"])
def test_a_kept_connection_that_the_server_ends_is_replaced_without_loss(tmp_path, end):
    async def run():
        async with Scripted() as server:
            made = channel(tmp_path, server.port)
            async with opened(made):
                first = await (await made.hand_over(message(1)))
                server.special, server.once = {"MAIL": end}, True
                second = await (await made.hand_over(message(2)))
            return first, second, server

    first, second, server = asyncio.run(run())

    assert (first.kind, second.kind) == ("accepted", "accepted")
    assert len(server.mails) == 2 and server.connections == 2


def test_a_refused_recipient_leaves_the_connection_fit_for_the_next_mail(tmp_path):
    async def run():
        async with Scripted({"RCPT": "550 5.1.1 unknown"}, once=True) as server:
            return await sent_by(channel(tmp_path, server.port), message(1), message(2)), server

    answers, server = asyncio.run(run())

    assert [answer.kind for answer in answers] == ["refused", "accepted"]
    assert server.connections == 1 and "RSET" in server.commands


def test_reports_are_asked_for_where_they_are_offered(tmp_path):
    async def run():
        async with Scripted() as server:
            await sent_by(channel(tmp_path, server.port, notify="all"), message())
            return server

    server = asyncio.run(run())

    attempt = message().attempt_id
    assert f"MAIL FROM:<notice@bank.example> RET=HDRS ENVID={attempt}" in server.commands
    assert "RCPT TO:<zhang@mail.example> NOTIFY=SUCCESS,FAILURE,DELAY" in server.commands


def test_as_many_mails_wait_for_their_answer_as_the_window_has(tmp_path):
    async def run():
        async with Scripted({".": SILENCE}) as server:
            made = channel(tmp_path, server.port, window=3, answer_seconds=5)
            async with opened(made):
                waiting = [await made.hand_over(message(number)) for number in range(3)]
                fourth = asyncio.ensure_future(made.hand_over(message(4)))
                done, _ = await asyncio.wait([fourth], timeout=0.2)
                held_back = not done
                waiting[0].cancel()
                await asyncio.wait([fourth], timeout=5)
                for answer in (*waiting[1:], await fourth):
                    answer.cancel()
                return held_back, await asyncio.gather(*waiting[1:]), server.connections

    held_back, answers, connections = asyncio.run(run())

    assert held_back and connections == 4
    assert {answer.kind for answer in answers} == {"unknown"}


def test_a_mailbox_that_is_none_is_refused_before_the_network(tmp_path):
    made = channel(tmp_path, 9)
    unfit = ["", "zhang", "zhang@", "a@b@c.example\r\nRCPT TO:<x@y.example>", "a b@mail.example", "x@-.example"]

    answers = [asyncio.run(_answer(made, message(to=to))) for to in unfit]

    assert {(answer.kind, answer.detail) for answer in answers} == {("refused", "unfit mailbox")}


async def _answer(made, one):
    return await (await made.hand_over(one))


def test_a_mailbox_in_chinese_needs_a_server_for_it(tmp_path, spool):
    to = message(to="张三@邮件.example")

    async def run():
        async with Scripted() as plain:
            refused = await sent_by(channel(tmp_path, plain.port), to)
        server, port = await listen(spool)
        async with server:
            return refused + await sent_by(channel(tmp_path, port), to)

    refused, taken = asyncio.run(run())

    assert (refused.kind, refused.detail) == ("refused", "mail smtputf8 not offered")
    assert taken.kind == "accepted"
    assert stored(spool)[0]["X-Envelope-To"] == "张三@xn--5nq051n.example"


def test_the_server_being_away_stops_nothing_but_the_messages(tmp_path):
    async def run():
        async with Scripted() as server:
            gone = server.port
        made = channel(tmp_path, gone)
        async with opened(made):
            with pytest.raises(NotHandedOver):
                await made.hand_over(message())

    asyncio.run(run())


def test_unknown_is_settled_only_by_what_names_the_message_id(tmp_path):
    maildir = tmp_path / "mail"
    for part in ("new", "cur", "tmp"):
        (maildir / part).mkdir(parents=True)
    log = tmp_path / "mail.log"
    attempts = [message(number).attempt_id for number in range(4)]
    (maildir / "cur" / "1:2,S").write_text(f"In-Reply-To: <{attempts[0]}@bank.example>\n\nyes?\n")
    log.write_text(
        f"Nov 24 host postfix/cleanup[7]: 4XyZabc12z: message-id=<{attempts[1]}@bank.example>\n"
        "Nov 24 host postfix/qmgr[8]: 4XyZabc12z: from=<back@bank.example>, size=900, nrcpt=1 (queue active)\n"
        f"Nov 24 host postfix/cleanup[7]: 4Xcutoff99: message-id=<{attempts[2]}@bank.example>\n"
    )

    made = channel(tmp_path, 9, maildir="mail", queue_log="mail.log")

    looked_up = [asyncio.run(made.look_up(Sent(one, one, None, NOW, "zhang@mail.example"))) for one in attempts]
    assert [answer.kind for answer in looked_up] == ["accepted", "accepted", "unknown", "unknown"]


def test_the_stand_in_server_has_on_disk_what_it_acknowledged(tmp_path):
    command = [
        sys.executable,
        "-m",
        "tests.peers.smtp",
        "--spool",
        "spool",
        "--lost",
        "0.2",
        "--errors",
        "0.2",
        "--seed",
        "7",
    ]
    peer = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"}
    )
    try:
        port = int(peer.stdout.readline().rpartition(":")[2])
        answers = asyncio.run(sent_by(channel(tmp_path, port), *(message(number) for number in range(40))))
    finally:
        peer.kill()
        peer.wait()

    on_disk = {mail["Message-ID"] for mail in stored(Spool(tmp_path / "spool"))}
    kinds = {answer.kind for answer in answers}
    assert kinds == {"accepted", "later", "unknown"}
    assert {answer.provider_ref for answer in answers if answer.kind == "accepted"} <= on_disk
    assert len(on_disk) == sum(answer.kind != "later" for answer in answers)


def test_faults_are_shares_of_all_mails(tmp_path):
    spool = Spool(tmp_path, Faults(errors=0.25, lost=0.25))

    drawn = [spool.drawn() for _ in range(4000)]

    assert all(abs(drawn.count(name) / 4000 - 0.25) < 0.03 for name in ("errors", "lost"))
    assert set(drawn) == {None, "errors", "lost"}
