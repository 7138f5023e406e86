"""The letter with an answer: who gets it, and what it is written about. It stands in the borrower's own pages, in the transaction of the answer."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from arrears.account import borrower_of
from arrears.calendar import BUSINESS_ZONES, local_day
from arrears.dispatch.replies import reply
from arrears.facts.schema import Facts
from arrears.notice.occasion import Answer, Occasion
from arrears.notice.templates import laws
from arrears.notice.writer import open_writer
from arrears.store.facts import facts_of
from arrears.web.served import Served


def tell(
    connection: Connection, served: Served, row: Row[Any], event_id: str, action: str, told: Mapping[str, Any], now: datetime,
    position: Mapping[str, Any] | None = None,
) -> bool:  # fmt: skip
    """Write the letter about the fact `event_id` that answers an opening (`row`); False where nobody gets one.

    `told`: fields of `notice.occasion.Answer` but for the day. `position`: as it stands after the fact, where the letter names amounts.
    Refusal if there are no keys, or a wording clause blocks the letter: then the answer is not recorded either.
    """
    facts = facts_of(connection, [row.account_id], served.personal)
    account, person = facts.accounts.row(0, named=True), addressee(facts, row.account_id, row.person_id)
    if person is None or account["law"] not in laws():
        return False
    zone = account["time_zone"] or BUSINESS_ZONES[account["law"]]
    on = local_day(now, person["time_zone"] or zone)
    binds = "agency" if served.installation.lender.binds == "agency" else "lender"
    occasion = Occasion(
        account["law"], action, "", "portal", row.account_id, on, name=person["name"], binds=binds,
        answer=Answer(local_day(row.at, zone), **told),
    )  # fmt: skip
    writer = open_writer(served.installation, on)
    known = position or {"currency": account["currency"]}
    return reply(connection, served.personal, writer, os.urandom, occasion, known, person, event_id, now)


def addressee(facts: Facts, account_id: str, person_id: str | None) -> Mapping[str, Any] | None:
    """Who is answered, a row of people: the borrower who asked, or for whom a representative or nobody by name asked.

    None where a guarantor or a third party asked, to whom a letter would tell of the loan, and who has no pages.
    """
    asked = facts.people.filter(facts.people["person_id"] == person_id).to_dicts() if person_id else []
    role = asked[0]["role"] if asked else "representative"
    if role == "borrower":
        return dict(asked[0])
    return borrower_of(facts, account_id) or None if role == "representative" else None
