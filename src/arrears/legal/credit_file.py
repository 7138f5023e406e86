"""What a debt means for the credit file: when the adverse conduct began and ended, the notice before it is supplied, when the entry is removed,
the clock of a dispute, and what charge-off, sale and recall were. Days and clauses only: nothing here promises a removal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from arrears.facts.beside import yaml_beside
from arrears.legal.dates import LegalDate, legal_dates
from arrears.legal.debt import Debt

#: Legal dates that are about the credit file.
STEPS = ("credit_file_removal", "credit_dispute_answer", "credit_report")
#: What happens to the debt as a whole, in the order of the words below.
BUSINESS = ("charge_off", "sold", "recalled", "placed")


@dataclass(frozen=True)
class Entry:
    """One line: `id` names its words; `on` its day (None: none yet); `clauses` as everywhere; `event` the fact it rests on; `provisional` as of legal dates."""

    id: str
    on: date | None
    clauses: tuple[Any, ...] = ()
    event: str | None = None
    provisional: bool = False

    def text(self, language: str) -> str:
        """The line in words."""
        return str(words()[self.id]["zh" if language == "zh-CN" else "en"]).format(on=self.on)


@cache
def words() -> dict[str, Any]:
    """The words of the lines, from `credit-file.yaml` beside this module."""
    content: dict[str, Any] = yaml_beside("arrears.legal", "credit-file.yaml")["lines"]
    return content


def credit_file(debt: Debt) -> tuple[Entry, ...]:
    """The lines of a debt on its day."""
    dates = {one.step.id: one for one in legal_dates(debt).dates if one.step.id in STEPS}
    return (*_conduct(debt), *_notice(debt, dates), *_removal(debt, dates), *_dispute(debt, dates), *_business(debt))


def as_json(debt: Debt, entries: tuple[Entry, ...], language: str) -> dict[str, Any]:
    """The answer of `arrears legal credit-file`."""
    return {
        "account": debt.account_id, "law": debt.law, "as_of": debt.as_of.isoformat(),
        "entries": [
            {"id": entry.id, "on": entry.on.isoformat() if entry.on else None, "text": entry.text(language), "event": entry.event,
             "provisional": entry.provisional, "clauses": [clause.as_json(language) for clause in entry.clauses]}
            for entry in entries
        ],
    }  # fmt: skip


def _conduct(debt: Debt) -> Iterator[Entry]:
    if debt.oldest_due_on is not None:
        yield Entry("default_lasts", debt.oldest_due_on)
    elif debt.cured_by is not None:
        yield Entry("default_ended", debt.cured_by.day(debt.zone), (), debt.ids.get(debt.cured_by))
    else:
        yield Entry("no_default", None)


def _notice(debt: Debt, dates: Mapping[str, LegalDate]) -> Iterator[Entry]:
    if "credit_report" in dates:
        one = dates["credit_report"]
        yield Entry("wait_until", one.last_on, (one.clause,), None, one.provisional)
    clauses = _clauses(debt, "CN-CRED-1")
    if not clauses:
        return
    served = [row for row in debt.of_kind("notice_served") if row["data"].get("notice") == "credit_report"]
    if served:
        yield Entry("notice_served", served[-1]["on"], clauses, str(served[-1]["event_id"]))
    elif debt.oldest_due_on is not None:
        yield Entry("notice_missing", None, clauses)


def _removal(debt: Debt, dates: Mapping[str, LegalDate]) -> Iterator[Entry]:
    one = dates.get("credit_file_removal")
    if one is None or (one.last_on is None and debt.oldest_due_on is None):
        return
    if one.last_on is None:
        yield Entry("removal_not_running", None, (one.clause,))
    else:
        over = debt.day > one.last_on
        yield Entry("removal_due" if over else "removal_on", one.last_on, (one.clause,), None, one.provisional)


def _dispute(debt: Debt, dates: Mapping[str, LegalDate]) -> Iterator[Entry]:
    one = dates.get("credit_dispute_answer")
    if one is None or one.last_on is None:
        return
    event = debt.ids.get(one.start.event) if one.start.event else None
    if one.status == "taken":
        yield Entry("dispute_answered", one.taken_on, (one.clause,), event)
    else:
        yield Entry(
            "dispute_answer_late" if debt.day > one.last_on else "dispute_answer_by", one.last_on, (one.clause,), event
        )


def _business(debt: Debt) -> Iterator[Entry]:
    for kind in BUSINESS:
        clauses = _clauses(debt, "CN-ASN-1", "CN-DAT-4") if kind == "sold" else ()
        for row in debt.of_kind(kind):
            yield Entry(kind, row["on"], clauses, str(row["event_id"]))
        if kind == "sold" and debt.of_kind(kind) and not _told_of_sale(debt):
            yield Entry("sale_notice_missing", None, clauses)


def _told_of_sale(debt: Debt) -> bool:
    return any(row["data"].get("notice") == "assignment" for row in debt.of_kind("notice_served"))


def _clauses(debt: Debt, *ids: str) -> tuple[Any, ...]:
    return tuple(
        clause
        for clause, _ in (debt.stack.clauses if debt.stack else ())
        if clause.id in ids and clause.in_force(debt.day)
    )
