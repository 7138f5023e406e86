"""`arrears plan`: offers for a case and a budget, the agreed plan, and whether a plan is kept."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from arrears import money, plans
from arrears.account import borrower_of
from arrears.cli import plan_files, plan_show
from arrears.cli.account import case_at, not_before_the_loan
from arrears.cli.out import print_json, tell, today
from arrears.errors import refuse
from arrears.facts.cases import Case
from arrears.plans.answer import answer_json, kept_json, offers_json, shares_json
from arrears.plans.independent import faults
from arrears.plans.words import word


@dataclass(frozen=True)
class _Asked:
    """What the arguments name: a debt of a case on a day, a policy, and (where given) a budget."""

    case: Case
    account_id: str
    as_of: date | datetime
    policy: plans.Policy
    budget: plans.Budget | None

    @property
    def day(self) -> date:
        """The day asked about."""
        return plans.owed_of(self.case.facts, self.account_id, self.as_of).on


def account_asked(arguments: argparse.Namespace) -> tuple[Case, str, date | datetime]:
    """The one account asked about, its case, and the day or instant. Refusal if there is no such case or account."""
    if not Path(arguments.case).is_file():
        raise refuse("case", "is not a case file", value=arguments.case, exit_code=2, todo="docs/cases.md has the form")
    case = case_at(Path(arguments.case))
    account_id = arguments.account or case.account_ids[0]
    if account_id not in case.account_ids:
        raise refuse("account", "is not in the case", value=account_id, file=case.file, exit_code=2)
    as_of = arguments.as_of or case.as_of or today()
    not_before_the_loan(case.facts, account_id, as_of)
    return case, account_id, as_of


def _asked(arguments: argparse.Namespace) -> _Asked:
    case, account_id, as_of = account_asked(arguments)
    if arguments.pay_day is not None and not 1 <= arguments.pay_day <= 31:
        raise refuse("pay_day", "is not a day of a month", field="--pay-day", value=str(arguments.pay_day), exit_code=2)
    owed = plans.owed_of(case.facts, account_id, as_of)
    budget = plans.read_budget(Path(arguments.budget), owed.on) if arguments.budget else None
    return _Asked(case, account_id, as_of, policy_of(arguments, owed), budget)


def policy_of(arguments: argparse.Namespace, owed: plans.Owed) -> plans.Policy:
    """The policy that `--policy` names, else the example of the law."""
    if arguments.policy:
        return plans.read_policy(Path(arguments.policy), owed.on)
    found = plans.policy_for(owed.law, owed.currency, owed.product)
    if found is None:
        raise refuse("policy", f"no example policy speaks to {owed.law}, {owed.currency}", account=owed.account_id,
                     exit_code=2, todo="name one with --policy")  # fmt: skip
    return found


def offer(arguments: argparse.Namespace) -> int:
    """`arrears plan offer`. Exit code 1 where nothing can be offered."""
    asked = _asked(arguments)
    assert asked.budget is not None
    found, proposal = _offered(arguments, asked, asked.budget)
    warning = plans.limitation_of(asked.case.facts, asked.account_id, asked.as_of)
    own = plans.Creditor(asked.account_id, found.owed.in_all_minor)
    shares = plans.shares(asked.budget, [own, *_beside(asked, asked.budget)])
    answer = offers_json(found, arguments.lang, warning)
    answer["proposal"] = answer_json(proposal, arguments.lang) if proposal else None
    answer["creditors"] = shares_json(shares, asked.budget.currency)
    if arguments.json:
        print_json(answer)
    else:
        print(plan_show.offers_text(answer, arguments.lang))
    if arguments.letters:
        named = str(borrower_of(asked.case.facts, asked.account_id).get("name") or asked.account_id)
        for path in plan_files.letters(
            Path(arguments.letters), shares, asked.budget, named, found.owed.on, arguments.lang
        ):
            tell(word("table", "written", arguments.lang, file=path))
    return 0 if found.offers else 1


def _offered(
    arguments: argparse.Namespace, asked: _Asked, budget: plans.Budget
) -> tuple[plans.Offers, plans.Answer | None]:
    facts, account_id, as_of, day = asked.case.facts, asked.account_id, asked.as_of, arguments.pay_day
    beside = _beside(asked, budget)
    if not arguments.propose:
        return plans.offers(facts, account_id, budget, asked.policy, as_of, None, day, beside), None
    try:
        amount = money.to_minor(arguments.propose, budget.currency)
    except ValueError as fault:
        raise refuse("amount", str(fault), field="--propose", value=arguments.propose, exit_code=2) from None
    if amount <= 0:
        raise refuse("amount", "is not more than nothing", field="--propose", value=arguments.propose, exit_code=2)
    answer = plans.propose(facts, account_id, budget, asked.policy, as_of, amount, day, beside)
    return answer.offers, answer


def _beside(asked: _Asked, budget: plans.Budget) -> list[plans.Creditor]:
    return plans.debts_beside(asked.case.facts, asked.case.account_ids, asked.account_id, asked.as_of, budget.currency)


def agree(arguments: argparse.Namespace) -> int:
    """`arrears plan agree`."""
    asked = _asked(arguments)
    assert asked.budget is not None
    found, _ = _offered(arguments, asked, asked.budget)
    agreed = plans.agreed(found, arguments.offer, instant_of(arguments.at or asked.as_of, found.owed.zone))
    if arguments.out:
        plan_files.case_with(asked.case, [agreed.event], Path(arguments.out))
        tell(word("table", "written", arguments.lang, file=arguments.out))
    if arguments.pdf:
        warning = plans.limitation_of(asked.case.facts, asked.account_id, asked.as_of)
        plan_files.signed_agreement(arguments, found, agreed.offer, warning)
        tell(word("table", "written", arguments.lang, file=arguments.pdf))
    if arguments.json:
        print_json({"account": agreed.account_id, "offer": agreed.offer.id, "event": agreed.event})
    else:
        print(plan_files.as_yaml({"events": [agreed.event]}))
    return 0


def instant_of(moment: date | datetime, zone: str) -> datetime:
    """The instant; of a day, its noon in the account's business zone."""
    if isinstance(moment, datetime):
        return moment
    return datetime.combine(moment, time(12), ZoneInfo(zone))


