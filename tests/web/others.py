"""What belongs to two borrowers, P-LN-000123 and P-LN-000124, so that paths to it can be tried by the wrong one.

A route whose path names something else than an account adds that thing here, and its ids to `own` and `of_another` of `routes.yaml`.
"""

from sqlalchemy import insert

from arrears.dispatch.channel import Message
from arrears.dispatch.channels.portal import post
from arrears.notice.words import Words
from arrears.plans.penalty import Decision
from arrears.store.facts import record_event
from arrears.store.moving import put_terms
from arrears.store.tables import Attempt
from arrears.web.account.recording import Statement, record_statement
from arrears.web.account.statements import said_by
from arrears.web.penalty_requests import record_decision
from tests.web.conftest import NOW

TERMS = """
product: small
currency: CNY
versions:
  - effective_from: 2020-01-01
    interest: {method: scheduled}
    penalty: {rate: "0.18", basis: actual/360, on: principal, from: due, grace_days: 0, compound: false}
"""


def others(store, served):
    """Put it in. `served`: the service's, for what is sealed."""
    with store.begin() as connection:
        put_terms(connection, "small", TERMS, NOW)
    statements(store, served)


def statements(store, served):
    """What each said in their own pages, a decision about penalty interest, and a message that each has there."""
    for number, (name, reference, attempt) in enumerate(
        (("LN-000123", "AAAABBBBCCCC", "T-OWN"), ("LN-000124", "DDDDEEEEFFFF", "T-OTHER")), 1
    ):
        person, said = f"P-{name}", said_by("hardship", {"reason": "job"})
        with store.begin() as connection:
            record_statement(connection, served.personal, Statement(person, "hardship", (name,), said, reference), NOW)
        refused = Decision(
            name, "CNY", "refused", 1000, 0, 1000, "service", {"zh": "客服", "en": "service"}, "able_to_pay"
        )
        with store.begin() as connection:
            record_decision(connection, served.personal, refused, None, number, "zhang.wei", NOW)
        contact = {"event_id": f"contact-{attempt}", "account_id": name, "person_id": person, "at": NOW, "recorded_at": NOW,
                   "kind": "contact", "channel": "portal", "direction": "out", "outcome": "sent"}  # fmt: skip
        with store.begin() as connection:
            record_event(connection, contact, served.personal)
            connection.execute(insert(Attempt).values(
                attempt_id=attempt, key=f"K-{attempt}", account_id=name, person_id=person, channel="portal", worker="w",
                event_id=f"contact-{attempt}", started_at=NOW, answered_at=NOW, answer="accepted", provider_ref=attempt, looked_up=0,
            ))  # fmt: skip
        words = Words("t", "zh-CN", "您好", "AAAA-BBBB-CCCC")
        post(store, served.personal, Message(f"K-{attempt}", attempt, "portal", "", words, name, person), NOW)
