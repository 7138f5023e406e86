"""Bank holidays of the United Kingdom and public holidays of Australia, held to rules that the files were not made from."""

from datetime import date, timedelta

import pytest

from arrears.errors import Refusal
from arrears.law.calendars import load_calendar

YEARS = range(2021, 2029)
UK = ("uk-england", "uk-scotland")
#: Days proclaimed for one year alone; the spring bank holiday of 2022 was moved to 2 June.
ONE_OFF = {
    "uk-england": {2022: 2, 2023: 1},
    "uk-scotland": {2022: 2, 2023: 1, 2026: 1},
}
EVERY_YEAR = {"uk-england": 8, "uk-scotland": 9}


def easter_of(year: int) -> date:
    """Easter Sunday by Gauss's rule with its two exceptions (good for the years 1900 to 2099)."""
    moon = (19 * (year % 19) + 24) % 30
    sunday = (2 * (year % 4) + 4 * (year % 7) + 6 * moon + 5) % 7
    found = date(year, 3, 22) + timedelta(days=moon + sunday)
    late = found == date(year, 4, 26) or (found == date(year, 4, 25) and moon == 28 and year % 19 > 10)
    return found - timedelta(days=7) if late else found


def of_year(name: str, year: int) -> set[date]:
    return {day for day in load_calendar(name).holidays if day.year == year}


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("name", UK)
def test_a_uk_year_has_its_number_of_bank_holidays_and_none_on_a_weekend(name, year):
    expected = EVERY_YEAR[name] + ONE_OFF[name].get(year, 0)

    found = of_year(name, year)

    assert len(found) == expected
    assert all(day.weekday() < 5 for day in found)


@pytest.mark.parametrize("year", YEARS)
def test_easter_closes_friday_everywhere_and_monday_but_in_scotland(year):
    friday, monday = easter_of(year) - timedelta(days=2), easter_of(year) + timedelta(days=1)

    closed = {name: of_year(name, year) for name in (*UK, "au-national")}

    assert all(friday in days for days in closed.values())
    assert [name for name, days in closed.items() if monday in days] == ["uk-england", "au-national"]


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("uk-england", date(2022, 1, 3)),  # New Year's Day was a Saturday
        ("uk-england", date(2022, 12, 27)),  # Christmas Day was a Sunday and Boxing Day a Monday
        ("uk-england", date(2027, 12, 28)),  # Christmas Day a Saturday, Boxing Day a Sunday
        ("uk-scotland", date(2022, 1, 4)),  # 1 and 2 January on a weekend
        ("uk-scotland", date(2024, 12, 2)),  # St Andrew's Day a Saturday
        ("au-national", date(2025, 1, 27)),  # Australia Day a Sunday
        ("au-national", date(2026, 12, 28)),  # Boxing Day a Saturday
    ],
)
def test_a_holiday_on_a_weekend_closes_a_weekday_in_its_stead(name, day):
    calendar = load_calendar(name)

    closed, next_open = calendar.is_holiday(day), calendar.on_or_after(day)

    assert closed
    assert next_open > day and next_open.weekday() < 5


@pytest.mark.parametrize("year", YEARS)
def test_the_days_kept_in_all_of_australia_are_closed_whatever_the_weekday(year):
    kept = {date(year, 1, 1), date(year, 1, 26), date(year, 4, 25), date(year, 12, 25), date(year, 12, 26)}

    found = of_year("au-national", year)

    assert kept <= found


def test_the_days_in_the_stead_of_anzac_day_differ_by_state_and_are_open():
    anzac_on_a_saturday, anzac_on_a_sunday = date(2026, 4, 25), date(2027, 4, 25)

    days = load_calendar("au-national").holidays

    assert {anzac_on_a_saturday, anzac_on_a_sunday} <= days
    assert not {date(2026, 4, 27), date(2027, 4, 26)} & days


@pytest.mark.parametrize("day", [date(2020, 12, 31), date(2029, 1, 1)])
@pytest.mark.parametrize("name", [*UK, "au-national"])
def test_a_year_that_the_calendar_does_not_cover_is_refused(name, day):
    calendar = load_calendar(name)

    with pytest.raises(Refusal) as refused:
        calendar.is_business_day(day)

    assert name in str(refused.value) and str(day.year) in str(refused.value)
