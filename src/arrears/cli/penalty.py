"""`arrears plan penalty`: penalty interest of a debt, the letter that asks for a waiver, and the decision that answers it."""

from __future__ import annotations

import argparse
from pathlib import Path

from arrears import money, plans
from arrears.account import borrower_of
from arrears.calendar import local_day
from arrears.cli import plan_files
from arrears.cli.out import print_json, tell
from arrears.cli.plan import account_asked, instant_of, policy_of
from arrears.errors import refuse
from arrears.facts.cases import Case
from arrears.plans.paper.penalty_letters import answer, request
from arrears.plans.penalty import Decision, Penalty, asked, decide, penalty_of
from arrears.plans.penalty_answer import lines_of, penalty_json
from arrears.plans.words import data, word


def penalty(arguments: argparse.Namespace) -> int:
    """`arrears plan penalty`. Exit code 1 where there is nothing to waive."""
    case, found = _found(arguments)
    ask = asked(found, _amount(arguments.ask, found, "--ask") if arguments.ask is not None else None)
    decision = _decision(arguments, found, ask)
    warning = plans.limitation_of(case.facts, found.owed.account_id, arguments.as_of or case.as_of or found.owed.on)
    _letters(arguments, case, found, ask, decision)
    if arguments.json:
        print_json(penalty_json(found, ask, decision, warning, arguments.lang))
    else:
        print("\n".join(lines_of(found, ask, decision, warning, arguments.lang)))
    return 0


def _found(arguments: argparse.Namespace) -> tuple[Case, Penalty]:
    case, account_id, as_of = account_asked(arguments)
    policy = policy_of(arguments, plans.owed_of(case.facts, account_id, as_of))
    return case, penalty_of(case.facts, account_id, as_of, policy)


def _decision(arguments: argparse.Namespace, found: Penalty, ask: int) -> Decision | None:
    if arguments.grant is None:
        if arguments.reply or arguments.out:
            raise refuse("grant", "is missing: there is no decision to write", field="--grant", exit_code=2)
        return None
    if not arguments.by:
        raise refuse("level", "is missing: a decision names who made it", field="--by", exit_code=2)
    at = instant_of(arguments.at or found.owed.on, found.owed.zone)
    return decide(found, ask, _amount(arguments.grant, found, "--grant"), arguments.by, arguments.because, at)


def _letters(arguments: argparse.Namespace, case: Case, found: Penalty, ask: int, decision: Decision | None) -> None:
    """The files that were asked for."""
    reasons, named = data("penalty.yaml")["why"], found.owed.account_id
    if arguments.why not in reasons:
        raise refuse(
            "reason",
            "is no reason",
            field="--why",
            value=arguments.why,
            exit_code=2,
            todo=f"one of {', '.join(reasons)}",
        )
    name = str(borrower_of(case.facts, named).get("name") or named)
    if arguments.letter:
        plan_files.letter(request(found, ask, arguments.why, name, arguments.lang), Path(arguments.letter))
        tell(word("table", "written", arguments.lang, file=arguments.letter))
    if decision and arguments.reply:
        on = local_day(instant_of(arguments.at or found.owed.on, found.owed.zone), found.owed.zone)
        plan_files.letter(answer(decision, on, name, arguments.lang), Path(arguments.reply))
        tell(word("table", "written", arguments.lang, file=arguments.reply))
    if decision and decision.event and arguments.out:
        plan_files.case_with(case, [dict(decision.event)], Path(arguments.out))
        tell(word("table", "written", arguments.lang, file=arguments.out))


def _amount(text: str, found: Penalty, field: str) -> int:
    try:
        return money.to_minor(text, found.owed.currency)
    except ValueError as fault:
        raise refuse("amount", str(fault), field=field, value=text, exit_code=2) from None
