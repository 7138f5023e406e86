"""The plans of an answer where the household's budget is given: points in both languages, and every instalment of every plan.

The offers are those of `arrears plan offer`; nothing is reckoned here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from arrears import plans
from arrears.advise.said import Figure, Money, Said, filled, read_words
from arrears.facts.beside import tongue_of
from arrears.facts.schema import Facts
from arrears.law import Clause
from arrears.law.source_words import in_english
from arrears.notice.language import amount_text
from arrears.plans.answer import final_note, why_none_text
from arrears.plans.words import word


@dataclass(frozen=True)
class Offered:
    """What a household can carry. `own_policy`: whether the policy was named, else the example of the law answered."""

    offers: plans.Offers
    limitation: plans.Limitation
    own_policy: bool


@dataclass(frozen=True)
class Schedule:
    """The instalments of one plan: number, day and amount in minor units."""

    title: Said
    rows: tuple[tuple[int, date, int], ...]


def offered(
    facts: Facts, account_id: str, budget: plans.Budget, policy: plans.Policy, as_of: date, own_policy: bool,
    beside: Sequence[plans.Creditor] = (),
) -> Offered:  # fmt: skip
    """The offers for an account and a budget; `beside` as of `plans.offers`, and so are KeyError and Refusal."""
    found = plans.offers(facts, account_id, budget, policy, as_of, beside=beside)
    return Offered(found, plans.limitation_of(facts, account_id, as_of), own_policy)


def points_of(told: Offered) -> Iterator[tuple[str, Said, tuple[str, ...]]]:
    """What the plan section says of the offers: the id of each point, its text, the clauses under it."""
    found = told.offers
    yield "plan_budget", _budget(found), ()
    if found.why_none:
        yield "plan_none", _both(lambda lang: why_none_text(found, lang) or ""), ()
        return
    named = {"policy": Said(found.policy.name["zh"], found.policy.name["en"])}
    yield "plan_policy", _said("policy_named" if told.own_policy else "policy_example", found.owed.law, **named), ()
    for offer in found.offers:
        yield f"plan_{offer.id}", _offer(offer, found), ()
    notes = {"grace": found.policy.grace_days, "repair": found.policy.repair_days}
    yield "plan_missed", _both(lambda lang: word("notes", "if_missed", lang, **notes)), ()
    yield "plan_credit_file", _both(lambda lang: word("notes", "credit_file", lang)), ()
    yield "plan_limitation", _both(lambda lang: told.limitation.text(lang, cited=True)), _cited(told.limitation.clause)
    if found.limit:
        yield (
            "plan_law_limit",
            _said("law_limit", found.owed.law, months=found.limit.months),
            _cited(found.limit.clause),
        )


def schedules(told: Offered) -> tuple[Schedule, ...]:
    """Every instalment of every plan, the cheapest plan first."""
    return tuple(
        Schedule(
            _said("schedule", told.offers.owed.law, kind=_kind(offer)),
            tuple((row.number, row.due_on, row.total_minor) for row in offer.rows),
        )
        for offer in told.offers.offers
    )


def _cited(clause: Clause | None) -> tuple[str, ...]:
    return (clause.id,) if clause else ()


def _budget(found: plans.Offers) -> Said:
    budget, law = found.budget, found.owed.law
    figures = {
        "income": budget.income_minor, "spending": budget.spending_minor, "priority": budget.priority_minor,
        "surplus": budget.surplus_minor, "affordable": budget.affordable_minor,
    }  # fmt: skip
    said = [_said("budget", law, **{name: Money(minor, budget.currency) for name, minor in figures.items()})]
    if budget.floor:
        source = budget.floor.source
        household = Money(budget.kept_back_minor, budget.currency)
        said.append(_said("floor", law, household=household, source=Said(source, in_english(source))))
    if found.elsewhere_minor:
        told = {"elsewhere": found.elsewhere_minor, "share": found.room_minor}
        said.append(
            _both(
                lambda lang: word(
                    "notes",
                    "share",
                    lang,
                    **{name: amount_text(minor, budget.currency, lang) for name, minor in told.items()},
                )
            )
        )
    if note := plans.floor_note(budget):
        said.append(_both(lambda lang: word("notes", note, lang)))
    return _joined(said)


def _offer(offer: plans.Offer, found: plans.Offers) -> Said:
    law, currency = found.owed.law, found.owed.currency
    waived, without = sum(offer.waived.values()), offer.no_plan
    said = [_said(
        "plan", law, kind=_kind(offer), count=len(offer.rows), highest=Money(offer.highest_minor, currency),
        total=Money(offer.total_minor, currency), first_on=offer.rows[0].due_on, last_on=offer.ends_on,
    )]  # fmt: skip
    said += [_said("cheapest", law)] if "cheapest_for_borrower" in offer.tags else []
    said += [_said("waived", law, waived=Money(waived, currency))] if waived else []
    if waived:
        said.append(_both(lambda lang: final_note(offer, lang, lambda minor: amount_text(minor, currency, lang)) or ""))
    said.append(_said("granted", law, by=Said(offer.level.by["zh"], offer.level.by["en"])))
    if offer.evidence:
        said.append(_said("evidence", law, papers=_both(lambda lang: _papers(offer, lang))))
    if without:
        owed = Money(without.owed_minor, currency)
        said.append(_said("no_plan", law, last_on=without.on, owed=owed, days=without.days_past_due))
    return _joined(said)


def _kind(offer: plans.Offer) -> Said:
    return _both(lambda lang: word("kinds", offer.kind, lang))


def _said(name: str, law: str, /, **figures: Figure) -> Said:
    found = filled(read_words("offers.yaml")[name], figures, law)
    assert found is not None
    return found


def _papers(offer: plans.Offer, language: str) -> str:
    return ("、" if tongue_of(language) == "zh" else ", ").join(
        word("evidence", one, language) for one in offer.evidence
    )


def _both(say: Callable[[str], str]) -> Said:
    return Said(say("zh-CN"), say("en"))


def _joined(said: list[Said]) -> Said:
    """Sentences one after another."""
    figures = {f"{number}.{name}": figure for number, one in enumerate(said) for name, figure in one.figures.items()}
    return Said("".join(one.zh for one in said), " ".join(one.en for one in said), figures)
