"""Which account a payment is for: by reference, exactly, or it waits for a person."""

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears.payments import Entry, Match, Unmatched, match
from arrears.payments.match import candidates, structured_reference

ACCOUNTS = {"LN-000123": "EUR", "LN-000124": "EUR", "539007547034": "EUR", "2026": "EUR", "A/7.B_9": "CNY"}
PAID = Entry("E1", "payment", 100, "EUR", date(2026, 11, 19), None, ())


def of(*references, **changes):
    return match(replace(PAID, references=references, **changes), ACCOUNTS)


@pytest.mark.parametrize(
    "references",
    [
        ("LN-000123",), ("Rate November, LN-000123 danke",), ("还款：LN-000123。",), ("(LN-000123)",), ("no. #LN-000123.",),
        ("thanks", "LN-000123"),
    ],
)  # fmt: skip
def test_a_reference_that_holds_the_id_as_a_word_names_the_account(references):
    found = of(*references)

    assert isinstance(found, Match) and found.account_id == "LN-000123"


@pytest.mark.parametrize(
    ("references", "why"),
    [
        ((), "no_reference"),
        (("for Erika",), "unknown_reference"),
        (("LN-0001234",), "unknown_reference"),
        (("XLN-000123",), "unknown_reference"),
        (("ln-000123",), "unknown_reference"),
        (("LN-000123 and LN-000124",), "several_accounts"),
        (("A/7.B_9",), "other_currency"),
        (("November 2026",), "unknown_reference"),
        (("RF19 5390 0754 7034",), "unknown_reference"),
    ],
)
def test_what_does_not_name_one_account_waits_for_a_person(references, why):
    found = of(*references)

    assert isinstance(found, Unmatched) and found.why == why


def test_a_short_id_counts_only_where_it_is_the_whole_reference():
    assert isinstance(of("2026"), Match)
    assert isinstance(of("year 2026"), Unmatched)


def test_a_structured_reference_counts_with_its_check_digits():
    assert of("RF18 5390 0754 7034").account_id == "539007547034"


def test_the_lenders_own_pattern_takes_the_id_out_of_a_reference():
    found = match(
        replace(PAID, references=("K0000000123Z",)), {"0000123": "EUR"}, (), re.compile("K000(?P<account>[0-9]{7})Z")
    )

    assert isinstance(found, Match)


@given(st.text(alphabet="0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=21))
def test_a_structured_reference_gives_back_its_account(account):
    reference = structured_reference(account)

    assert account in candidates([reference])


@given(st.text(alphabet="0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=6, max_size=21), st.data())
def test_one_wrong_letter_of_a_structured_reference_names_nobody(account, data):
    reference = structured_reference(account)
    place = data.draw(st.integers(4, len(reference) - 1))
    alike = "0123456789" if reference[place].isdigit() else "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    other = data.draw(st.sampled_from(alike).filter(lambda one: one != reference[place]))

    wrong = reference[:place] + other + reference[place + 1 :]

    assert wrong[4:] not in candidates([wrong])


def test_a_reversal_finds_the_payment_that_it_takes_back():
    entry = replace(PAID, kind="reversal", reverses="E0")

    assert match(entry, {}, [("LN-000123", "E0")]) == Match(entry, "LN-000123", "E0")
    assert match(entry, {}, []).why == "unknown_payment"
    assert match(entry, {}, [("LN-000123", "E0"), ("LN-000124", "E0")]).why == "several_payments"


def test_money_that_went_out_is_not_ours():
    assert of("LN-000123", kind="other").why == "not_ours"
