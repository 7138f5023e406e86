"""Mailboxes: what one may look like, and how it travels in an envelope (RFC 5321, 6531, 5891)."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Atoms and dots only: quoted local parts are legal, but no consumer has one, and much goes wrong with them.
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\uffff-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\uffff-]+)*")
_LABEL = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)")
MOST_LOCAL_BYTES = 64
MOST_BYTES = 254


@dataclass(frozen=True)
class Envelope:
    """A mailbox as it goes over the wire. `utf8`: the server must offer SMTPUTF8."""

    mailbox: str
    utf8: bool


def ascii_domain(domain: str) -> str | None:
    """`domain` in ASCII (punycode where needed); None where it is not one."""
    try:
        plain = domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError:
        return None
    labels = plain.split(".")
    return plain if len(plain) <= 253 and all(_LABEL.fullmatch(label) for label in labels) else None


def envelope_of(mailbox: str) -> Envelope | None:
    """`mailbox` for the envelope; None where it is not a mailbox to which mail can be sent."""
    local, at, domain = mailbox.strip().rpartition("@")
    plain = ascii_domain(domain) if at else None
    if plain is None or not _LOCAL.fullmatch(local) or len(local.encode()) > MOST_LOCAL_BYTES:
        return None
    whole = f"{local}@{plain}"
    # C1 controls and separators beyond ASCII are no part of a name that a person has
    if len(whole.encode()) > MOST_BYTES or not all(sign.isprintable() and not sign.isspace() for sign in local):
        return None
    return Envelope(whole, not local.isascii())


def is_mailbox(text: str) -> bool:
    """Whether mail can be sent to `text`."""
    return envelope_of(text) is not None


def variable_sender(bounces: str, attempt_id: str) -> str:
    """The envelope sender of one attempt (VERP): the attempt's id after a plus sign, so that any bounce names it."""
    local, _, domain = bounces.rpartition("@")
    return f"{local}+{attempt_id}@{domain}"
