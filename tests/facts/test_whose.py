"""With whom contact is planned, where an account has several borrowers or none."""

from datetime import UTC, date, datetime

from arrears.facts import schema
from arrears.facts.typed import type_facts
from arrears.facts.whose import planned_with

AS_OF = date(2026, 3, 1)


def facts(people, dead):
    accounts = [
        {"account_id": name, "product": "loan", "law": "cn", "currency": "CNY", "principal": 1, "opened_on": date(2026, 1, 1)}
        for name in ("A", "B")
    ]  # fmt: skip
    at = datetime(2026, 2, 1, tzinfo=UTC)
    events = [
        {"event_id": f"E{person}", "account_id": account, "person_id": person, "at": at, "recorded_at": at, "kind": "deceased"}
        for account, person in dead
    ]  # fmt: skip
    borrowers = [{"account_id": account, "person_id": person, "role": "borrower"} for account, person in people]
    return type_facts(
        schema.frame("accounts", accounts), schema.empty("instalments"), schema.frame("events", events),
        schema.frame("people", borrowers),
    )  # fmt: skip


def test_contact_is_planned_with_the_borrower_who_is_left_though_another_account_has_none():
    typed = facts([("A", "P1"), ("A", "P2")], dead=[("A", "P1")])

    planned = planned_with(typed, AS_OF, None)

    assert planned.borrowers["person_id"].to_list() == ["P2", None]


def test_the_same_person_may_be_the_only_borrower_of_two_accounts():
    typed = facts([("A", "P1"), ("B", "P1")], dead=[("A", "P1")])

    planned = planned_with(typed, AS_OF, None)

    assert planned.borrowers["person_id"].to_list() == ["P1", "P1"]
