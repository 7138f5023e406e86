"""Day counts and civil dates on day numbers (days since 1970-01-01)."""

from arrears.calendar import ACTUAL_360, ACTUAL_365, ACTUAL_ACTUAL
from arrears.replay.jit import compiled


@compiled
def year_month_day(day):
    """Year, month and day of month of a day number (proleptic Gregorian calendar)."""
    z = day + 719468
    era = z // 146097
    doe = z - era * 146097
    yoe = (doe - doe // 1460 + doe // 36524 - doe // 146096) // 365
    doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
    mp = (5 * doy + 2) // 153
    month = mp + 3 if mp < 10 else mp - 9
    year = yoe + era * 400 + (1 if month <= 2 else 0)
    return year, month, doy - (153 * mp + 2) // 5 + 1


@compiled
def day_of(year, month, day):
    """The day number of a date."""
    y = year - 1 if month <= 2 else year
    era = y // 400
    yoe = y - era * 400
    mp = month - 3 if month > 2 else month + 9
    doy = (153 * mp + 2) // 5 + day - 1
    return era * 146097 + yoe * 365 + yoe // 4 - yoe // 100 + doy - 719468


@compiled
def units(basis, day):
    """The running total U(day) of rule 3: what all days up to and including `day` are worth."""
    if basis == ACTUAL_365 or basis == ACTUAL_360:
        return day
    year, month, dom = year_month_day(day)
    if basis == ACTUAL_ACTUAL:
        first = day_of(year, 1, 1)
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        # whole leap years count 366·365 like whole other years 365·366; the days of this year by its own length
        return year * 133590 + (day - first + 1) * (365 if leap else 366)
    return year * 360 + month * 30 + (dom if dom < 30 else 30)


@compiled
def units_a_year(basis):
    """What a full year is worth in the units of the basis."""
    if basis == ACTUAL_365:
        return 365
    if basis == ACTUAL_ACTUAL:
        return 133590
    return 360


@compiled
def months_after(day, months, day_of_month):
    """`day_of_month` in the month `months` after that of `day`, or that month's last day."""
    year, month, _ = year_month_day(day)
    index = year * 12 + month - 1 + months
    following = index + 1
    last = day_of(following // 12, following % 12 + 1, 1) - 1
    wanted = day_of(index // 12, index % 12 + 1, 1) + day_of_month - 1
    return wanted if wanted < last else last
