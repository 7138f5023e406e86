"""A correction: an amount that a borrower questioned falls, within what is due and what the policy lets a level take off.

It is the fact `adjustment`, not a waiver: what was charged wrongly was never owed. It goes by the same authority all the same, since money
that is taken off by the wrong name is gone as well. Amounts in minor units; a share of the policy is rounded down.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from arrears import money
from arrears.errors import refuse
from arrears.facts.schema import CATEGORIES, Facts
from arrears.plans.owed import Owed, owed_and_claim
from arrears.plans.policy import Level, Policy
from arrears.replay.explain import lines_in_words

#: Lines of the ledger by which something was taken off before.
TAKEN_OFF = ("waiver", "adjustment")


@dataclass(frozen=True)
class Correctable:
    """What may be corrected of an account. `taken_off`: by category, what waivers and corrections took off before.

    `policy` None: none speaks to the account, so nobody may correct anything at the desk.
    """

    owed: Owed
    taken_off: Mapping[str, int]
    policy: Policy | None

    def at_most_minor(self, category: str, levels: Collection[Level]) -> int:
        """The most of a category that some level of these may still take off: its share of what would be due without what was taken off before."""
        due, taken = self.owed.due[category], self.taken_off[category]
        shares = ((due + taken) * level.waive_ppm.get(category, 0) // money.PPM - taken for level in levels)
        return min(due, max((0, *shares)))

    def at_most_as(self, category: str, roles: Collection[str]) -> int:
        """The most of a category that somebody with these roles of the desk may agree to."""
        return self.at_most_minor(category, self.policy.held_by(roles) if self.policy else ())

    def at_most_anybody(self, category: str) -> int:
        """The most of a category that anybody may agree to at the desk."""
        return self.at_most_minor(
            category, [level for level in self.policy.levels if level.roles] if self.policy else ()
        )


def correctable(facts: Facts, account_id: str, as_of: date | datetime, policy: Policy | None) -> Correctable:
    """What may be corrected of an account. KeyError if it is unknown; Refusal if its product has no terms or it cannot be computed."""
    owed, claim = owed_and_claim(facts, account_id, as_of)
    taken = dict.fromkeys(CATEGORIES, 0)
    for line in lines_in_words(claim.replayed, claim.terms, "en"):
        if line.code in TAKEN_OFF and line.amount_minor:
            for category in CATEGORIES:
                taken[category] += _taken_off(line.code, line.parts_minor.get(category, 0))
    return Correctable(owed, taken, policy)


def _taken_off(code: str, part_minor: int) -> int:
    """What a line took off a category: a waiver's part is what was taken, an adjustment's is the change."""
    return abs(part_minor) if code == "waiver" else max(0, -part_minor)


def hold_to(found: Correctable, category: str, amount_minor: int) -> None:
    """Refusal of an amount that is nothing, more than is due of the category, or more than anybody may take off by the policy."""
    due, most = found.owed.due[category], found.at_most_anybody(category)
    if not 0 < amount_minor <= due:
        raise refuse("adjustment", "is not between nothing and what is due of it", field="amount", account=found.owed.account_id,
                     value=money.to_text(amount_minor, found.owed.currency), todo=f"at most {money.to_text(due, found.owed.currency)}")  # fmt: skip
    if amount_minor > most:
        raise refuse("beyond_authority", "is more than anybody may take off by this policy", field="amount", account=found.owed.account_id,
                     todo=f"at most {money.to_text(most, found.owed.currency)}")  # fmt: skip


def hold_to_roles(found: Correctable, category: str, amount_minor: int, roles: Collection[str]) -> None:
    """Refusal of an amount beyond what these roles may agree to, with the roles that it takes."""
    if amount_minor <= found.at_most_as(category, roles):
        return
    levels = found.policy.levels if found.policy else ()
    enough = {
        role for level in levels if found.at_most_minor(category, [level]) >= amount_minor for role in level.roles
    }
    raise refuse("beyond_authority", "is more than your role may take off by the policy", field="amount", account=found.owed.account_id,
                 todo=f"it takes {', '.join(sorted(enough))}" if enough else "decline it")  # fmt: skip
