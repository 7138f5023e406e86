"""When a visit to one person is lawful on a day: every stretch, on all clocks where the person may be, around what they asked for.

The visit is to the home. Who asked not to be met there is not, whether or not a clause of the pack says so.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection

from arrears.dispatch.ask import Asked
from arrears.dispatch.carried import Office
from arrears.dispatch.fresh import without_not_taken
from arrears.dispatch.related import accounts_of
from arrears.law import Question, history_of, stack
from arrears.law.clock import midnight
from arrears.law.days import stretches_of
from arrears.law.questions import Asked as Said
from arrears.law.requests import after_request
from arrears.store.facts import facts_of


def lawful_stretches(
    connection: Connection, office: Office, asked: Asked, on: date
) -> list[tuple[datetime, datetime]] | None:
    """The lawful stretches of `on` within the hours of the work, as (from, until before); `asked` was answered `send`.

    None: the borrower asked not to be met at home.
    """
    work, recipient, position = asked.work, asked.recipient, asked.position
    assert recipient is not None and position is not None
    related = accounts_of(connection, [work.person_id])[work.person_id] | {work.account_id}
    facts = facts_of(connection, related, office.personal)
    roles = {row["person_id"]: str(row["role"]) for row in facts.people.iter_rows(named=True)}
    history = history_of(without_not_taken(facts.events).sort("at", "event_id").iter_rows(named=True), roles)
    asking = office.rules.asking
    question = Question(
        "visit", midnight(on, recipient.zones[0]), recipient.zones, person=work.person_id, accounts=(work.account_id,), place="home",
        binds=asking.binds, lender_kind=position.get("lender_kind"), product=position.get("product"), region=recipient.region,
        standing=position,
    )  # fmt: skip
    if after_request(Said(question, history), "place", question.at) != question.at:
        return None
    found = stretches_of(stack(work.law, recipient.region, asking.house), question, history, on, asking.policy)
    cut = [(max(begins, work.not_before), min(ends, work.not_after)) for begins, ends in found]
    return [(begins, ends) for begins, ends in cut if begins < ends]
