"""The answer of "Where do I stand?", and of the borrower's own pages: the account that `arrears explain` looks at, in words for its borrower.

Nothing is computed here: position, lines, decision, law and week come from the rooms below; this puts them into the reader's language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import Any

import yaml

from arrears import money, show
from arrears.account import Account
from arrears.advise import Looked, advise, look
from arrears.advise.cited import Reference, references_under
from arrears.advise.figures import flags_of
from arrears.advise.letters import NAMES as LETTERS
from arrears.advise.letters import title_of
from arrears.advise.no_visit import why_not
from arrears.advise.points import Section
from arrears.advise.week import ChannelWeek
from arrears.errors import Refusal
from arrears.facts.beside import tongue_of
from arrears.facts.cases import case_of
from arrears.facts.yaml_text import Document
from arrears.law import Asking, Clause
from arrears.law.pages import force_word
from arrears.money_in_words import money_under_law
from arrears.notice.language import amount_text, date_text
from arrears.replay.terms import Terms
from arrears.strategy import Ladder, default_ladder
from arrears.web.stand_form import ACCOUNT, Typed
from arrears.web.week_shown import week_shown
from arrears.web.words import stand_words, zone_word

#: The sections of the whole answer that the page shows below its own.
FURTHER = ("plan", "risks", "rights", "both_lawful", "complain", "help")


def stood(found: Typed) -> Looked | None:
    """The account of what was typed; None, with its faults led back to their fields, where it makes no case."""
    if found.faults:
        return None
    try:
        case = case_of(Document("case", found.case), Terms.from_mapping)
        return look(case.facts, ACCOUNT, _ladder(found.law), found.today, None, Asking(found.values["who"]))
    except Refusal as refusal:
        for finding in refusal.findings:
            found.led_back(finding)
        return None


@cache
def _ladder(law: str) -> Ladder:
    return default_ladder(law)


def case_text(found: Typed) -> str:
    """The case as YAML that `arrears explain` reads; the first line says how to ask as the page did."""
    command = f"# arrears explain FILE --binds {found.values['who']}\n"
    return command + str(yaml.safe_dump(found.case, allow_unicode=True, sort_keys=False))


def answer(item: Looked, found: Typed, language: str) -> dict[str, Any]:
    """What the page shows of a typed loan, in `zh-CN` or `en`."""
    untold = {"no_rate": not found.values["rate"].strip(), "no_penalty": not found.values["penalty_rate"].strip()}
    return {**parts(item, found.law, language), **untold}


def parts(item: Looked, law: str, language: str, from_tomorrow: bool = False) -> dict[str, Any]:
    """What is shown of any account, typed here or of a store, in `zh-CN` or `en`. `item.facts` are those of the one account.

    `from_tomorrow`: the week that is shown begins with the next day, not with the account's.
    """
    account = item.account
    if account.refused:
        return {"refused": True}
    zone, weeks = item.week_from_tomorrow if from_tomorrow else item.week
    money_rows = money_under_law(account, language)
    sections = [section for section in advise(item).sections if section.id in FURTHER]
    cited = [clause.id for clause in _clauses(item, weeks, money_rows)]
    cited += [one for section in sections for point in section.points for one in point.cite]
    known = references_under(item.laws)
    numbers = {name: number for number, name in enumerate(dict.fromkeys(cited), start=1)}
    return {
        "refused": False, "as_of": date_text(account.day(), law, language), **_figures(account, law, language),
        "step": _step(item),
        "flow": _flow(account, law, language), "visit": _visit(account, language),
        "change": show.what_changes_it(account, language),
        "money": [{"text": text, "marks": [numbers[clause.id] for clause in clauses]} for text, clauses in money_rows],
        "no_rate": False, "no_penalty": False,
        "zone": zone_word(zone, language), "weeks": [week_shown(week, numbers, language, account.day()) for week in weeks],
        "always": [{"text": clause.says[tongue_of(language)], "mark": numbers[clause.id]} for clause in item.always],
        "further": [_section(section, numbers, language) for section in sections],
        "letters": [(name, title_of(name).text(language)) for name in LETTERS],
        **_ledger(account, language),
        "clauses": [_clause(known[name], number, law, language) for name, number in numbers.items()],
        "not_confirmed": _not_confirmed(item, language),
    }  # fmt: skip


def _clauses(
    item: Looked, weeks: Iterable[ChannelWeek], money_rows: Iterable[tuple[str, tuple[Clause, ...]]]
) -> list[Clause]:
    """The clauses of the page's own parts, in the order in which they are met."""
    cited = [*(clause for week in weeks for clause in week.clauses), *item.always]
    cited += [clause for _, clauses in money_rows for clause in clauses]
    return cited + [clause for verdict in item.account.verdicts.values() for clause in verdict.clauses]


