"""One account, top to bottom: the same loop as the night, with every step in words.

What `arrears explain`, `arrears why-not` and later the borrower's page show. Nothing is computed here that the night does not compute.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from arrears import calendar, money
from arrears.claim import UnderLaw, account_row, claim_of
from arrears.claim import as_json as under_law_as_json
from arrears.cost_of_credit import CostOfCredit, cost_of
from arrears.cost_of_credit import as_json as cost_as_json
from arrears.facts.schema import Facts
from arrears.facts.typed import business_zone
from arrears.law import PLAIN, Asking, History, Question, Stack, Verdict, history_of, on_day, packs, stack
from arrears.law.clock import midnight
from arrears.replay.explain import Line, lines_in_words
from arrears.replay.position import DATES, FLAGS, Replayed
from arrears.replay.terms import Terms
from arrears.strategy import Decision, Ladder, decision_of

#: What a standing shows: columns of the position that are no money.
STANDING = (
    "paused", "paused_until", "promises_open", "promise_amount", "promise_due_on", "promises_kept", "promises_broken",
    "promise_kept_ratio", "plan_status", "plan_since", "plan_broken_on", "plan_repaired_on", "plan_repair_until", "disputed", "hardship_requested", "hardship", "represented",
    "ceased", "vulnerable", "deceased", "bankrupt", "breathing_space", "breathing_space_until", "complaint_open",
    "suit_filed", "judgment", "enforcement", "frozen", "placed", "sold", "usable_phone", "usable_email",
    "usable_address", "attempts_today", "attempts_7d", "attempts_30d", "inbound_30d", "last_attempt_on",
    "last_conversation_on", "last_inbound_on", "last_attempt_on_sms", "last_attempt_on_call", "last_attempt_on_letter",
    "last_attempt_on_visit",
)  # fmt: skip
_MONEY_IN_STANDING = ("promise_amount",)


@dataclass(frozen=True)
class Account:
    """Everything about one account at one moment, its money as law lets it be demanded. `verdicts` by action: what the law says of it on the next day.

    `terms` are the lawful ones, `agreed` those of the contract; `laws` None: the account's law has no pack.
    """

    account_id: str
    as_of: date | datetime
    known_at: datetime | None
    replayed: Replayed
    terms: Terms
    under_law: UnderLaw
    decision: Decision
    verdicts: Mapping[str, Verdict]
    ladder: Ladder
    agreed: Terms
    laws: Stack | None

    @property
    def currency(self) -> str:
        """ISO code of the account's currency."""
        return str(self.replayed.position["currency"])

    @property
    def refused(self) -> str | None:
        """Why the account cannot be computed, if it cannot."""
        refused: str | None = self.replayed.position["refused"]
        return refused

    @cached_property
    def cost_of_credit(self) -> CostOfCredit | None:
        """What the loan costs a year as agreed; None without a schedule, or where the account cannot be computed."""
        if self.refused is not None:
            return None
        return cost_of(self.replayed.typed, self.agreed, self.laws, self.known_at)

    def day(self) -> date:
        """The day of as_of in the account's business zone."""
        return calendar.from_day_number(self.replayed.packed.as_on[0])

    @property
    def zone(self) -> str:
        """The account's business time zone."""
        return str(self.replayed.typed.accounts.select(business_zone()).item())

    def lines(self, language: str) -> list[Line]:
        """The ledger in words."""
        return lines_in_words(self.replayed, self.terms, language)


def look_at(
    facts: Facts, account_id: str, ladder: Ladder, as_of: date | datetime, known_at: datetime | None = None,
    asking: Asking = PLAIN,
) -> Account:  # fmt: skip
    """The account as it stands: replayed, judged by the ladder, and held against the law. KeyError if it is unknown."""
    laws = laws_of(facts, account_id, asking)
    claim = claim_of(facts, account_id, as_of, known_at, laws)
    replayed, row = claim.replayed, claim.replayed.position
    day = calendar.from_day_number(replayed.packed.as_on[0])
    verdicts = _verdicts(facts, account_id, row, ladder, day, as_of, known_at, laws, asking) if laws else {}
    added = {action: reasons for action, verdict in verdicts.items() if (reasons := _law_reasons(verdict, row))}
    if laws is None and str(row["law"]) != "none":
        added = {action.id: {"law_no_pack": {}} for action in ladder.actions if action.channel is not None}
    return Account(
        account_id, as_of, known_at, replayed, claim.terms, claim.under_law, decision_of(ladder, row, day, added),
        verdicts, ladder, claim.agreed, laws,
    )  # fmt: skip


def laws_of(facts: Facts, account_id: str, asking: Asking) -> Stack | None:
    """The law packs of an account and its borrower's region, with the house's own; None where the account's law has none."""
    law = str(account_row(facts, account_id)["law"])
    return stack(law, borrower_of(facts, account_id).get("region"), asking.house) if law in packs() else None


def _is(account_id: str) -> pl.Expr:
    return pl.col("account_id") == account_id


def _verdicts(
    facts: Facts, account_id: str, row: Mapping[str, Any], ladder: Ladder, day: date, as_of: Any, known_at: Any,
    laws: Stack, asking: Asking,
) -> dict[str, Verdict]:  # fmt: skip
    """What the law says of each contact on the next day of the borrower."""
    planned = day + timedelta(days=1)
    asked, history = contact_question(facts, account_id, row, planned, as_of, known_at, laws, asking)
    return {
        action.id: on_day(laws, replace(asked, channel=action.channel), history, planned, asking.policy)
        for action in ladder.actions
        if action.channel is not None
    }


