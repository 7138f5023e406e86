"""What every clause has, whatever it rules: its words, its source, its days in force."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from arrears.law.source_words import source_in


class Cited:
    """A clause of some kind; the fields are those of the dataclasses that build on it."""

    id: str
    says: Mapping[str, str]
    instrument: str
    article: str
    from_on: date
    until_on: date | None
    force: str
    confirmed: str

    @property
    def source(self) -> str:
        """Instrument and article in one line."""
        return f"{self.instrument} {self.article}".strip()

    def source_in(self, language: str) -> str:
        """The source for a reader of `zh-CN` or `en`: in English, a Chinese title is told with the original beside it."""
        return source_in(self.source, language)

    def in_force(self, day: date) -> bool:
        """Whether the clause is in force on `day`."""
        return self.from_on <= day and (self.until_on is None or day <= self.until_on)

    def as_json(self, language: str) -> dict[str, Any]:
        """The clause as `arrears may` and the other commands return it."""
        until = self.until_on.isoformat() if self.until_on else None
        return {
            "id": self.id, "source": self.source, "text": self.says["zh" if language == "zh-CN" else "en"],
            "in_force": {"from": self.from_on.isoformat(), "until": until}, "force": self.force,
            "confirmed": self.confirmed,
        }  # fmt: skip
