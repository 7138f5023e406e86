"""The clauses for mainland China as a whole: what is unknown is refused, what is unconfirmed is off, soft law is called by its name."""

from datetime import date
from decimal import Decimal

import pytest

from arrears.errors import Refusal
from arrears.law import Charges, caps, ends_on, load_calendar, load_pack, stack

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


def test_four_times_an_lpr_that_is_not_in_the_data_is_refused_and_never_asked_of_a_bank():
    charges = Charges(opened_on=date(2024, 6, 3), rate=Decimal("0.30"))
    law, today = stack("cn"), date(2026, 11, 24)

    with pytest.raises(Refusal, match="lpr"):
        caps(law, charges, today, "lender", "private")

    assert caps(law, charges, today, "lender", "bank") == []


def test_of_two_limits_of_penalty_interest_the_lower_one_is_there_to_cut():
    charges = Charges(opened_on=date(2025, 1, 10), rate=Decimal("0.12"), penalty_rate=Decimal("0.30"))

    found = caps(stack("cn"), charges, date(2025, 6, 3), "lender", "bank")

    assert {(capped.clause.id, capped.most) for capped in found} == {
        ("CN-RATE-1", Decimal("0.18")),
        ("CN-RATE-2", Decimal("0.24")),
    }
    assert all(capped.is_cut for capped in found)


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
