"""Wording: what a text to a borrower must not say and must contain, by the clauses of a pack."""

from arrears.law.wording.check import TextFinding, check_text
from arrears.law.wording.clauses import WordingClause, load_wording, wording_packs
from arrears.law.wording.examples import run_wording_examples

__all__ = ["TextFinding", "WordingClause", "check_text", "load_wording", "run_wording_examples", "wording_packs"]
