"""Special standing in the words of a page: what stops at once, what goes on, who decides, until when, each with its clause and source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from arrears.advise.letters import title_of
from arrears.facts.beside import tongue_of
from arrears.installation import Installation
from arrears.law import Clause
from arrears.law.pages import confirmed_word
from arrears.legal import Debt
from arrears.legal.standing import Clock, Said, Standing, content, if_it_began, standing_of
from arrears.legal.standing_answer import reasons_of_clock, until_text
from arrears.notice.language import date_text
from arrears.web.plan_policy import policy_of_account
from arrears.web.words import special_words, spoken


def standing_words(language: str) -> dict[str, str]:
    """The words around a standing, those of `arrears standing`."""
    found: dict[str, str] = spoken(content()["words"], tongue_of(language))
    return found


def special_shown(debt: Debt, own_days: Mapping[str, int], language: str) -> dict[str, Any]:
    """What a borrower sees: `now`, the standings that are open, and `situations`, what each other one would bring if it was told today."""
    begun = _begun(debt, own_days)
    known = {one.machine.id for one in begun}
    would_be = {one.machine.id: one for one in if_it_began(debt, own_days) if one.machine.id not in known}
    told = special_words(language)["situations"]
    return {
        "now": standings_shown(debt, begun, language),
        "situations": [
            {**standing_shown(debt, would_be[name], language), **_asked(told[name], language)}
            for name in told
            if name in would_be and debt.law in told[name].get("laws", (debt.law,))
        ],
    }  # fmt: skip


def begun_shown(debt: Debt, own_days: Mapping[str, int], language: str) -> dict[str, Any]:
    """`special_shown` without what the others would bring, for a page that tells only what has begun: nothing of the rest is reckoned."""
    return {"now": standings_shown(debt, _begun(debt, own_days), language)}


def _begun(debt: Debt, own_days: Mapping[str, int]) -> list[Standing]:
    return [one for one in standing_of(debt, own_days) if one.open]


def _asked(told: Mapping[str, Any], language: str) -> dict[str, str]:
    letter = told.get("letter")
    return {
        "title": told["title"], "how": told["how"], "form": told.get("form", ""), "about": told.get("about", ""),
        "letter": title_of(letter).text(language) if letter else "",
    }  # fmt: skip


def answer_days_here(installation: Installation, row: Mapping[str, Any], on: date) -> Mapping[str, int]:
    """The lender's own times to answer for an account (a row of accounts), by the policy here; none where no policy speaks to it."""
    policy, _ = policy_of_account(installation, row, on)
    return policy.answer_days if policy else {}


def standings_shown(debt: Debt, found: Iterable[Standing], language: str) -> list[dict[str, Any]]:
    """Standings as the template `_standing.html` takes them, in their order."""
    return [standing_shown(debt, one, language) for one in found]


def standing_shown(debt: Debt, one: Standing, language: str) -> dict[str, Any]:
    """One standing: `until` with the last days, `stops` and `goes_on` with their grounds, `clauses`: all of them, each once."""
    key, words = tongue_of(language), standing_words(language)
    clauses = [clause for line in (*one.stops, *one.goes_on) for clause in line.clauses]
    clauses += [clock.clause for clock in one.clocks if clock.clause]
    return {
        "id": one.machine.id, "name": one.machine.name[key], "state": one.about["name"][key], "open": one.open,
        "since": words["since"].format(on=date_text(one.path[-1].on, debt.law, language)),
        "until": [_until(clock, debt, language) for clock in one.clocks], "not_recorded": one.end_not_recorded,
        "stops": [_line(line, language) for line in one.stops], "goes_on": [_line(line, language) for line in one.goes_on],
        "decides": one.about["decides"][key] if "decides" in one.about else "",
        "evidence": [each[key] for each in one.machine.evidence] if one.open else [], "writes": one.about["writes"][key],
        "clauses": [_clause(clause, language) for clause in {clause.id: clause for clause in clauses}.values()],
    }  # fmt: skip


def _until(clock: Clock, debt: Debt, language: str) -> dict[str, Any]:
    glue = "；" if tongue_of(language) == "zh" else "; "
    recorded = clock.basis == "recorded"
    return {
        "text": until_text(clock, debt, language, date_text(clock.last_on, debt.law, language)),
        "is_over": clock.last_on < debt.day, **_grounds(clock.basis, [clock.clause] if clock.clause else [], language),
        "how": "" if recorded else glue.join(reasons_of_clock(clock, debt, language)),
    }  # fmt: skip


def _line(line: Said, language: str) -> dict[str, Any]:
    return {"text": line.text[tongue_of(language)], "is_over": False, **_grounds(line.basis, line.clauses, language)}


def _grounds(basis: str, clauses: Iterable[Clause], language: str) -> dict[str, Any]:
    return {
        "basis": content()["basis"][basis][tongue_of(language)], "sure": basis in ("law", "recorded", "policy"),
        "ids": [clause.id for clause in clauses],
    }  # fmt: skip


def _clause(clause: Clause, language: str) -> Mapping[str, str]:
    read = clause.confirmed == "read"
    return {
        "id": clause.id,
        "source": clause.source_in(language),
        "unconfirmed": "" if read else confirmed_word(clause, language),
    }
