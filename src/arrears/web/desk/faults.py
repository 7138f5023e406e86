"""What was refused, for the person who asked: what is wrong and what to do, in the language of the page (`faults.yaml`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from arrears.errors import Finding, Refusal
from arrears.facts.beside import tongue_of, yaml_beside
from arrears.web.roles import role_name, roles
from arrears.web.words import words_of

ROOM = "arrears.web.desk"
_NAMED = re.compile(r"\{(\w+)\}")


def fault_text(refusal: Refusal, language: str) -> str:
    """Every finding of a refusal in a line. What has no words in the language stands as the code has it, after a word that says so."""
    glue = str(words_of(ROOM, "faults.yaml", language)["glue"])
    return glue.join(_line(one, language) for one in refusal.findings)


def _line(finding: Finding, language: str) -> str:
    words = words_of(ROOM, "faults.yaml", language)
    what = f"{finding.code} {finding.what}"
    told = told_in("what", what, language) or str(words["unknown"]).format(what=_placed(finding, what))
    value = str(words["value"]).format(value=finding.value) if finding.value else ""
    todo = (told_in("todo", finding.todo, language) or finding.todo) if finding.todo else ""
    return told + value + (f"{words['glue']}{todo}" if todo else "")


def _placed(finding: Finding, what: str) -> str:
    """With line and field, where the finding is of something long that was typed."""
    return f"{finding.line}: {finding.field}: {what}" if finding.line is not None else what


def told_in(group: str, text: str, language: str) -> str | None:
    """A text of the code (`what` or `todo`) in a language of the pages; None where `faults.yaml` does not have it."""
    for pattern, words in _patterns(group):
        found = pattern.fullmatch(text)
        if found:
            named = {name: _named(name, value, language) for name, value in found.groupdict().items()}
            return words[tongue_of(language)].format(**named)
    return None


@cache
def _patterns(group: str) -> tuple[tuple[re.Pattern[str], Mapping[str, str]], ...]:
    """Each text of a group as a pattern, what has no braces first."""
    found = [(_pattern(told["of"]), told["says"]) for told in yaml_beside(ROOM, "faults.yaml")[group].values()]
    return tuple(sorted(found, key=lambda one: one[0].groups))


def _pattern(text: str) -> re.Pattern[str]:
    pieces = _NAMED.split(text)
    return re.compile(
        "".join(f"(?P<{piece}>.+)" if at % 2 else re.escape(piece) for at, piece in enumerate(pieces)), re.DOTALL
    )


def _named(name: str, value: str, language: str) -> str:
    """What stands in a place, in words where it is a list of roles or of an account's standing."""
    if name not in ("roles", "standing"):
        return value
    standing, glue = words_of(ROOM, "words.yaml", language)["standing"], words_of(ROOM, "faults.yaml", language)["list"]
    if name == "standing":
        return str(glue).join(str(standing.get(one, one)) for one in value.split(", "))
    return str(glue).join(role_name(one, language) if one in roles() else one for one in value.split(", "))
