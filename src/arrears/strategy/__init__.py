"""The strategy room: ladders as data, the decision for every account, and the reasons in words."""

from arrears.strategy.answer import Decision, NotTaken, Reason, decision_of
from arrears.strategy.decide import decide
from arrears.strategy.ladder import Ladder, included, names_in, reasons
from arrears.strategy.ladder_file import default_ladder, load_ladder

__all__ = [
    "Decision", "Ladder", "NotTaken", "Reason", "decide", "decision_of", "default_ladder", "included", "load_ladder",
    "names_in", "reasons",
]  # fmt: skip
