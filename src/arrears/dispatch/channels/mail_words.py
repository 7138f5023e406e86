"""The words and codes in `mail_words.yaml`, read once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@dataclass(frozen=True)
class MailWords:
    """See the file for what each is."""

    quoted_from: re.Pattern[str]
    quoted_classes: frozenset[str]
    quoted_ids: frozenset[str]
    no_good: frozenset[str]
    no_good_words: tuple[str, ...]
    bounce_senders: tuple[str, ...]
    bounce_subjects: tuple[str, ...]
    auto_subjects: tuple[str, ...]
    delay_subjects: tuple[str, ...]


@cache
def mail_words() -> MailWords:
    """All of them."""
    content: dict[str, Any] = yaml.safe_load(files(__package__).joinpath("mail_words.yaml").read_text("utf-8"))
    return MailWords(
        quoted_from=re.compile("|".join(f"(?:{one})" for one in content["quoted_from"]), re.IGNORECASE),
        quoted_classes=frozenset(content["quoted_classes"]),
        quoted_ids=frozenset(content["quoted_ids"]),
        no_good=frozenset(content["no_good"]),
        no_good_words=tuple(content["no_good_words"]),
        bounce_senders=tuple(content["bounce_senders"]),
        bounce_subjects=tuple(content["bounce_subjects"]),
        auto_subjects=tuple(content["auto_subjects"]),
        delay_subjects=tuple(content["delay_subjects"]),
    )
