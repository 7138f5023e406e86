"""The roles of staff, what each may, and what takes two people: the file `roles.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from arrears.facts.beside import tongue_of, yaml_beside


@dataclass(frozen=True)
class TwoPeople:
    """A kind of thing that takes two people: the roles that may ask for it, and those that may agree."""

    kind: str
    name: Mapping[str, str]
    ask: frozenset[str]
    agree: frozenset[str]


@cache
def _content() -> dict[str, Any]:
    return dict(yaml_beside("arrears.web", "roles.yaml"))


def roles() -> tuple[str, ...]:
    """All roles, in the order of the file."""
    return tuple(_content()["roles"])


def role_name(role: str, language: str) -> str:
    """A role in the reader's language (zh-CN or en)."""
    return str(_content()["roles"][role][tongue_of(language)])


def who_may(deed: str) -> tuple[str, ...]:
    """The roles that may do something of `may`. KeyError for what does not stand there: that is a slip of ours."""
    return tuple(_content()["may"][deed])


def deeds_of(held: frozenset[str]) -> frozenset[str]:
    """All that somebody with these roles may: for menus that show nobody what is not theirs."""
    return frozenset(deed for deed, allowed in _content()["may"].items() if held & set(allowed))


@cache
def two_people() -> Mapping[str, TwoPeople]:
    """What takes two people, by kind."""
    return {
        kind: TwoPeople(kind, {"zh": told["zh"], "en": told["en"]}, frozenset(told["ask"]), frozenset(told["agree"]))
        for kind, told in _content()["approvals"].items()
    }
