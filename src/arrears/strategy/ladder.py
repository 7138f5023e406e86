"""A ladder: the staged flow as data. Stages, actions, conditions in SQL, costs, gains, capacity; and the words of its reasons.

`strategy.ladder_file` reads one from YAML.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources
from typing import Any

import polars as pl

from arrears.facts.beside import yaml_beside


@dataclass(frozen=True)
class Stage:
    """A stage: its id, its name by language, and its condition."""

    id: str
    name: Mapping[str, str]
    when: pl.Expr
    sql: str


@dataclass(frozen=True)
class Action:
    """Something that may be done about an account. Money in major units; `channel` None: no contact with the borrower."""

    id: str
    name: Mapping[str, str]
    channel: str | None
    stages: tuple[str, ...]
    when: pl.Expr
    when_sql: str
    repeat_days: int
    after: tuple[str, ...]
    cost: pl.Expr
    cost_sql: str
    gain: pl.Expr
    gain_sql: str
    min_amount: pl.Expr | None
    min_amount_sql: str
    skip: tuple[str, ...]


@dataclass(frozen=True)
class Ladder:
    """A loaded ladder. `columns` are the columns of replay that it reads; `digest` names its content."""

    name: str
    law: str
    title: Mapping[str, str]
    stages: tuple[Stage, ...]
    actions: tuple[Action, ...]
    skips: Mapping[str, pl.Expr]
    skips_sql: Mapping[str, str]
    buckets: tuple[tuple[str, int], ...]
    parameters: Mapping[str, float]
    capacity: Mapping[str, int]
    staff: tuple[Mapping[str, Any], ...]
    columns: frozenset[str]
    digest: str
    file: str = field(default="", compare=False)
    #: The steps of `decide`, by the columns they are given: made once, since a night decides part after part.
    kept: dict[tuple[str, ...], Any] = field(default_factory=dict, init=False, compare=False, repr=False)

    def action(self, action_id: str) -> Action:
        """The action of that id. KeyError if there is none."""
        return (
            next(action for action in self.actions if action.id == action_id)
            if action_id in self.ids
            else _no(action_id)
        )

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Ids of the actions, gentlest first."""
        return tuple(action.id for action in self.actions)


def _no(action_id: str) -> Action:
    raise KeyError(action_id)


@cache
def words() -> dict[str, Any]:
    """Words of reasons and channels, from words.yaml beside this module."""
    content: dict[str, Any] = yaml_beside("arrears.strategy", "words.yaml")
    return content


@cache
def reasons() -> tuple[str, ...]:
    """Ids of all reasons why an action is not taken, in the order of their bits."""
    return tuple(words()["reasons"])


def reason_name(reason: str, tongue: str) -> str:
    """The words of a reason (`zh` or `en`) without what they say of a single account."""
    return re.split(r"[：:，,（(]", re.sub(r"\{\w+\}", "…", words()["reasons"][reason][tongue]))[0].strip()


def bit(reason: str) -> int:
    """The bit of a reason in a `not_<action>` mask."""
    return 1 << reasons().index(reason)


def names_in(mask: int) -> tuple[str, ...]:
    """The reasons whose bits are set, in order."""
    return tuple(reason for index, reason in enumerate(reasons()) if mask >> index & 1)


def included() -> tuple[str, ...]:
    """Names of the ladders that come with arrears."""
    folder = resources.files("arrears.strategy").joinpath("ladders")
    return tuple(sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml")))
