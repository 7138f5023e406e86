"""The room of plans: budget, the lender's authority, offers, counter-offers, the agreed plan as a fact, and whether it is kept.

Pure: facts, budget, policy and instants are handed in. `offers`, `propose` and `agreed` are what the pages and the command line call.
"""

from arrears.plans.agreed import Agreed, agreed, as_data
from arrears.plans.budget import Budget, Creditor, budget_of, floor_note, read_budget
from arrears.plans.creditors import Share, debts_beside, shares
from arrears.plans.ending import end_of, ended
from arrears.plans.kept import Breach, Kept, kept
from arrears.plans.limitation import Limitation, limitation_of
from arrears.plans.offers import NoPlan, Offer, Offers, offers, offers_on
from arrears.plans.owed import Owed, owed_of
from arrears.plans.policy import Policy, longest_plan, policy_for, policy_of, read_policy
from arrears.plans.propose import Answer, propose
from arrears.plans.schedule import Row

__all__ = [
    "Agreed", "Answer", "Breach", "Budget", "Creditor", "Kept", "Limitation", "NoPlan", "Offer", "Offers", "Owed", "Policy", "Row",
    "Share", "agreed", "as_data", "budget_of", "debts_beside", "end_of", "ended", "floor_note", "kept", "limitation_of", "longest_plan", "offers", "offers_on", "owed_of", "policy_for",
    "policy_of", "propose", "read_budget", "read_policy", "shares",
]  # fmt: skip