def end(arguments: argparse.Namespace) -> int:
    """`arrears plan end`."""
    case, account_id, as_of = account_asked(arguments)
    zone = plans.owed_of(case.facts, account_id, as_of).zone
    events = plans.end_of(case.facts, account_id, instant_of(arguments.at or as_of, zone))
    if arguments.out:
        plan_files.case_with(case, events, Path(arguments.out))
        tell(word("table", "written", arguments.lang, file=arguments.out))
    if arguments.json:
        print_json({"account": account_id, "events": events})
    else:
        print(plan_files.as_yaml({"events": events}))
    return 0


def check(arguments: argparse.Namespace) -> int:
    """`arrears plan check`. Exit code 1 where a plan is broken, a check fails, or a signature is not the lender's."""
    if not arguments.case and not arguments.signed:
        raise refuse("case", "is missing", exit_code=2, todo="name a case file, or an agreement with --signed")
    codes = [_check_signed(arguments)] if arguments.signed else []
    if arguments.case:
        asked = _asked(arguments)
        codes.append(_check_kept(arguments, asked))
        if asked.budget is not None:
            codes.append(_check_offers(arguments, asked, asked.budget))
    return max(codes)


def _check_kept(arguments: argparse.Namespace, asked: _Asked) -> int:
    found = plans.kept(asked.case.facts, asked.account_id, asked.day)
    answer = kept_json(found, asked.account_id, arguments.lang)
    _say(arguments, answer, f"{asked.account_id}: {answer['text']}")
    return int(found.state == "broken")


def _check_offers(arguments: argparse.Namespace, asked: _Asked, budget: plans.Budget) -> int:
    beside = _beside(asked, budget)
    found = plans.offers(
        asked.case.facts, asked.account_id, budget, asked.policy, asked.as_of, None, arguments.pay_day, beside
    )
    wrong = faults(offers_json(found, arguments.lang), asked.policy.source)
    text = "\n".join(wrong) or word("table", "check_ok", arguments.lang, count=len(found.offers))
    _say(arguments, {"account": asked.account_id, "offers": len(found.offers), "faults": wrong}, text)
    return int(bool(wrong))


def _check_signed(arguments: argparse.Namespace) -> int:
    found = plan_files.signatures(arguments)
    answer = {"file": arguments.signed, "signatures": [{"valid": one.valid, "key": one.key_id} for one in found]}
    good = bool(found) and all(one.valid and one.key_id for one in found)
    _say(arguments, answer, word("signed", "good" if good else "bad", arguments.lang, file=arguments.signed))
    return int(not good)


def _say(arguments: argparse.Namespace, answer: dict[str, Any], text: str) -> None:
    if arguments.json:
        print_json(answer)
    else:
        print(text)
