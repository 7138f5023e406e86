"""The words of a call or a visit, with a code under which the borrower can verify who calls or stands at the door."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert

from arrears.dispatch.ask import Asked
from arrears.dispatch.compose import Random, Writing, compose
from arrears.dispatch.reasons import Why
from arrears.dispatch.rules import Rules
from arrears.notice.words import Words
from arrears.store.personal import Personal
from arrears.store.tables import Notice


@dataclass(frozen=True)
class Speaker:
    """Writes what is said, and registers it so that it can be verified."""

    writer: Writing
    personal: Personal
    rules: Rules
    random: Random

    def say(self, connection: Connection, asked: Asked, now: datetime) -> Words | Why:
        """The words for work that may be done now, registered for its next attempt; or why there are none that may be said."""
        composed = compose(asked, self.writer, self.rules, now, self.random)
        if isinstance(composed, Why):
            return composed
        words = composed.message.words
        said = {"text": words.text, "subject": words.subject}
        sealed = self.personal.seal(connection, "notices", asked.work.person_id, said)
        connection.execute(insert(Notice).values(**composed.notice, sealed=sealed))
        return words
