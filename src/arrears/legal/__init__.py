"""The legal room: limitation and the last day of each step, with the reasoning behind it. Pure: dates and facts are handed in."""

from arrears.legal.answer import as_json
from arrears.legal.dates import LegalDate, LegalDates, legal_dates
from arrears.legal.debt import Debt, debt_of
from arrears.legal.icalendar import entries, icalendar

__all__ = ["Debt", "LegalDate", "LegalDates", "as_json", "debt_of", "entries", "icalendar", "legal_dates"]
