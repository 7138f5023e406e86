"""What signing a plan does to limitation: an acknowledgement may start it again. The dates are those of the legal room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from arrears.facts.schema import Facts
from arrears.law import Clause
from arrears.legal import debt_of, legal_dates
from arrears.plans.words import word


@dataclass(frozen=True)
class Limitation:
    """The warning before a plan is signed. `state`: `restarts`, `not_begun`, `over`, `unknown`; the clause and days where they are known."""

    state: str
    clause: Clause | None = None
    last_on: date | None = None
    if_today_on: date | None = None

    def text(self, language: str, cited: bool = False) -> str:
        """The warning in words. `cited`: the source of the clause stands elsewhere, so that its id is enough."""
        clause = ""
        if self.clause:
            clause = self.clause.id if cited else f"{self.clause.id}, {self.clause.source_in(language)}"
        name = f"limitation_{self.state}"
        return word("notes", name, language, clause=clause, last_on=self.last_on, if_today_on=self.if_today_on)


def limitation_of(facts: Facts, account_id: str, as_of: date | datetime) -> Limitation:
    """What a plan signed on the day would do to limitation. KeyError if the account is unknown."""
    for one in legal_dates(debt_of(facts, account_id, as_of, None)).dates:
        if not one.step.limitation or one.last_on is None:
            continue
        if one.status == "over":
            return Limitation("over", one.clause, one.last_on)
        if one.status == "not_started":
            return Limitation("not_begun", one.clause, one.last_on)
        if one.if_today_on is not None:
            return Limitation("restarts", one.clause, one.last_on, one.if_today_on)
    return Limitation("unknown")
