"""The letter that asks for a waiver of penalty interest, and the decision that answers it, as sheets; a sheet as plain text."""

from __future__ import annotations

from datetime import date

from arrears import money
from arrears.facts.beside import tongue_of
from arrears.plans.paper.sheet import Sheet
from arrears.plans.penalty import Decision, Penalty
from arrears.plans.words import data


def said(group: str, name: str, language: str, /, **figures: object) -> str:
    """A word of penalty.yaml, figures filled in."""
    return str(data("penalty.yaml")[group][name][tongue_of(language)]).format(**figures)


def request(
    found: Penalty, ask_minor: int, why: str, sender: str, language: str, reference: str | None = None
) -> Sheet:
    """The borrower's letter. `why`: a reason of penalty.yaml; `sender`: who writes, as they are called; `reference`: the account as the lender
    calls it, where its id is not that."""
    owed, account = found.owed, reference or found.owed.account_id

    def shown(minor: int) -> str:
        return money.to_shown(minor, owed.currency)

    asks = said("letter", "asks", language, on=owed.on, account=account, due=shown(found.due_minor), ask=shown(ask_minor),
                currency=owed.currency)  # fmt: skip
    pleas = tuple(
        said("letter", "plea", language, clause=cut.clause.id, amount=shown(cut.amount_minor), currency=owed.currency)
        for cut in found.claim.under_law.contestable
        if cut.amount_minor
    )
    rows = tuple((charge.text[language], shown(charge.amount_minor)) for charge in found.charges)
    sums = (("paid", -found.paid_minor), ("waived", -found.waived_minor), ("other", found.other_minor))
    rows += tuple((said("letter", name, language), shown(minor)) for name, minor in sums if minor)
    rows += ((said("letter", "total", language), shown(found.due_minor)),)
    return Sheet(
        language, owed.on, said("letter", "title", language), sender, reference or owed.account_id,
        (said("letter", "to", language), asks, said("letter", "reason", language, why=said("why", why, language)), *pleas),
        tuple(data("penalty.yaml")["letter"]["columns"][tongue_of(language)]), rows, (said("letter", "answer", language), sender),
        (said("letter", "signed", language),),
    )  # fmt: skip


def answer(decision: Decision, on: date, to: str, language: str) -> Sheet:
    """The lender's letter with the decision made on a day. `to`: the borrower, as they are called."""
    by = decision.by[tongue_of(language)]
    amounts = [
        money.to_shown(minor, decision.currency)
        for minor in (decision.ask_minor, decision.grant_minor, decision.left_minor)
    ]
    told = said("decision", "answers", language, account=decision.account_id, on=on, currency=decision.currency, ask=amounts[0], grant=amounts[1],
                left=amounts[2], outcome=said("outcomes", decision.outcome, language))  # fmt: skip
    because = (
        (said("decision", "because", language, because=said("because", decision.because, language)),)
        if decision.because
        else ()
    )
    words = data("penalty.yaml")["decision"]
    return Sheet(
        language, on, said("decision", "title", language), by, decision.account_id,
        (said("decision", "to", language, name=to), told, *because), tuple(words["columns"][tongue_of(language)]),
        tuple(zip(words["rows"][tongue_of(language)], amounts, strict=True)),
        (said("decision", "later", language), said("decision", "complain", language)), (said("decision", "signed", language, by=by),),
    )  # fmt: skip


def as_text(sheet: Sheet) -> str:
    """The sheet as plain text: title, paragraphs, one line a row."""
    rows = [": ".join(row) if sheet.language == "en" else "：".join(row) for row in sheet.rows]
    return "\n\n".join([sheet.title, *sheet.before, "\n".join(rows), *sheet.after, *sheet.signature]) + "\n"
