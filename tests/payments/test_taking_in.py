"""Payments into the store: once each, all or nothing, and nothing is guessed."""

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from arrears.errors import Finding, Refusal
from arrears.payments import Entry, Statement, match_by_hand, read_payments, set_aside, take_in, waiting
from arrears.store.facts import facts_of
from arrears.store.tables import Event, Queued

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
PAID = Entry("E1", "payment", 100_00, "EUR", date(2026, 11, 19), None, ("LN-000123",), payer="Erika Muster")
_digests = itertools.count()


def statement(*entries, faults=()):
    return Statement("s.csv", f"digest-{next(_digests)}", entries, faults)


def payments_of(store, account):
    with store.read() as connection:
        events = facts_of(connection, [account], None).events
    return [
        (row["event_id"], row["kind"], row["amount"], row["at"], row["ref"])
        for row in events.iter_rows(named=True)
        if row["event_id"] not in ("E1", "E2", "E3") and row["kind"].startswith("payment")
    ]


def own(entry=PAID, **changes):
    return replace(entry, entry_id="B1", **changes) if "entry_id" not in changes else replace(entry, **changes)


def test_a_matched_payment_is_a_fact_at_noon_of_its_day(lender, personal):
    found = take_in(lender, personal, [statement(own())], NOW)

    assert (found.payments, found.known, found.waiting) == (1, 0, {})
    assert payments_of(lender, "LN-000123") == [("B1", "payment", 100_00, datetime(2026, 11, 19, 12, tzinfo=UTC), None)]


def test_noon_is_that_of_the_accounts_own_zone(lender, personal):
    take_in(lender, personal, [statement(own(references=("LN-000124",), currency="CNY"))], NOW)

    assert payments_of(lender, "LN-000124")[0][3] == datetime(2026, 11, 19, 4, tzinfo=UTC)


def test_the_same_booking_again_changes_nothing(lender, personal):
    take_in(lender, personal, [statement(own())], NOW)

    again = take_in(lender, personal, [statement(own()), statement(own())], NOW.replace(hour=9))

    assert (again.payments, again.known) == (0, 1)
    assert len(payments_of(lender, "LN-000123")) == 1


def test_a_booking_that_is_known_with_another_amount_is_refused_with_everything_beside_it(lender, personal):
    take_in(lender, personal, [statement(own())], NOW)

    with pytest.raises(Refusal, match="another amount"):
        take_in(lender, personal, [statement(own(amount=99_00), own(entry_id="B2"))], NOW)

    assert len(payments_of(lender, "LN-000123")) == 1


def test_a_file_with_a_fault_lets_nothing_in(lender, personal):
    faulty = statement(own(), faults=(Finding("payments", "is wrong", file="s.csv", line=3),))

    with pytest.raises(Refusal, match=r"s.csv:3"):
        take_in(lender, personal, [statement(own(entry_id="B2")), faulty], NOW)

    assert payments_of(lender, "LN-000123") == []


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"references": ()}, "no_reference"),
        ({"references": ("thanks",)}, "unknown_reference"),
        ({"references": ("LN-000123 LN-000124",)}, "several_accounts"),
        ({"currency": "USD"}, "other_currency"),
        ({"on": date(2026, 6, 30)}, "before_the_loan"),
    ],
)
def test_what_names_no_account_waits_for_a_person_once(lender, personal, changes, why):
    found = take_in(lender, personal, [statement(own(**changes))], NOW)
    again = take_in(lender, personal, [statement(own(**changes))], NOW)

    (item,) = waiting(lender, personal)

    assert (found.waiting, again.waiting, again.known) == ({why: 1}, {}, 1)
    assert (item.why, item.entry.payer) == (why, "Erika Muster")
    assert payments_of(lender, "LN-000123") == []


def test_who_paid_stands_sealed(lender, personal):
    take_in(lender, personal, [statement(own(references=("thanks",)))], NOW)

    with lender.read() as connection:
        row = connection.execute(select(Queued)).one()

    assert "Erika" not in row.content and "thanks" not in row.content
    assert b"Erika" not in row.sealed


def test_a_person_says_which_account_it_is_for(lender, personal):
    take_in(lender, personal, [statement(own(references=("thanks",)))], NOW)
    (item,) = waiting(lender, personal)

    match_by_hand(lender, personal, item.number, "LN-000123", "clerk", NOW)

    assert waiting(lender, personal) == []
    assert [row[:3] for row in payments_of(lender, "LN-000123")] == [("B1", "payment", 100_00)]
    with pytest.raises(Refusal, match="done with already: account LN-000123"):
        match_by_hand(lender, personal, item.number, "LN-000123", "clerk", NOW)


def test_a_person_cannot_put_it_into_an_account_that_it_does_not_fit(lender, personal):
    take_in(lender, personal, [statement(own(references=("thanks",)))], NOW)
    (item,) = waiting(lender, personal)

    for account, what in (("LN-000124", "is in CNY"), ("LN-9", "not in the store")):
        with pytest.raises(Refusal, match=what):
            match_by_hand(lender, personal, item.number, account, "clerk", NOW)

    assert len(waiting(lender, personal)) == 1


def test_what_belongs_to_nobody_is_set_aside_with_its_reason(lender, personal):
    take_in(lender, personal, [statement(own(references=("thanks",)))], NOW)
    (item,) = waiting(lender, personal)

    set_aside(lender, item.number, "clerk", "sent back", NOW)

    assert waiting(lender, personal) == []
    with lender.read() as connection:
        assert connection.execute(select(Queued.done_by, Queued.done_how)).one() == ("clerk", "sent back")


def test_a_reversal_takes_its_payment_back_once(lender, personal):
    reversal = own(entry_id="R1", kind="reversal", references=(), reverses="B1", on=date(2026, 11, 20))

    first = take_in(lender, personal, [statement(own(), reversal)], NOW)
    again = take_in(lender, personal, [statement(own(), reversal)], NOW)

    assert (first.payments, first.reversals, again.reversals, again.known) == (1, 1, 0, 2)
    assert ("R1", "payment_reversed", 100_00, datetime(2026, 11, 20, 12, tzinfo=UTC), "B1") in payments_of(
        lender, "LN-000123"
    )


def test_a_reversal_of_what_nobody_knows_waits(lender, personal):
    found = take_in(lender, personal, [statement(own(kind="reversal", reverses="B0"))], NOW)

    assert found.waiting == {"unknown_payment": 1}


def test_a_whole_statement_of_a_bank_comes_in(lender, personal):
    found = take_in(lender, personal, [read_payments(Path(__file__).with_name("camt_053.xml"))], NOW)

    assert (found.payments, found.waiting, found.not_ours, found.pending) == (
        1, {"unknown_reference": 2, "unknown_payment": 1}, 1, 1,
    )  # fmt: skip


def test_thousands_come_in_at_once(lender, personal):
    many = [own(entry_id=f"B{n}", amount=n + 1) for n in range(12_000)]

    found = take_in(lender, personal, [statement(*many)], NOW)

    assert found.payments == 12_000
    with lender.read() as connection:
        assert (
            connection.execute(select(func.count()).select_from(Event).where(Event.event_id.like("B%"))).scalar()
            == 12_000
        )
