"""The settings of the channel `email`: the server, who sends, how bounces come back, how to unsubscribe."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arrears.dispatch.channels.mail_address import ascii_domain, is_mailbox
from arrears.dispatch.channels.settings import Settings, is_loopback, settings_of
from arrears.installation import Installation

PORTS = {"implicit": 465, "starttls": 587, "none": 25}
LEAST_KEY_BYTES = 16
#: 64 characters before the @ (RFC 5321), less a plus sign and an attempt's id.
MOST_VERP_LOCAL = 27


@dataclass(frozen=True)
class Server:
    """The SMTP server mail is handed to.

    `hand_over_seconds` bounds all that comes before the message, from connecting on; `answer_seconds` the answer to it (RFC 5321: 600).
    """

    host: str
    port: int
    tls: str  # implicit, starttls, none
    user: str | None
    password: str | None
    context: ssl.SSLContext | None
    hello: str | None
    hand_over_seconds: float
    answer_seconds: float


@dataclass(frozen=True)
class Unsubscribe:
    """`url` holds `{token}`; `mailbox` takes mails to unsubscribe; `key` signs the token."""

    url: str | None
    mailbox: str | None
    key: bytes


@dataclass(frozen=True)
class Sender:
    """Who writes. `names` by language; `domain` stands in every Message-ID; `bounces` is where bounces go (`verp`: one for each attempt)."""

    mailbox: str
    names: Mapping[str, str]
    reply_to: str | None
    domain: str
    bounces: str
    verp: bool
    unsubscribe: Unsubscribe | None
    notify: str  # failures, all


@dataclass(frozen=True)
class MailSettings:
    """All of them. `maildir`: where mail comes in; `queue_log`: the local MTA's log, to settle what is unknown."""

    server: Server
    sender: Sender
    maildir: Path | None
    poll_seconds: float
    queue_log: Path | None
    per_second: float
    window: int


def read_mail_settings(section: Mapping[str, Any], installation: Installation) -> MailSettings:
    """The settings in `section`. Refusal for what is missing, unknown or unfit."""
    settings = settings_of(section, installation, "email")
    found = MailSettings(
        server=_server(settings),
        sender=_sender(settings, installation),
        maildir=_maildir(settings),
        poll_seconds=settings.number("poll_seconds", 10, 0.05, 3600),
        queue_log=settings.path("queue_log"),
        per_second=settings.number("per_second", 20, 0.01, 10_000),
        window=settings.whole("window", 4, 1, 200),
    )
    settings.done()
    return found


def _server(settings: Settings) -> Server:
    host = settings.text("host")
    tls = settings.choice("tls", "starttls", tuple(PORTS))
    if tls == "none" and not is_loopback(host):
        raise settings.refuse("tls", "may be none only where the server is this machine", "use starttls or implicit")
    hello = settings.text("hello", None)
    if hello is not None and ascii_domain(hello) is None:
        raise settings.refuse("hello", "is not a host's name")
    user, password = settings.text("user", None), settings.secret("password")
    if (user is None) != (password is None):
        raise settings.refuse("user", "and password go together", "give both: user, and password_env or password_file")
    if user is not None and tls == "none":
        raise settings.refuse("user", "would cross the network in the open", "use starttls or implicit")
    return Server(
        host=host,
        port=settings.whole("port", PORTS[tls], 1, 65535),
        tls=tls,
        user=user,
        password=password,
        context=None if tls == "none" else settings.tls_context(),
        hello=hello,
        hand_over_seconds=settings.number("hand_over_seconds", 8, 0.1, 60),
        answer_seconds=settings.number("answer_seconds", 600, 0.1, 3600),
    )


def _sender(settings: Settings, installation: Installation) -> Sender:
    mailbox = _mailbox(settings, "from")
    if mailbox is None:
        raise settings.refuse("from", "is missing")
    domain = settings.text("domain", None) or mailbox.rpartition("@")[2]
    if ascii_domain(domain) is None:
        raise settings.refuse("domain", "is not a domain")
    bounces, verp = _mailbox(settings, "bounces") or mailbox, settings.flag("verp", False)
    if verp and len(bounces.rpartition("@")[0]) > MOST_VERP_LOCAL:
        raise settings.refuse(
            "bounces", f"has more than {MOST_VERP_LOCAL} characters before the @", "verp adds 37 more"
        )
    return Sender(
        mailbox=mailbox,
        names=installation.lender.name,
        reply_to=_mailbox(settings, "reply_to"),
        domain=str(ascii_domain(domain)),
        bounces=bounces,
        verp=verp,
        unsubscribe=_unsubscribe(settings),
        notify=settings.choice("notify", "failures", ("failures", "all")),
    )


def _mailbox(settings: Settings, name: str) -> str | None:
    found: str | None = settings.text(name, None)
    if found is not None and not (is_mailbox(found) and found.isascii()):
        raise settings.refuse(name, "must be a mailbox in ASCII, such as notice@lender.example, without a name")
    return found


def _unsubscribe(settings: Settings) -> Unsubscribe | None:
    inner = settings.section_of("unsubscribe")
    if not inner.section:
        return None
    url, mailbox, key = inner.url("url", None), _mailbox(inner, "mailbox"), inner.secret("key")
    inner.done()
    if url is None and mailbox is None:
        raise inner.refuse("url", "or mailbox is missing")
    if url is not None and "{token}" not in url:
        raise inner.refuse("url", "must hold {token}", "such as https://lender.example/unsubscribe/{token}")
    if key is None or len(key.encode()) < LEAST_KEY_BYTES:
        raise inner.refuse("key_env", f"must name a key of {LEAST_KEY_BYTES} bytes or more", "or use key_file")
    return Unsubscribe(url, mailbox, key.encode())


def _maildir(settings: Settings) -> Path | None:
    """A Maildir is there before this reads it: a wrong path must not look like a quiet mailbox."""
    folder = settings.path("maildir")
    if folder is not None and not all((folder / part).is_dir() for part in ("new", "cur", "tmp")):
        raise settings.refuse("maildir", "is not a Maildir", "it must hold the folders new, cur and tmp")
    return folder
