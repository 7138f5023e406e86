"""The law room: clauses as data, the guard for one contact and for a night, periods and money limits, and the worked examples."""

from arrears.law.asking import PLAIN, Asking, policy_of
from arrears.law.calendars import Calendar, load_calendar
from arrears.law.clauses import Clause, read_clauses
from arrears.law.days import Day, day_of, on_day
from arrears.law.examples import run_examples
from arrears.law.guard import Policy, Verdict, may, may_together
from arrears.law.history import Event, History, history_of
from arrears.law.money import lawful_terms
from arrears.law.money_limits import class_of
from arrears.law.packs import Pack, Stack, load_house, load_pack, packs, stack, stack_of
from arrears.law.periods import Course, course, ends_on
from arrears.law.questions import Question

__all__ = [
    "PLAIN",
    "Asking",
    "Calendar",
    "Clause",
    "Course",
    "Day",
    "Event",
    "History",
    "Pack",
    "Policy",
    "Question",
    "Stack",
    "Verdict",
    "class_of",
    "course",
    "day_of",
    "ends_on",
    "history_of",
    "lawful_terms",
    "load_calendar",
    "load_house",
    "load_pack",
    "may",
    "may_together",
    "on_day",
    "packs",
    "policy_of",
    "read_clauses",
    "run_examples",
    "stack",
    "stack_of",
]
