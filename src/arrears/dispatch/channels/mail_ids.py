"""Which of our messages a mail that came in is about: told by its envelope, its references, or a report's original."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.message import Message as MimePart

from arrears.dispatch.channels.mail_settings import Sender
from arrears.dispatch.channels.mail_unsubscribe import ATTEMPT_ID

#: Where the mailbox to which a mail was delivered is noted, by one server or another.
_DELIVERED_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "X-Envelope-To", "Original-Recipient")
_REFERENCES = ("In-Reply-To", "References", "X-Failed-Message-ID", "Original-Message-ID")
_MESSAGE_ID_LINE = re.compile(r"(?im)^message-id:\s*(\S+)")


@dataclass(frozen=True)
class OwnIds:
    """Finds our ids in headers and texts, and nothing else's."""

    sender: Sender
    _message_id: re.Pattern[str] = field(init=False)
    _bounces: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        attempt, domain = ATTEMPT_ID.pattern, re.escape(self.sender.domain)
        local, _, bounce_domain = self.sender.bounces.rpartition("@")
        before, after = r"(?<![A-Za-z0-9_.+-])", r"(?![A-Za-z0-9_.-])"
        own = re.compile(rf"{before}({attempt})@{domain}{after}", re.IGNORECASE)
        # mailboxes of the same domain look like a Message-ID; only one in angle brackets, with nothing else, is taken for one
        object.__setattr__(self, "_message_id", re.compile(rf"<{own.pattern}>", re.IGNORECASE))
        verp = rf"{before}{re.escape(local)}\+({attempt})@{re.escape(bounce_domain)}{after}"
        object.__setattr__(self, "_bounces", re.compile(verp, re.IGNORECASE))

    def message_id(self, attempt_id: str) -> str:
        """The Message-ID of an attempt."""
        return f"<{attempt_id}@{self.sender.domain}>"

    def addressed(self, mail: MimePart) -> str | None:
        """The attempt whose own bounce mailbox the mail was sent to."""
        for name in _DELIVERED_TO:
            for value in mail.get_all(name, []):
                if found := self._bounces.search(str(value)):
                    return found[1]
        return None

    def referred(self, mail: MimePart) -> str | None:
        """The attempt that the mail answers, by its references."""
        for name in _REFERENCES:
            for value in mail.get_all(name, []):
                if found := self.named(str(value)):
                    return found
        return None

    def original(self, mail: MimePart) -> str | None:
        """The attempt whose own header a report carries along (message/rfc822, text/rfc822-headers)."""
        for part in mail.walk():
            stated = str(part.get("Message-ID", "")) if part is not mail else ""
            if part.get_content_type() == "text/rfc822-headers":
                content = part.get_payload(decode=True)
                header = _MESSAGE_ID_LINE.search(
                    content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
                )
                stated = header[1] if header else ""
            if found := self.named(stated):
                return found
        return None

    def named(self, text: str) -> str | None:
        """The first of our Message-IDs in a text."""
        found = self._message_id.search(text)
        own_mailboxes = {self.sender.mailbox.lower(), self.sender.bounces.lower()}
        if found is None or found[0].strip("<>").lower() in own_mailboxes:
            return None
        return found[1]
