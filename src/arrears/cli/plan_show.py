"""The answer of `arrears plan offer` as text for people, from its JSON: nothing is reckoned here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from arrears.facts.beside import tongue_of
from arrears.plans.words import data, word
from arrears.show import pad, wide


def offers_text(answer: Mapping[str, Any], language: str) -> str:
    """The whole answer."""
    return "\n".join(_lines(answer, language))


def _lines(answer: Mapping[str, Any], language: str) -> Iterator[str]:
    owed, budget = answer["owed"], answer["budget"]
    in_all = _add(owed["due"]["total"], owed["not_due_principal"], owed["accrued_interest"])
    yield word(
        "table", "head", language, account=answer["account"], on=answer["as_of"], due=owed["due"]["total"], owed=in_all,
        currency=answer["currency"],
    )  # fmt: skip
    yield word(
        "table", "budget", language, income=budget["income"], spending=budget["spending"], priority=budget["priority_debts"],
        surplus=budget["surplus"], affordable=budget["affordable"],
    )  # fmt: skip
    if budget["sections"]:
        yield _sections(budget, language)
    if Decimal(answer["owed_elsewhere"]):
        yield word("notes", "share", language, elsewhere=answer["owed_elsewhere"], share=answer["share"])
    if least := budget["minimum"]:
        yield word("notes", "floor", language, amount=least["household"], source=least["source"])
    if budget["minimum_note"]:
        yield budget["minimum_note"]
    if limit := answer["law_limit"]:
        yield word("notes", "law_limit", language, months=limit["months"], clause=limit["clause"]["id"])
    if answer["proposal"]:
        told = answer["proposal"]
        yield f"\n{word('propose', told['answer'], language)}: {told['text']}" + (
            f" [{told['offer']}]" if told["offer"] else ""
        )
    if answer["why_none"]:
        yield f"\n{answer['why_none']['text']}"
        yield from _advice(answer, language)
        return
    yield from _table(answer, language)
    for offer in answer["offers"]:
        yield from _offer(offer, answer, language)
    yield ""
    yield from (answer["offers"][0]["if_missed"], answer["offers"][0]["credit_file"])
    yield from ((answer["limitation"]["text"],) if answer["limitation"] else ())
    yield word("notes", "assumptions", language)


def _sections(budget: Mapping[str, Any], language: str) -> str:
    """What is spent, by section of the form."""
    named = data("forms.yaml")[budget["form"]]["sections"]
    glue = "，" if tongue_of(language) == "zh" else ", "
    return glue.join(
        f"{named[name]['name'][tongue_of(language)]} {amount}" for name, amount in budget["sections"].items()
    )


def _add(*amounts: str) -> str:
    return str(sum((Decimal(amount) for amount in amounts), Decimal()))


def _advice(answer: Mapping[str, Any], language: str) -> Iterator[str]:
    if answer["advice"]:
        yield word("table", "advice", language)
    for one in answer["advice"]:
        doubt = "" if one["confirmed"] else f" [{word('notes', 'advice_unconfirmed', language)}]"
        yield f"  - {one['text']}{doubt}"


def _table(answer: Mapping[str, Any], language: str) -> Iterator[str]:
    head = tuple(data("words.yaml")["table"]["columns"][tongue_of(language)])
    rows = [
        (
            offer["id"], str(len(offer["instalments"])), offer["highest"], offer["total"],
            _add(*offer["waived"].values()), offer["ends_on"], offer["granted_by"]["name"],
        )
        for offer in answer["offers"]
    ]  # fmt: skip
    widths = [max(wide(row[place]) for row in (head, *rows)) for place in range(len(head))]
    yield ""
    for row in (head, *rows):
        yield "  " + "  ".join(pad(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _offer(offer: Mapping[str, Any], answer: Mapping[str, Any], language: str) -> Iterator[str]:
    tags = [word("tags", tag, language) for tag in offer["tags"]]
    yield f"\n{offer['id']}: {offer['name']}" + (
        f" ({'；'.join(tags) if tongue_of(language) == 'zh' else '; '.join(tags)})" if tags else ""
    )
    without = offer["no_plan"]
    yield "  - " + word(
        "table", "no_plan", language, on=without["on"], owed=without["owed"], days=without["days_past_due"], total=offer["total"]
    )  # fmt: skip
    yield "  - " + word("table", "lender", language, worth=offer["lender_worth"], without=answer["lender_no_plan"])
    if offer["final_note"]:
        yield "  - " + offer["final_note"]
    if offer["evidence"]:
        glue = "、" if tongue_of(language) == "zh" else ", "
        named = glue.join(word("evidence", name, language) for name in offer["evidence"])
        yield "  - " + word("table", "evidence", language, list=named)
