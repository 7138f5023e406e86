"""The reckoning finds what it looks for: each kind of fault planted in the books of a run without any."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.soak import borrowers
from tests.soak.ledger import Acknowledged, Message
from tests.soak.reckoning import Stored, reckon

SECOND = 10**9


def message(loan, place, sent_s=10, **more):
    """The first attempt of a text message, sent and taken so many seconds after the beginning."""
    account, key = borrowers.account_id(loan), f"{loan}-{place}"
    return replace(Message(account, key, f"{key}-1", sent_s * SECOND, None, sent_s * SECOND + 1000), **more)


def books():
    """Two loans with two messages each; a payment for the first after its messages; a stop for everything, lifted again."""
    messages = [message(loan, place, 10 + place) for loan in (0, 2) for place in (1, 2)]
    told = [
        Acknowledged("payment", 20 * SECOND, ("A000000",), (("A000000", "pay-1"),)),
        Acknowledged("stop_all", 30 * SECOND, (), (), "s1"),
        Acknowledged("lift_begins", 31 * SECOND, (), (), "s1"),
    ]
    contacts = {(one.account, f"contact-{one.attempt}"): ("contact", None, None) for one in messages}
    attempts = {one.attempt: (one.key, one.account, "accepted", borrowers.MORNING) for one in messages}
    events = {**contacts, ("A000000", "pay-1"): ("payment", None, None)}
    return messages, told, Stored(events, attempts, 0, {one.key: "sent" for one in messages}, None, 9)


def faults(messages, told, there):
    return reckon(messages, told, there, 0).faults()


def test_books_without_a_fault_have_none():
    messages, told, there = books()

    found = faults(messages, told, there)

    assert found == {}


def lose_a_fact(messages, told, there):
    del there.events["A000000", "pay-1"]


def send_twice(messages, told, there):
    messages.append(messages[0])


def send_after_the_payment(messages, told, there):
    messages[0] = replace(messages[0], sent_at=20 * SECOND + 1)


def end_the_hand_over_after_the_payment(messages, told, there):
    messages[0] = replace(messages[0], gone_at=20 * SECOND + 1)


def send_while_everything_is_stopped(messages, told, there):
    messages[3] = replace(messages[3], sent_at=30 * SECOND + 1)


def forget_the_attempt(messages, told, there):
    del there.attempts["2-1-1"]


def forget_the_contact(messages, told, there):
    del there.events["A000002", "contact-2-1-1"]


def take_the_contact_back(messages, told, there):
    there.events["A000002", "delivery-failed-2-1-1"] = ("delivery", "contact-2-1-1", '{"reason": "not_taken"}')


def claim_what_was_never_sent(messages, told, there):
    del messages[3]


def write_down_as_refused(messages, told, there):
    there.attempts["2-1-1"] = (*there.attempts["2-1-1"][:2], "refused", borrowers.MORNING)


def lose_a_part_of_what_was_accepted(messages, told, there):
    messages[3] = replace(messages[3], whole=False)


def send_a_third(messages, told, there):
    one = message(2, 3, 15)
    messages.append(one)
    there.attempts[one.attempt] = (one.key, one.account, "accepted", borrowers.MORNING)
    there.events[one.account, f"contact-{one.attempt}"] = ("contact", None, None)
    there.works[one.key] = "sent"


def leave_a_third_unknown(messages, told, there):
    there.attempts["2-3-1"] = ("2-3", "A000002", "unknown", borrowers.MORNING + timedelta(seconds=15))
    there.works["2-3"] = "unknown"


def break_the_log(messages, told, there):
    there.log_fault = "does not continue the chain of the seal before"


def leave_work_in_a_lease(messages, told, there):
    there.works["2-1"] = "leased"


def test_of_a_refused_message_some_parts_may_have_been_taken():
    messages, told, there = books()
    write_down_as_refused(messages, told, there)
    lone = next(place for place, one in enumerate(messages) if one.attempt == "2-1-1")
    messages[lone] = replace(messages[lone], whole=False)

    found = faults(messages, told, there)

    assert found == {}


@pytest.mark.parametrize(
    ("plant", "kinds"),
    [
        (lose_a_fact, {"lost"}),
        (send_twice, {"twice"}),
        (send_after_the_payment, {"after"}),
        (end_the_hand_over_after_the_payment, {"after"}),
        (send_while_everything_is_stopped, {"after"}),
        (forget_the_attempt, {"unwritten"}),
        (forget_the_contact, {"unwritten"}),
        (take_the_contact_back, {"unwritten"}),
        (claim_what_was_never_sent, {"wrongly_answered"}),
        (lose_a_part_of_what_was_accepted, {"wrongly_answered"}),
        (write_down_as_refused, {"wrongly_answered"}),
        (send_a_third, {"over_the_limit", "against_the_law"}),
        (leave_a_third_unknown, {"over_the_limit", "against_the_law"}),
        (break_the_log, {"log"}),
        (leave_work_in_a_lease, {"unfinished"}),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_planted_fault_is_found_and_nothing_else(plant, kinds):
    messages, told, there = books()

    plant(messages, told, there)
    found = faults(messages, told, there)

    assert set(found) == kinds
