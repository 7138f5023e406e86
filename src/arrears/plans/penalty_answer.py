"""The answer of `arrears plan penalty` in words and as JSON. Amounts are decimal strings, rates and shares fractions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from arrears import money
from arrears.claim import Cut, as_json
from arrears.facts.beside import tongue_of
from arrears.law import Clause
from arrears.notice.language import amount_text
from arrears.plans.limitation import Limitation
from arrears.plans.paper.penalty_letters import said
from arrears.plans.penalty import Decision, Penalty

#: What a cap is on, where it concerns penalty interest.
ON = ("penalty_rate", "compounding", "total")


def cuts_of(found: Penalty, plea: bool) -> tuple[Cut, ...]:
    """What law cuts of penalty interest, or (`plea`) what a court may cut when asked."""
    law = found.claim.under_law
    return tuple(cut for cut in (law.contestable if plea else law.cut) if cut.on in ON)


def penalty_json(
    found: Penalty, ask_minor: int, decision: Decision | None, limitation: Limitation, language: str
) -> dict[str, Any]:
    """The answer; docs/reference/plans.md explains its keys."""
    owed, may = found.owed, found.may_grant(ask_minor)

    def text(minor: int) -> str:
        return money.to_text(minor, owed.currency)

    return {
        "account": owed.account_id, "law": owed.law, "currency": owed.currency, "as_of": owed.on.isoformat(), "policy": found.policy.id if found.policy else None,
        "charges": [{"on": one.on.isoformat(), "text": one.text[language], "amount": text(one.amount_minor)} for one in found.charges],
        "charged": text(found.charged_minor), "paid": text(found.paid_minor), "waived": text(found.waived_minor),
        "other": text(found.other_minor), "due": text(found.due_minor),
        "rate": f"{found.claim.terms.penalty_rate_ppm / money.PPM:.6f}", "under_law": as_json(found.claim.under_law, owed.currency, language),
        "levels": [{"id": level.id, "name": level.by[tongue_of(language)], "at_most": text(found.at_most_minor(level))} for level in found.levels],
        "ask": text(ask_minor), "may_grant": may.id if may else None,
        "decision": _decision(decision, found, language) if decision else None, "warning": said("show", "warning", language), "limitation": limitation.text(language),
    }  # fmt: skip


def _decision(decision: Decision, found: Penalty, language: str) -> dict[str, Any]:
    def text(minor: int) -> str:
        return money.to_text(minor, found.owed.currency)

    return {
        "outcome": decision.outcome, "asked": text(decision.ask_minor), "waived": text(decision.grant_minor),
        "left": text(decision.left_minor), "by": decision.level, "because": decision.because,
        "because_text": said("because", decision.because, language) if decision.because else None, "event": decision.event,
    }  # fmt: skip


def lines_of(
    found: Penalty, ask_minor: int, decision: Decision | None, limitation: Limitation, language: str
) -> Iterator[str]:
    """The answer line by line."""
    owed, key = found.owed, tongue_of(language)

    def shown(minor: int) -> str:
        return money.to_shown(minor, owed.currency)

    def show(name: str, **figures: object) -> str:
        return said("show", name, language, **figures)

    yield show("head", account=owed.account_id, on=owed.on, due=shown(found.due_minor), currency=owed.currency)
    glue = "：" if key == "zh" else ": "
    yield from (f"  - {charge.text[language]}{glue}{shown(charge.amount_minor)}" for charge in found.charges)
    yield show("charged", charged=shown(found.charged_minor), paid=shown(found.paid_minor), waived=shown(found.waived_minor),
               other=shown(found.other_minor), due=shown(found.due_minor))  # fmt: skip
    yield from (text for text, _ in law_lines(found, language))
    yield from (f"  - {text}" for text in level_lines(found, language))
    may = found.may_grant(ask_minor)
    yield show("ask", ask=shown(ask_minor), by=may.by[key]) if may else show("ask_nobody", ask=shown(ask_minor))
    if decision:
        outcome = said("outcomes", decision.outcome, language)
        yield show("decided", outcome=outcome, grant=shown(decision.grant_minor), by=decision.by[key])
    yield show("warning")
    yield limitation.text(language)


def level_lines(found: Penalty, language: str) -> Iterator[str]:
    """Who may waive how much of it, from the lowest level up."""
    for level in found.levels:
        amount = amount_text(found.at_most_minor(level), found.owed.currency, language)
        share = money.rate_text(level.waive_ppm.get("penalty", 0))
        yield said("show", "level", language, by=level.by[tongue_of(language)], amount=amount, share=share)


def law_lines(found: Penalty, language: str) -> Iterator[tuple[str, Clause | None]]:
    """What the terms and the law do to the penalty interest, each line with its clause."""

    def show(name: str, cut: Cut) -> str:
        rates = {
            name: money.rate_text(ppm)
            for name, ppm in (("agreed", cut.agreed), ("allowed", cut.allowed))
            if ppm is not None
        }
        amount = amount_text(cut.amount_minor, found.owed.currency, language)
        return said("show", name, language, clause=cut.clause.id, amount=amount, **rates)

    yield said("show", "rate", language, rate=money.rate_text(found.claim.terms.penalty_rate_ppm)), None
    cuts = cuts_of(found, plea=False)
    for cut in cuts:
        yield show("cut" if cut.allowed is not None and cut.agreed is not None else "cut_amount", cut), cut.clause
    if not cuts:
        yield said("show", "no_cut", language), None
    for cut in cuts_of(found, plea=True):
        yield show("plea" if cut.amount_minor else "plea_rate", cut), cut.clause
    for clause in found.claim.under_law.unchecked:
        yield said("show", "unchecked", language, clause=clause.id), clause
