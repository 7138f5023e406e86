"""One mail that came in, sorted: a report of ours, somebody unsubscribing, a person's words; or set aside with the reason.

Pure: bytes and the instant of their arrival in, what came back out. Whatever the bytes are, the answer is one of the two.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from email import message_from_bytes
from email.message import Message as MimePart
from email.utils import getaddresses, parseaddr

from arrears.dispatch.channel import Returned
from arrears.dispatch.channels.mail_address import envelope_of
from arrears.dispatch.channels.mail_bounce import Report, header_text, reports_in
from arrears.dispatch.channels.mail_ids import OwnIds
from arrears.dispatch.channels.mail_text import text_of
from arrears.dispatch.channels.mail_unsubscribe import unsubscribed
from arrears.dispatch.channels.mail_words import mail_words

CHANNEL = "email"
MOST_PARTS = 200
_REPLY = re.compile(r"^\s*(re|aw|sv|回复|回覆|答复|转发|fw|fwd)\s*[:：]", re.IGNORECASE)
_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")


@dataclass(frozen=True)
class SetAside:
    """A mail that nobody's program can sort; a person may look at it. `reason` holds no personal data."""

    reason: str


def sort_mail(content: bytes, arrived_at: datetime, ids: OwnIds) -> list[Returned] | SetAside:
    """What `content` brings: often one thing, nothing for a delay. `arrived_at` is UTC."""
    try:
        mail = message_from_bytes(content)
        return _sorted(mail, arrived_at, ids)
    except Exception as error:  # whatever a stranger can write: the parser's own faults must not stop the reading
        return SetAside(f"unreadable: {type(error).__name__}")


def _sorted(mail: MimePart, at: datetime, ids: OwnIds) -> list[Returned] | SetAside:
    if sum(1 for _ in mail.walk()) > MOST_PARTS:
        return SetAside("too many parts")
    reports = reports_in(mail, ids)
    if reports is not None:
        return _from_reports(reports, at, ids)
    sender = _sender(mail)
    if sender is None:
        return SetAside("no sender")
    if mail.get("List-Id") or str(mail.get("Precedence", "")).strip().lower() == "list":
        return SetAside("mailing list")
    if sender.lower() in (ids.sender.mailbox.lower(), ids.sender.bounces.lower()):
        return SetAside("from ourselves")
    if _automatic(mail):  # nobody has read our message yet, and nobody has answered it
        return SetAside("automatic answer")
    return [_opt_out(mail, sender, at, ids) or _inbound(mail, sender, at, ids)]


def _from_reports(reports: list[Report], at: datetime, ids: OwnIds) -> list[Returned] | SetAside:
    if not reports:
        return SetAside("report without a recipient")
    if all(report.attempt_id is None for report in reports):
        return SetAside("report about none of our messages")
    return [one for report in reports for one in _from_report(report, at, ids)]


def _from_report(report: Report, at: datetime, ids: OwnIds) -> list[Returned]:
    """A receipt for the message; and, of a mailbox that is no good, that it is."""
    attempt_id = report.attempt_id
    if report.outcome == "delayed":
        return []
    receipt = Returned(
        kind="receipt",
        channel=CHANNEL,
        at=at,
        provider_ref=ids.message_id(attempt_id) if attempt_id else None,
        attempt_id=attempt_id,
        outcome="delivered" if report.outcome == "delivered" else "failed",
        sender=report.recipient,
        detail=report.status,
    )
    return [receipt, replace(receipt, kind="bounce", outcome=None)] if report.outcome == "no_good" else [receipt]


def _opt_out(mail: MimePart, sender: str, at: datetime, ids: OwnIds) -> Returned | None:
    """A mail to the mailbox for unsubscribing, or one with a genuine token in its subject."""
    ways = ids.sender.unsubscribe
    if ways is None:
        return None
    attempt_id = unsubscribed(header_text(mail, "Subject"), ways.key)
    to = {mailbox.lower() for _, mailbox in getaddresses([str(one) for name in _TO for one in mail.get_all(name, [])])}
    if attempt_id is None and (ways.mailbox is None or ways.mailbox.lower() not in to):
        return None
    attempt_id = attempt_id or ids.referred(mail)
    ref = ids.message_id(attempt_id) if attempt_id else None
    return Returned(
        "opt_out", CHANNEL, at, provider_ref=ref, attempt_id=attempt_id, sender=sender, detail="unsubscribe"
    )


def _inbound(mail: MimePart, sender: str, at: datetime, ids: OwnIds) -> Returned:
    subject, text = header_text(mail, "Subject").strip(), text_of(mail)
    if subject and not _REPLY.match(subject):  # the subject of a reply is ours
        text = f"{subject}\n{text}".strip()
    attempt_id = ids.referred(mail) or ids.addressed(mail)
    ref = ids.message_id(attempt_id) if attempt_id else None
    return Returned("inbound", CHANNEL, at, provider_ref=ref, attempt_id=attempt_id, sender=sender, text=text)


def _sender(mail: MimePart) -> str | None:
    found = envelope_of(parseaddr(str(mail.get("From", "")))[1])
    return found.mailbox if found else None


def _automatic(mail: MimePart) -> bool:
    """Whether a machine answered for the person (RFC 3834, and what older servers write)."""
    submitted = str(mail.get("Auto-Submitted", "no")).strip().lower()
    marked = submitted not in ("", "no") or mail.get("X-Autoreply") or mail.get("X-Autorespond")
    subject = header_text(mail, "Subject").strip().lower()
    precedence = str(mail.get("Precedence", "")).strip().lower() in ("auto_reply", "bulk", "junk")
    return bool(marked) or precedence or any(subject.startswith(one) for one in mail_words().auto_subjects)