def contact_question(
    facts: Facts, account_id: str, row: Mapping[str, Any], on: date, as_of: date | datetime, known_at: datetime | None,
    laws: Stack, asking: Asking,
) -> tuple[Question, History]:  # fmt: skip
    """What is asked of the law about a contact with the borrower on a day (its channel is still to be named), and what had happened."""
    account, borrower = account_row(facts, account_id), borrower_of(facts, account_id, row["person_id"])
    roles = {person["person_id"]: str(person["role"]) for person in facts.people.iter_rows(named=True)}
    known = [event for event in facts.events.iter_rows(named=True) if _was_known(event, as_of, known_at)]
    zones = (borrower.get("time_zone") or laws.zone, *(borrower.get("other_zones") or ()))
    return Question(
        None, midnight(on, zones[0]), zones, person=borrower.get("person_id"), accounts=(account_id,),
        binds=asking.binds, lender_kind=account["lender_kind"], product=account["product"], region=borrower.get("region"), standing=row,
    ), history_of(known, roles)  # fmt: skip


def borrower_of(facts: Facts, account_id: str, person_id: str | None = None) -> dict[str, Any]:
    """The borrower of an account (that of the id, else the first by id) as a row of people; empty if there is none."""
    people = facts.people.filter(_is(account_id) & (pl.col("role") == "borrower")).sort("person_id")
    if person_id is not None:
        people = people.filter(pl.col("person_id") == person_id)
    return people.row(0, named=True) if people.height else {}


def _was_known(event: Mapping[str, Any], as_of: Any, known_at: datetime | None) -> bool:
    if known_at is not None and event["recorded_at"] > known_at:
        return False
    return not isinstance(as_of, datetime) or event["at"] <= as_of


def _law_reasons(verdict: Verdict, row: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The law's reasons against a contact: which clauses, by which source, and until when (the borrower's own clock)."""
    if verdict.verdict == "allowed":
        return {}
    clauses = {
        "clauses_zh": "；".join(f"{clause.id}（{clause.source}）" for clause in verdict.clauses),
        "clauses_en": "; ".join(f"{clause.id} ({clause.source})" for clause in verdict.clauses),
    }
    if verdict.verdict == "wait" and verdict.not_before is not None:
        zone = str(row["time_zone"] or stack(str(row["law"])).zone)
        at = verdict.not_before.astimezone(ZoneInfo(zone))
        return {"law_wait": clauses | {"not_before": f"{at:%Y-%m-%d %H:%M} ({zone})"}}
    return {"law_never": clauses}


def as_json(account: Account, language: str) -> dict[str, Any]:
    """The object that `explain --json` prints; amounts as decimal strings, dates ISO."""
    row, currency = account.replayed.position, account.currency

    def amount(name: str) -> str:
        return money.to_text(row[name], currency)

    return {
        "account": account.account_id,
        "as_of": account.as_of.isoformat(),
        "known_at": account.known_at.isoformat() if account.known_at else None,
        "currency": currency,
        "refused": account.refused,
        "days_past_due": row["days_past_due"],
        "worst_days_past_due": row["worst_days_past_due"],
        "worst_days_past_due_12m": row["worst_days_past_due_12m"],
        "missed_instalments": row["missed_instalments"],
        "oldest_due_on": _plain(row["oldest_due_on"]),
        "bucket": account.decision.bucket,
        "due": {name: amount(f"due_{name}") for name in ("fee", "penalty", "interest", "principal", "total")},
        "past_due": amount("past_due_total"),
        "not_due_principal": amount("not_due_principal"),
        "accrued_interest": amount("accrued_interest"),
        "credit": amount("credit"),
        "payoff": amount("payoff"),
        "next_due": {"on": _plain(row["next_due_on"]), "amount": amount("next_due_amount")},
        "paid": {name: amount(f"paid_{name}") for name in ("fee", "penalty", "interest", "principal", "total")},
        "last_payment": {"on": _plain(row["last_payment_on"]), "amount": amount("last_payment_amount")},
        "waived": amount("waived_total"),
        "refunded": amount("refunded"),
        "under_law": under_law_as_json(account.under_law, currency, language),
        "cost_of_credit": cost_as_json(account.cost_of_credit, currency, language),
        "charged_off": {"on": _plain(row["charged_off_on"]), "amount": amount("charged_off_amount")},
        "recovered": amount("recovered"),
        **_decision(account, language),
        "standing": {name: _shown(name, row[name], currency) for name in STANDING},
        "lines": [line.as_json(currency) for line in account.lines(language)],
    }


def _decision(account: Account, language: str) -> dict[str, Any]:
    decision = account.decision
    action = decision.action
    step = decision.next_step
    tongue = "zh" if language == "zh-CN" else "en"
    return {
        "stage": decision.stage,
        "decision": {
            "action": action.id if action else None,
            "channel": action.channel if action else None,
            "reasons": [{"id": reason.id, "text": reason.text(language)} for reason in decision.reasons],
            "law": account.verdicts[action.id].as_json(language) if action and action.id in account.verdicts else None,
        },
        "not_taken": [
            {
                "action": item.action.id,
                "channel": item.action.channel,
                "gain": f"{item.gain:.2f}",
                "cost": f"{item.cost:.2f}",
                "reasons": [{"id": reason.id, "text": reason.text(language)} for reason in item.reasons],
            }
            for item in decision.not_taken
        ],
        "next_step": {"stage": step.stage, "name": step.name.get(tongue), "on": step.on.isoformat()} if step else None,
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _shown(name: str, value: Any, currency: str) -> Any:
    if name in _MONEY_IN_STANDING and value is not None:
        return money.to_text(value, currency)
    if name in DATES:
        return _plain(value)
    return bool(value) if name in FLAGS else value
