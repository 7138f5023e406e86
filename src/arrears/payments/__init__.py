"""The payments room: money that comes in by file or API, matched to accounts by reference; what cannot be matched waits for a person."""

from arrears.payments.entries import Entry, Statement
from arrears.payments.match import Match, Unmatched, match
from arrears.payments.queue import Waiting, match_by_hand, set_aside, waiting
from arrears.payments.read import read_payments
from arrears.payments.take_in import TakenIn, take_in

__all__ = [
    "Entry",
    "Match",
    "Statement",
    "TakenIn",
    "Unmatched",
    "Waiting",
    "match",
    "match_by_hand",
    "read_payments",
    "set_aside",
    "take_in",
    "waiting",
]
