"""Which periods of law are the last day of a step that somebody takes, from `steps.yaml` beside this module."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from arrears.facts.beside import yaml_beside
from arrears.law.clause_kinds import Period
from arrears.law.clauses import Clause


@dataclass(frozen=True)
class Step:
    """A step with a last day. The head of `steps.yaml` says what each field means."""

    id: str
    what: tuple[str, ...]
    by: str
    name: Mapping[str, str]
    clauses: tuple[str, ...] = ()
    form: str = "last_day"
    limitation: bool = False
    taken_by: tuple[str, ...] = ()
    after_cure: bool = False
    receipt: bool = False
    open_only: bool = False
    any_time_before: bool = False


@cache
def steps() -> tuple[Step, ...]:
    """Every step."""
    listed: list[dict[str, Any]] = yaml_beside("arrears.legal", "steps.yaml")["steps"]
    return tuple(Step(**_fields(row)) for row in listed)


def _fields(row: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}


def step_of(clause: Clause) -> Step | None:
    """The step whose last day the clause gives; None if it gives none."""
    if not isinstance(clause.rule, Period):
        return None
    for step in steps():
        if clause.rule.what in step.what and (not step.clauses or clause.id in step.clauses):
            return step
    return None
