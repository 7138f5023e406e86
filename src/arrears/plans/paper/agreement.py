"""The repayment agreement in words: what is owed, the schedule, what stops meanwhile, what is waived, what happens if it is missed."""

from __future__ import annotations

from arrears import money
from arrears.facts.beside import tongue_of
from arrears.plans.answer import final_note
from arrears.plans.limitation import Limitation
from arrears.plans.offers import Offer, Offers
from arrears.plans.paper.sheet import Sheet
from arrears.plans.words import data, word

#: Of which products the law prescribes what else a personalised plan must say (clauses CN-CARD-1, CN-CARD-2).
CARD = ("cn", "credit_card")


def agreement(found: Offers, offer: Offer, lender: str, limitation: Limitation, language: str) -> Sheet:
    """The agreement on one offer. `lender`: its name in the language."""
    owed, paper = found.owed, data("words.yaml")["paper"]

    def shown(minor: int) -> str:
        return money.to_shown(minor, owed.currency)

    rows = tuple(
        (str(row.number), row.due_on.isoformat(), *(shown(amount) for amount in (
            row.principal_minor, row.interest_minor, row.penalty_minor, row.fee_minor, row.total_minor
        )))
        for row in offer.rows
    )  # fmt: skip
    return Sheet(
        language, owed.on, word("paper", "title", language), lender, owed.account_id, _before(found, offer, language),
        tuple(paper["columns"][tongue_of(language)]), rows, _after(found, offer, limitation, language),
        (word("paper", "signed_by", language, lender=lender), word("paper", "borrower", language)), left=2,
    )  # fmt: skip


def _before(found: Offers, offer: Offer, language: str) -> tuple[str, ...]:
    owed = found.owed
    total = owed.in_all_minor

    def said(name: str, **figures: object) -> str:
        return word("paper", name, language, currency=owed.currency, **figures)

    said_kind = said(
        "kind", kind=word("kinds", offer.kind, language), count=len(offer.rows),
        total=money.to_shown(offer.total_minor, owed.currency), ends_on=offer.ends_on,
    )  # fmt: skip
    waived = sum(offer.waived.values())
    told = [said("debt", account=owed.account_id, on=owed.on, owed=money.to_shown(total, owed.currency)), said_kind]
    if waived:
        told.append(said("waived", waived=money.to_shown(waived, owed.currency)))
        told.append(
            final_note(offer, language, lambda minor: f"{money.to_shown(minor, owed.currency)} {owed.currency}") or ""
        )
    if len(offer.final) > 1:
        told.append(word("notes", "final_rule", language, count=len(offer.final)))
    return tuple(told)


def _after(found: Offers, offer: Offer, limitation: Limitation, language: str) -> tuple[str, ...]:
    policy, owed = found.policy, found.owed
    interest = any(row.interest_minor for row in offer.rows) and not offer.interest_stops
    card = (owed.law, owed.product) == CARD
    return (
        word("paper", "interest_on" if interest else "interest_off", language),
        *((word("paper", "no_new_card", language), word("paper", "stop_contact", language)) if card else ()),
        word("notes", "if_missed", language, grace=policy.grace_days, repair=policy.repair_days),
        word("notes", "credit_file", language),
        limitation.text(language),
    )
