"""One e-mail as bytes, made from a message: headers that cannot be broken out of, a plain and an HTML part, ways to unsubscribe.

Pure: the instant is handed in. A DKIM signature (RFC 6376), which one-click unsubscribing needs, is put on by the mail server.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.charset import QP, Charset
from email.header import Header
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime
from urllib.parse import quote

from arrears.dispatch.channel import Message
from arrears.dispatch.channels.mail_address import envelope_of, variable_sender
from arrears.dispatch.channels.mail_settings import Sender
from arrears.dispatch.channels.mail_unsubscribe import ATTEMPT_ID, unsubscribe_token

#: A subject longer than this is no subject; mail programs show far less.
MOST_SUBJECT = 300
MOST_NAME = 100
_ONE_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\s]+")
#: What needs no coding and no quotes, neither as a subject nor as a name: letters, digits, spaces and a few signs, on one short line.
_PLAIN = re.compile(r"[A-Za-z0-9 !&'*+/-]{0,60}")
_LINE_END = re.compile(r"\r\n|\r|\n")
_READABLE = re.compile(r"[ -~\t\n]*")
_LINES = compat32.clone(linesep="\r\n")
_QUOTED = Charset("utf-8")
_QUOTED.body_encoding = QP
_SURROGATE = re.compile("[\ud800-\udfff]")


class Unfit(Exception):
    """A message of which no e-mail can be made; `detail` says which part of it is unfit."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


@dataclass(frozen=True)
class Mail:
    """An e-mail ready to be handed to a server. `message_id` with its angle brackets; `utf8`: the server must offer SMTPUTF8."""

    attempt_id: str
    sender: str
    recipient: str
    utf8: bool
    message_id: str
    content: bytes


def compose(message: Message, sender: Sender, now: datetime) -> Mail:
    """The e-mail that carries `message`. Unfit where the mailbox, the attempt's id or the subject will not do."""
    to = envelope_of(message.to)
    if to is None:
        raise Unfit("mailbox")
    if not ATTEMPT_ID.fullmatch(message.attempt_id):
        raise Unfit("attempt_id")
    message_id = message_id_of(message.attempt_id, sender)
    headers = {
        **_addresses(message, sender, to.mailbox),
        "Subject": _subject(message),
        "Date": format_datetime(now),
        "Message-ID": message_id,
        "Auto-Submitted": "auto-generated",  # RFC 3834: no out-of-office answers, please
        "Content-Language": coded(one_line(message.words.language, MOST_NAME)),
        **_unsubscribe(message.attempt_id, sender),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode()
    bounces = variable_sender(sender.bounces, message.attempt_id) if sender.verp else sender.bounces
    return Mail(message.attempt_id, bounces, to.mailbox, to.utf8, message_id, head + _body(message))


def message_id_of(attempt_id: str, sender: Sender) -> str:
    """The Message-ID of an attempt, known before anything is sent and after every crash."""
    return f"<{attempt_id}@{sender.domain}>"


def one_line(text: str, most: int) -> str:
    """`text` on one line: whatever could end a header line is a space, and what no mail can carry is marked."""
    return _SURROGATE.sub("\ufffd", _ONE_LINE.sub(" ", text)).strip()[:most].strip()


def coded(text: str) -> str:
    """`text` of one line as a header holds it: as it is if it is plain, else in encoded words (RFC 2047).

    Not left to `EmailMessage`: it decodes what looks like an encoded word in a text first, line ends that hide there included.
    """
    return text if _PLAIN.fullmatch(text) else Header(text, "utf-8", maxlinelen=75).encode(linesep="\r\n")


def _addresses(message: Message, sender: Sender, to: str) -> dict[str, str]:
    language, names = message.words.language, sender.names
    own = names.get(language) or names.get(language[:2]) or next(iter(names.values()), "")
    found = {"From": _named(own, sender.mailbox), "To": _named(message.name or "", to)}
    return found if sender.reply_to is None else {**found, "Reply-To": f"<{sender.reply_to}>"}


def _named(name: str, mailbox: str) -> str:
    return f"{coded(one_line(name, MOST_NAME))} <{mailbox}>".strip()


def _subject(message: Message) -> str:
    subject = one_line(message.words.subject or "", MOST_SUBJECT)
    if not subject:
        raise Unfit("subject")
    return coded(subject)


def _unsubscribe(attempt_id: str, sender: Sender) -> dict[str, str]:
    """RFC 2369 and, for the address that is called by machine, RFC 8058."""
    ways = sender.unsubscribe
    if ways is None:
        return {}
    token = unsubscribe_token(attempt_id, ways.key)
    url = ways.url.replace("{token}", token) if ways.url else None
    mailto = f"mailto:{ways.mailbox}?subject={quote(f'unsubscribe {token}')}" if ways.mailbox else None
    found = {"List-Unsubscribe": ",\r\n ".join(f"<{way}>" for way in (url, mailto) if way)}
    return found if url is None else {**found, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def _body(message: Message) -> bytes:
    """MIME headers, and the plain and HTML part; lines end in CRLF, the last too: what follows on the wire is the dot that ends it."""
    mail: MIMEBase = _part(message.words.text, "plain")
    if message.words.html is not None:
        # neither base64 nor quoted-printable can hold "=_", so that no text ends its part
        boundary = f"=_{message.attempt_id}"
        mail = MIMEMultipart("alternative", boundary, [mail, _part(message.words.html, "html")])
    content = mail.as_bytes(policy=_LINES)
    return content if content.endswith(b"\r\n") else content + b"\r\n"


def _part(text: str, kind: str) -> MIMEText:
    """Chinese text is shorter in base64, English readable in quoted-printable; neither needs anything of the servers on the way."""
    lines = f"{_LINE_END.sub(chr(10), text)}\n" if not text.endswith(("\n", "\r")) else _LINE_END.sub("\n", text)
    if _READABLE.fullmatch(lines):
        return MIMEText(lines, kind, _QUOTED)  # type: ignore[arg-type]
    return MIMEText(_SURROGATE.sub("\ufffd", lines).replace("\n", "\r\n"), kind, "utf-8")
