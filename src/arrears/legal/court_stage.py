"""Where a debt stands before the court, and what runs there: the suit, the judgment and its time to perform, the doubled part, enforcement, freezes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from arrears import money
from arrears.facts.beside import tongue_of, yaml_beside
from arrears.law import Clause
from arrears.legal.dates import legal_dates
from arrears.legal.debt import Debt
from arrears.legal.freeze import frozen_of
from arrears.legal.judgment import AfterJudgment, Judgment, after_judgment, judgment_of

#: The stages, the furthest first.
STAGES = ("satisfied", "enforcement", "late", "performing", "suit")


@dataclass(frozen=True)
class CourtLine:
    """One thing that happened or runs: `id` names its words, `on` its day, `figures` fill it in."""

    id: str
    on: date | None
    figures: dict[str, object]
    clause: Clause | None = None
    event: str | None = None

    def text(self, language: str) -> str:
        """The line in words."""
        return str(words()["lines"][self.id][tongue_of(language)]).format(on=self.on, **self.figures)


@dataclass(frozen=True)
class Court:
    """The stage and its lines; docs/reference/legal.md explains each."""

    stage: str
    lines: tuple[CourtLine, ...]

    def name(self, language: str) -> str:
        """The stage in words."""
        return str(words()["stages"][self.stage][tongue_of(language)])

    def as_json(self, language: str) -> dict[str, Any]:
        """`court` of `explain --json`."""
        return {
            "stage": self.stage, "name": self.name(language),
            "lines": [
                {"id": line.id, "on": line.on.isoformat() if line.on else None, "text": line.text(language), "event": line.event,
                 "clause": line.clause.as_json(language) if line.clause else None}
                for line in self.lines
            ],
        }  # fmt: skip


@cache
def words() -> dict[str, Any]:
    """The words, from `court-stage.yaml` beside this module."""
    content: dict[str, Any] = yaml_beside("arrears.legal", "court-stage.yaml")
    return content


def court_of(debt: Debt) -> Court | None:
    """Where the debt stands before the court on its day; None if no suit and no judgment is recorded."""
    judgment, suits = judgment_of(debt), debt.of_kind("suit_filed")
    if judgment is None and not suits:
        return None
    owed = after_judgment(debt, debt.day)
    lines = [CourtLine("suit_filed", row["on"], {}, None, str(row["event_id"])) for row in suits[-1:]]
    if judgment is not None:
        lines += [*_judged(judgment, debt), *_running(judgment, owed, debt), *_enforcement(debt)]
    return Court(_stage(debt, judgment, owed), tuple(lines))


def _stage(debt: Debt, judgment: Judgment | None, owed: AfterJudgment | None) -> str:
    if owed is not None and owed.total_minor == 0:
        return "satisfied"
    if debt.of_kind("enforcement_applied"):
        return "enforcement"
    if judgment is None:
        return "suit"
    return "late" if debt.day > judgment.runs_from_on else "performing"


def _judged(judgment: Judgment, debt: Debt) -> Iterator[CourtLine]:
    where = " ".join(part for part in (judgment.court, judgment.number) if part)
    yield CourtLine("judgment", judgment.on, {"where": where}, None, judgment.event_id)
    yield CourtLine(
        "perform_by" if judgment.until_on else "no_time_set", judgment.runs_from_on, {}, None, judgment.event_id
    )
    if judgment.debt_minor is None:
        yield CourtLine("amount_missing", None, {}, None, judgment.event_id)


def _running(judgment: Judgment, owed: AfterJudgment | None, debt: Debt) -> Iterator[CourtLine]:
    if owed is None:
        return
    currency = str(debt.row["currency"])
    shown = {name: f"{money.to_shown(minor, currency)} {currency}" for name, minor in (
        ("debt", owed.debt_minor), ("interest", owed.interest_minor), ("costs", owed.costs_minor), ("doubled", owed.doubled_minor),
        ("total", owed.total_minor), ("paid", owed.paid_minor))}  # fmt: skip
    yield CourtLine("owed", debt.day, dict(shown))
    if debt.day > judgment.runs_from_on and owed.debt_minor:
        daily = money.exact_text(owed.debt_minor * owed.rate_a_day, currency)
        yield CourtLine("doubled_runs", judgment.runs_from_on, {"daily": f"{daily} {currency}", **shown}, owed.clause)


def _enforcement(debt: Debt) -> Iterator[CourtLine]:
    for row in debt.of_kind("enforcement_applied")[-1:]:
        yield CourtLine("enforcement_applied", row["on"], {}, None, str(row["event_id"]))
    for one in legal_dates(debt).dates:
        if one.step.id == "enforcement_application" and one.last_on is not None and one.status != "taken":
            yield CourtLine(
                "enforcement_over" if one.status == "over" else "enforcement_by", one.last_on, {}, one.clause
            )
    clause = next((clause for clause in frozen_of(debt).clauses if clause.id == "CN-ENF-6"), None)
    for freeze in frozen_of(debt).running:
        yield CourtLine(
            "freeze", freeze.ends_on, {"since": freeze.on, "holder": freeze.holder}, clause, freeze.event_id
        )
