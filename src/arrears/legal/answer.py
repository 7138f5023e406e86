"""The answer of `arrears legal dates` as JSON; docs/reference/json.md explains its keys."""

from __future__ import annotations

from datetime import date
from typing import Any

from arrears.legal.dates import LegalDate, LegalDates
from arrears.legal.debt import Debt
from arrears.legal.reasoning import UNCONFIRMED, also_of, reasons_of, warning_of, word


def as_json(found: LegalDates, language: str) -> dict[str, Any]:
    """All legal dates of a debt; dates ISO."""
    debt = found.debt
    return {
        "account": debt.account_id,
        "law": debt.law,
        "region": debt.region,
        "as_of": debt.as_of.isoformat(),
        "parties": sorted(debt.parties),
        "dates": [_date(one, debt, language) for one in found.dates],
        "gaps": [{"id": gap, "text": word("gaps", gap, language)} for gap in found.gaps],
        "note": word("table", "closing", language),
    }


def _date(one: LegalDate, debt: Debt, language: str) -> dict[str, Any]:
    reasons = reasons_of(one, debt, language)
    return {
        "id": one.step.id,
        "step": one.step.name["zh" if language == "zh-CN" else "en"],
        "by": one.step.by,
        "form": one.step.form,
        "status": one.status,
        "starts_on": _iso(one.start.on),
        "counts_from": _iso(one.course.began_on) if one.course else None,
        "last_on": _iso(one.last_on),
        "provisional": one.provisional,
        "instalment_due_on": _iso(one.instalment_due_on),
        "guarantor": one.start.guarantee.person_id if one.start.guarantee else None,
        "taken_on": _iso(one.taken_on),
        "clause": one.clause.as_json(language),
        "reasons": [{"id": one.code, "text": one.text, "on": _iso(one.on), "event": one.event} for one in reasons],
        "unconfirmed": [one.text for one in reasons if one.code in UNCONFIRMED],
        "starts_again": {
            "by": list(one.starts_again),
            "if_today_on": _iso(one.if_today_on),
            "warning": warning_of(one, debt, language),
            "also": also_of(one, language),
        },
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
