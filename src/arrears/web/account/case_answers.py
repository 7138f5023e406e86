"""What became of disputes, complaints and requests of a loan, in the borrower's words: read from the facts, with the letter that told it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy import select

from arrears.calendar import local_day
from arrears.dispatch.replies import action_of, reply_id
from arrears.notice.language import amount_text, category_text, date_text, frozen_text, outcome_text
from arrears.store.tables import Posted
from arrears.web.account.loans import Loan
from arrears.web.served import Served
from arrears.web.words import special_words

#: Facts that answer something, by what they answer.
ANSWERS = ("dispute_closed", "complaint_closed", "hardship_granted", "hardship_refused", "adjustment")


def answers_shown(served: Served, loan: Loan, person_id: str, language: str) -> list[dict[str, str]]:
    """The answers, the latest first: `head`, `text`, and `letter`, the message in this person's pages (empty: none)."""
    words = special_words(language)["answers"]
    found = list(_answers(loan))
    letters = _letters(served, person_id, [reply_id(loan.account_id, row["event_id"]) for row, _ in found])
    shown = []
    for row, opening in found:
        letter = reply_id(loan.account_id, row["event_id"])
        head = words["heads"][row["kind"]].format(asked=_asked(opening, loan, words, language))
        told = words["told"].format(on=_day(row, loan, language), text=_text(row, opening, loan, words, language))
        shown.append({"head": head, "text": told, "letter": letter if letter in letters else ""})
    return shown


def _answers(loan: Loan) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any] | None]]:
    """Each answer with the opening that it names, if it names one."""
    events = loan.facts.events
    kind = pl.col("kind").cast(pl.String)
    answers = kind.is_in(ANSWERS) & ((kind != "adjustment") | pl.col("ref").is_not_null())
    rows = events.filter(answers).sort("at", "event_id", descending=True).to_dicts()
    named = events.filter(pl.col("event_id").is_in([row["ref"] for row in rows if row["ref"]])).to_dicts()
    openings = {row["event_id"]: row for row in named}
    for row in rows:
        yield {**row, "data": json.loads(row["data"] or "{}")}, openings.get(row["ref"] or "")


def _letters(served: Served, person_id: str, attempt_ids: list[str]) -> frozenset[str]:
    """Which of these letters stand in the person's pages."""
    wanted = select(Posted.attempt_id).where(Posted.attempt_id.in_(attempt_ids), Posted.person_id == person_id)
    with served.store.read() as connection:
        return frozenset(connection.execute(wanted).scalars())


def _text(
    row: Mapping[str, Any], opening: Mapping[str, Any] | None, loan: Loan, words: Mapping[str, Any], language: str
) -> str:
    data = row["data"]
    if row["kind"] == "adjustment":
        return _corrected(row, loan, words, language)
    if row["kind"] != "hardship_granted":
        action = action_of(row["kind"], opening["data"] if opening else None)
        outcome = outcome_text(action, str(data.get("reason", "")), language) or str(words["no_outcome"])
        return str(words["refused"]).format(reason=outcome) if row["kind"] == "hardship_refused" else outcome
    if not {"from", "until"} <= data.keys():
        return str(words["granted_open"])
    begins, until = (_told_day(data[name], loan, language) for name in ("from", "until"))
    return str(words["granted"]).format(
        begins=begins, until=until, frozen=frozen_text(data.get("freeze", ()), language)
    )


def _corrected(row: Mapping[str, Any], loan: Loan, words: Mapping[str, Any], language: str) -> str:
    """By how much what was changed, in words; what is added to a category has a plus before it."""
    data, minor, currency = row["data"], int(row["amount"]), loan.stood.account.currency
    told = str(words["corrected" if minor < 0 else "added"]).format(
        category=category_text(data.get("category", "principal"), loan.law, language), amount=amount_text(abs(minor), currency, language)
    )  # fmt: skip
    reason = outcome_text("adjustment", str(data.get("reason", "")), language)
    return told + (str(words["because"]).format(reason=reason) if reason else "")


def _asked(opening: Mapping[str, Any] | None, loan: Loan, words: Mapping[str, Any], language: str) -> str:
    return str(words["asked"]).format(on=_day(opening, loan, language)) if opening else ""


def _day(row: Mapping[str, Any], loan: Loan, language: str) -> str:
    return date_text(local_day(row["at"], loan.stood.account.zone), loan.law, language)


def _told_day(text: str, loan: Loan, language: str) -> str:
    return date_text(date.fromisoformat(text), loan.law, language)
