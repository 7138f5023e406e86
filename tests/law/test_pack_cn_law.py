"""The clauses for mainland China as a whole: what is unknown is refused, what is unconfirmed is off, soft law is called by its name."""

from datetime import date

import pytest

from arrears.errors import Refusal
from arrears.law import ends_on, lawful_terms, load_calendar, load_pack, stack
from arrears.replay import Terms

SOFT = ("standard", "self_regulation", "guideline")


@pytest.mark.parametrize("clause_id", ["CN-LIM-1", "CN-HOL-1", "CN-SUIT-1", "CN-ENF-1"])
def test_a_period_that_ends_in_a_year_whose_holidays_are_not_announced_is_refused(clause_id):
    pack = load_pack("cn")
    clause = pack.clause(clause_id)

    with pytest.raises(Refusal) as refusal:
        ends_on(clause.rule, pack, date(2027, 1, 4))

    assert "cn" in str(refusal.value) and "holidays of 20" in str(refusal.value)


def test_a_make_up_saturday_is_worked_and_a_holiday_on_a_weekday_is_not():
    calendar = load_calendar("cn")

    found = [calendar.is_business_day(day) for day in (date(2026, 10, 10), date(2026, 10, 17), date(2026, 10, 7))]

    assert found == [True, False, False]


def test_four_times_an_lpr_that_is_not_in_the_data_is_unchecked_and_never_asked_of_a_bank():
    terms, signed_on = Terms(interest_rate_ppm=300_000), date(2024, 6, 3)

    private, bank = (lawful_terms(stack("cn"), terms, signed_on, kind) for kind in ("private", "bank"))

    assert {bound.clause.id: bound.allowed for bound in private.bounds} == {"CN-RATE-4": None}
    assert bank.bounds == ()


def test_of_two_limits_of_penalty_interest_the_lower_one_decides():
    terms = Terms(interest_rate_ppm=120_000, penalty_rate_ppm=300_000)

    lawful = lawful_terms(stack("cn"), terms, date(2025, 1, 10), "bank")

    assert {bound.clause.id: bound.allowed for bound in lawful.bounds} == {"CN-RATE-1": 180_000, "CN-RATE-2": 240_000}
    assert lawful.terms.penalty_rate_ppm == 180_000


def test_what_is_not_confirmed_is_there_and_switched_off():
    clauses = load_pack("cn").clauses

    off = {clause.id for clause in clauses if not clause.on}

    assert off == {clause.id for clause in clauses if clause.confirmed == "false"}
    assert {"CN-HRS-R", "CN-CAP-R", "CN-VIS-R", "CN-CLS-R", "CN-RATE-R", "CN-R-CARD-68", "CN-R-REC-CARD"} <= off


def test_a_standard_is_called_a_standard_and_nothing_against_it_illegal():
    soft = [clause for clause in load_pack("cn").clauses if clause.force in SOFT and clause.id != "CN-RATE-3"]

    unnamed = [clause.id for clause in soft if not ("标准" in clause.says["zh"] or "指引" in clause.says["zh"])]
    called_illegal = [clause.id for clause in soft if "违法" in clause.says["zh"] or "illegal" in clause.says["en"]]

    assert len(soft) > 15 and unnamed == called_illegal == []