def _section(section: Section, numbers: Mapping[str, int], language: str) -> dict[str, Any]:
    points = [
        {"text": point.said.text(language), "marks": [numbers[one] for one in point.cite]} for point in section.points
    ]
    return {"id": section.id, "title": section.title.text(language), "points": points}


def _step(item: Looked) -> str:
    """Which next step is right, a word of `step` in stand_words.yaml. Where suing may be barred, to talk or to pay may give the defence away."""
    flags = flags_of(item)
    if "due" not in flags:
        return "none"
    return "barred" if "barred" in flags else "due"


def _figures(account: Account, law: str, language: str) -> dict[str, Any]:
    row = account.replayed.position
    oldest, following = row["oldest_due_on"], row["next_due_on"]
    return {
        "days": row["days_past_due"],
        "oldest": date_text(oldest, law, language) if oldest else "",
        "next_due": date_text(following, law, language) if following else "",
        **{name: amount_text(row[column], account.currency, language)
           for name, column in (("due", "due_total"), ("payoff", "payoff"), ("not_due", "not_due_principal"),
                                ("next_amount", "next_due_amount"))},
    }  # fmt: skip


# --- the usual flow ---------------------------------------------------------------------------------------------


def _flow(account: Account, law: str, language: str) -> dict[str, Any] | None:
    """The stages with the present one, what comes next and what is planned; None where the country has no flow of its own."""
    ladder, decision, tongue = account.ladder, account.decision, tongue_of(language)
    if ladder.law != law:
        return None
    action, words = decision.action, stand_words(language)
    planned = date_text(account.day() + timedelta(days=1), law, language)
    return {
        "stage": decision.stage_name[tongue],
        "stages": [{"name": stage.name[tongue], "now": stage.id == decision.stage} for stage in reversed(ladder.stages)
                   if stage.id != "closed"],
        "next": show.what_comes_next(account, language),
        "planned": words["tomorrow"].format(on=planned, action=action.name[tongue]) if action else words["nothing_planned"],
    }  # fmt: skip


def _visit(account: Account, language: str) -> dict[str, Any] | None:
    """The answer of `arrears why-not visit`, its reasons in words for the borrower; None where the flow has no visits."""
    if "visit" not in account.ladder.ids:
        return None
    told = show.why_not_json(account, "visit", language)
    return {**told, "reasons": [said.text(language) for said in why_not(account, "visit")]}


# --- law --------------------------------------------------------------------------------------------------------


def _clause(clause: Reference, number: int, law: str, language: str) -> dict[str, Any]:
    return {
        "number": number, "id": clause.id, "text": clause.says.text(language), "source": clause.source_in(language),
        "force": force_word(clause, language), "confirmed": clause.confirmed_text(language),
        "is_read": clause.confirmed == "read", "since": date_text(clause.from_on, law, language) if clause.from_on else "",
    }  # fmt: skip


def _not_confirmed(item: Looked, language: str) -> list[str]:
    return [said[tongue_of(language)] for pack in (item.laws.packs if item.laws else ()) for said in pack.not_confirmed]


# --- the ledger -------------------------------------------------------------------------------------------------


def _ledger(account: Account, language: str) -> dict[str, Any]:
    """The lines with the numbers of their rules, and the rules."""
    lines = account.lines(language)
    numbers = show.rule_numbers(lines)

    def shown(minor: int) -> str:
        return money.to_shown(minor, account.currency)

    rows = [
        (line.on.isoformat(), line.text, shown(line.amount_minor), shown(line.balance_minor), numbers[line.rule])
        for line in lines
    ]
    return {"lines": rows, "rules": _rules(numbers.items())}


def _rules(numbers: Iterable[tuple[str, int]]) -> Sequence[tuple[int, str]]:
    return [(number, show.rule_text(rule)) for rule, number in numbers]
