"""The strategy room: ladders as data, the decision for every account, and the reasons in words."""

from arrears.strategy.answer import Decision, NotTaken, Reason, decision_of
from arrears.strategy.decide import decide
from arrears.strategy.ladder import Ladder, included, load_ladder, names_in, reasons

__all__ = [
    "Decision", "Ladder", "NotTaken", "Reason", "decide", "decision_of", "included", "load_ladder", "names_in", "reasons",
]  # fmt: skip
