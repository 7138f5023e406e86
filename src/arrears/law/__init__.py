"""The law room: clauses as data, the guard for one contact and for a night, and the worked examples."""

from arrears.law.clauses import Clause, Pack, load_pack, packs
from arrears.law.examples import run_examples
from arrears.law.guard import Contact, Question, Verdict, contacts_of, may
from arrears.law.windows import windows

__all__ = [
    "Clause",
    "Contact",
    "Pack",
    "Question",
    "Verdict",
    "contacts_of",
    "load_pack",
    "may",
    "packs",
    "run_examples",
    "windows",
]
