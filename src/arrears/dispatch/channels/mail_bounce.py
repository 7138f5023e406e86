"""Reports about mail that we sent: delivery status notifications (RFC 3464), read receipts (RFC 8098), and bounces in plain words.

A mailbox is called no good only by the codes and words listed in `mail_words.yaml`: a full mailbox, a policy or a spam filter fails one
mail and says nothing of the mailbox.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_string
from email.header import decode_header, make_header
from email.message import Message as MimePart
from email.utils import parseaddr
from typing import Literal

from arrears.dispatch.channels.mail_address import envelope_of
from arrears.dispatch.channels.mail_ids import OwnIds
from arrears.dispatch.channels.mail_text import decoded, stripped
from arrears.dispatch.channels.mail_unsubscribe import ATTEMPT_ID
from arrears.dispatch.channels.mail_words import mail_words

#: no_good: the mailbox is. failed: this mail is. delayed: nothing is settled.
Outcome = Literal["delivered", "failed", "no_good", "delayed"]
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
#: A refusal's reply code in a text; one of 4xx is not looked for, as amounts look like it.
_CODE = re.compile(r"(?<![\d.,#])5\d\d(?![\d.,])")
_MAILBOX = re.compile(r"[A-Za-z0-9._%+=-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}")
MOST_RECIPIENTS = 50


@dataclass(frozen=True)
class Report:
    """What a report says. `recipient`: the mailbox, as far as told; `status`: its code (5.1.1), or a short word."""

    outcome: Outcome
    attempt_id: str | None
    recipient: str | None
    status: str


def reports_in(mail: MimePart, ids: OwnIds) -> list[Report] | None:
    """The reports that `mail` is made of; None where it is no report at all."""
    status = next((part for part in mail.walk() if part.get_content_type() in _REPORTS), None)
    if status is not None:
        attempt_id = ids.addressed(mail) or ids.original(mail)
        if status.get_content_type() == "message/disposition-notification":
            return [_read_receipt(status, attempt_id, ids)]
        return _delivery_reports(status, attempt_id)
    if _reports_in_words(mail):
        return [_in_words(mail, ids)]
    return None


_REPORTS = ("message/delivery-status", "message/global-delivery-status", "message/disposition-notification")


def _delivery_reports(status: MimePart, attempt_id: str | None) -> list[Report]:
    blocks = list(_blocks(status))
    envelope_id = next((one.strip() for block in blocks for one in block.get_all("Original-Envelope-Id", [])), "")
    if attempt_id is None and ATTEMPT_ID.fullmatch(envelope_id):
        attempt_id = envelope_id
    recipients = [block for block in blocks if block.get("Action")]
    return [_delivery_report(block, attempt_id) for block in recipients[:MOST_RECIPIENTS]]


def _blocks(part: MimePart) -> Iterator[MimePart]:
    """The groups of fields of a report, however it was encoded."""
    payload = part.get_payload()
    coded = str(part.get("Content-Transfer-Encoding", "")).strip().lower() in ("base64", "quoted-printable")
    if isinstance(payload, list) and not coded:
        yield from (block for block in payload if isinstance(block, MimePart))
        return
    if isinstance(payload, list):  # RFC 3464 wants it plain; what was read as blocks is one coded text
        text = "\n".join(str(block.get_payload()) for block in payload if isinstance(block, MimePart))
        part = message_from_string(f"Content-Transfer-Encoding: {part['Content-Transfer-Encoding']}\n\n{text}")
    for block in re.split(r"\n\s*\n", decoded(part).replace("\r\n", "\n")):
        yield message_from_string(block.strip())


def _delivery_report(block: MimePart, attempt_id: str | None) -> Report:
    action = str(block["Action"]).strip().lower()
    stated, told = str(block.get("Status", "")), str(block.get("Diagnostic-Code", ""))
    status = _best_status(stated, told)
    recipient = str(block.get("Final-Recipient", block.get("Original-Recipient", ""))).rpartition(";")[2].strip(" <>")
    outcome: Outcome = "delayed"  # relayed and expanded too: no more is known than before
    if action == "delivered":
        outcome = "delivered"
    elif action == "failed":
        outcome = "no_good" if _no_good(status, told) else "failed"
    return Report(outcome, attempt_id, _mailbox(recipient), status or action)


def _best_status(stated: str, told: str) -> str:
    """The enhanced code; where it is a general one (5.0.0), that of the remote server if it gave one."""
    codes = ["".join(found.group(0)) for text in (stated, told) if (found := _STATUS.search(text))]
    special = [code for code in codes if not code.endswith(".0.0")]
    return (special or codes or [""])[0]


def _no_good(status: str, told: str) -> bool:
    words = mail_words()
    if status in words.no_good:
        return True
    general = not status or status.endswith(".0.0")
    return general and not status.startswith("4") and any(one in told.lower() for one in words.no_good_words)


def _read_receipt(part: MimePart, attempt_id: str | None, ids: OwnIds) -> Report:
    fields = next(_blocks(part), part)
    attempt_id = attempt_id or ids.named(str(fields.get("Original-Message-ID", "")))
    shown = str(fields.get("Disposition", "")).rpartition(";")[2].strip().lower().startswith("displayed")
    return Report("delivered" if shown else "delayed", attempt_id, None, "displayed" if shown else "not displayed")


def header_text(mail: MimePart, name: str) -> str:
    """A header as people read it: decoded, or, where it was written without any coding, as UTF-8 or GB18030."""
    value = next((value for found, value in mail.raw_items() if found.lower() == name.lower()), "")
    if any("\udc80" <= sign <= "\udcff" for sign in str(value)):
        raw = str(value).encode("utf-8", "surrogateescape")
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            return raw.decode("gb18030", "replace")
    try:
        return str(make_header(decode_header(value)))
    except (LookupError, ValueError):
        return str(value)


def _reports_in_words(mail: MimePart) -> bool:
    """From a mail server, by its name and its subject, or with the empty envelope sender of all bounces (RFC 5321, 4.5.5)."""
    words = mail_words()
    subject, sender = header_text(mail, "Subject").lower(), header_text(mail, "From").lower()
    says_so = any(one in subject for one in words.bounce_subjects)
    from_server = any(one in sender for one in words.bounce_senders)
    return says_so and (from_server or str(mail.get("Return-Path", "")).strip() == "<>")


def _in_words(mail: MimePart, ids: OwnIds) -> Report:
    text = _whole_text(mail)
    found, code = _STATUS.search(text), _CODE.search(text)
    status = found.group(0) if found else code.group(0) if code else ""
    attempt_id = ids.addressed(mail) or ids.original(mail) or ids.referred(mail) or ids.named(text)
    own = {ids.sender.mailbox.lower(), ids.sender.bounces.lower(), parseaddr(str(mail.get("From", "")))[1].lower()}
    others = (one for one in _MAILBOX.findall(text) if one.lower() not in own and not ids.named(f"<{one}>"))
    recipient = _mailbox(next(others, ""))
    delayed = status.startswith("4") or any(
        one in header_text(mail, "Subject").lower() for one in mail_words().delay_subjects
    )
    if delayed:
        return Report("delayed", attempt_id, recipient, status or "delayed")
    general = status if _STATUS.fullmatch(status) else ""
    return Report("no_good" if _no_good(general, text) else "failed", attempt_id, recipient, status or "in words")


def _whole_text(mail: MimePart) -> str:
    """The text parts of a mail; those of a mail attached to it come last, as they say nothing of the delivery."""
    texts = []
    for part in mail.walk():
        if part.get_content_maintype() == "text" and not part.is_multipart():
            text = decoded(part)
            texts.append(stripped(text) if part.get_content_subtype() == "html" else text)
    return "\n".join(texts)


def _mailbox(text: str) -> str | None:
    found = envelope_of(text)
    return found.mailbox if found else None
