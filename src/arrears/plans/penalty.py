"""Negotiated penalty interest: what was charged, what law and terms allow, what the policy can waive and who may, and the decision on a request.

Amounts in minor units; every figure is of the lawful replay. A share of the policy is rounded down: nobody waives more than they may.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from arrears import money
from arrears.claim import Claim
from arrears.errors import refuse
from arrears.facts.schema import Facts
from arrears.plans.owed import Owed, owed_and_claim
from arrears.plans.policy import Level, Policy
from arrears.plans.words import data
from arrears.replay.explain import lines_in_words

#: Lines of the ledger by which penalty interest goes down: paid, or waived.
PAID = ("payment", "credit_used")
WAIVED = ("waiver",)
#: What a request or a decision is about, under `reason` or `about` of its fact.
ABOUT = "penalty_interest"
#: Lines by which it is charged.
CHARGED = ("penalty", "grace_passed", "compounded")


@dataclass(frozen=True)
class Charge:
    """Penalty interest charged on a day. `text`: the line of the ledger in each language (`zh-CN`, `en`), period, days and base with it."""

    on: date
    amount_minor: int
    text: Mapping[str, str]


@dataclass(frozen=True)
class Penalty:
    """The penalty interest of a debt: charged − paid − waived + other = due, exactly. `other`: adjustments, plans, cuts of a total by law."""

    owed: Owed
    claim: Claim
    charges: tuple[Charge, ...]
    paid_minor: int
    waived_minor: int
    policy: Policy | None

    @property
    def levels(self) -> tuple[Level, ...]:
        """The levels of the policy, from the lowest up; none where no policy speaks to the debt."""
        return self.policy.levels if self.policy else ()

    @property
    def due_minor(self) -> int:
        """What is owed of it now."""
        return self.owed.due["penalty"]

    @property
    def charged_minor(self) -> int:
        """What was charged in all."""
        return sum(charge.amount_minor for charge in self.charges)

    @property
    def other_minor(self) -> int:
        """What else changed it."""
        return self.due_minor - self.charged_minor + self.paid_minor + self.waived_minor

    def at_most_minor(self, level: Level) -> int:
        """What a level may still waive: its share of what would be owed without earlier waivers, less those. Asking twice gives no more than once."""
        share = (self.due_minor + self.waived_minor) * level.waive_ppm.get("penalty", 0) // money.PPM
        return min(self.due_minor, max(0, share - self.waived_minor))

    def may_grant(self, amount_minor: int) -> Level | None:
        """The lowest level that may waive the amount; None: nobody."""
        return self._lowest(self.levels, amount_minor)

    def may_grant_as(self, roles: Collection[str], amount_minor: int) -> Level | None:
        """The lowest level that may waive the amount among those at which one of these roles of the desk grants; None: none of them may."""
        return self._lowest(self.policy.held_by(roles) if self.policy else (), amount_minor)

    def _lowest(self, levels: tuple[Level, ...], amount_minor: int) -> Level | None:
        return next((level for level in levels if self.at_most_minor(level) >= amount_minor), None)


@dataclass(frozen=True)
class Decision:
    """The answer to a request. `outcome`: granted, in_part, refused; `level`, `by`: the level of the policy that decided, and what it is called.

    `event`: the fact `waiver` as a case file has it, None if refused, and where the decision was read back from the fact that records it.
    """

    account_id: str
    currency: str
    outcome: str
    ask_minor: int
    grant_minor: int
    left_minor: int
    level: str
    by: Mapping[str, str]
    because: str | None
    event: Mapping[str, Any] | None = None


def penalty_of(facts: Facts, account_id: str, as_of: date | datetime, policy: Policy | None) -> Penalty:
    """The penalty interest of an account. `policy` None: none speaks to it, so nobody may waive. KeyError if it is unknown; Refusal if its product has no terms."""
    owed, claim = owed_and_claim(facts, account_id, as_of)
    zh, en = (lines_in_words(claim.replayed, claim.terms, language) for language in ("zh-CN", "en"))
    charges = tuple(
        Charge(line.on, line.parts_minor["penalty"], {"zh-CN": own.text, "en": line.text})
        for own, line in zip(zh, en, strict=True)
        if line.code in CHARGED and line.parts_minor["penalty"]
    )

    def sum_of(codes: tuple[str, ...]) -> int:
        return sum(line.parts_minor["penalty"] for line in en if line.code in codes)

    return Penalty(owed, claim, charges, sum_of(PAID), sum_of(WAIVED), policy)


def asked(found: Penalty, ask_minor: int | None) -> int:
    """The amount asked for: all that is owed unless an amount is named. Refusal if nothing is owed, or more is asked for than that."""
    if found.due_minor <= 0:
        raise refuse(
            "nothing_due", "owes no penalty interest: there is nothing to waive", account=found.owed.account_id
        )
    ask = found.due_minor if ask_minor is None else ask_minor
    if not 0 < ask <= found.due_minor:
        most = money.to_text(found.due_minor, found.owed.currency)
        raise refuse("amount", f"is not between nothing and the {most} that is owed", field="ask", exit_code=2,
                     value=money.to_text(ask, found.owed.currency))  # fmt: skip
    return ask


def decide(
    found: Penalty, ask_minor: int, grant_minor: int, level_id: str, because: str | None, at: datetime
) -> Decision:
    """The decision of a level of the policy at an instant (aware).

    Refusal if the level is unknown or may not waive so much, if more is granted than was asked for, or if less is granted without a reason.
    """
    if at.tzinfo is None:
        raise ValueError("an instant has its offset")
    level = _level(found, level_id)
    if not 0 <= grant_minor <= ask_minor:
        raise refuse("amount", "is not between nothing and what was asked for", field="grant", exit_code=2,
                     value=money.to_text(grant_minor, found.owed.currency))  # fmt: skip
    if grant_minor > found.at_most_minor(level):
        raise _beyond(found, level, grant_minor)
    if grant_minor < ask_minor and because not in data("penalty.yaml")["because"]:
        raise refuse("reason", "is missing: what is not granted in full is answered with a reason", field="because",
                     value=because or "", exit_code=2, todo=f"one of {', '.join(data('penalty.yaml')['because'])}")  # fmt: skip
    outcome = "granted" if grant_minor == ask_minor else "in_part" if grant_minor else "refused"
    event = {
        "at": at.isoformat(), "kind": "waiver", "account": found.owed.account_id, "category": "penalty",
        "amount": money.to_text(grant_minor, found.owed.currency), "reason": "negotiated", "note": level.id,
    }  # fmt: skip
    return Decision(
        found.owed.account_id, found.owed.currency, outcome, ask_minor, grant_minor, found.due_minor - grant_minor, level.id, level.by,
        because if grant_minor < ask_minor else None, event if grant_minor else None,
    )  # fmt: skip


def as_data(decision: Decision) -> dict[str, Any]:
    """What a fact `decision` carries of it, amounts in minor units."""
    return {
        "about": ABOUT, "outcome": decision.outcome, "currency": decision.currency, "ask": decision.ask_minor, "grant": decision.grant_minor,
        "left": decision.left_minor, "level": decision.level, "level_name": dict(decision.by), "because": decision.because,
    }  # fmt: skip


def decision_in(account_id: str, told: Mapping[str, Any]) -> Decision:
    """The decision that a fact carries (`as_data`)."""
    return Decision(
        account_id, told["currency"], told["outcome"], told["ask"], told["grant"], told["left"], told["level"], told["level_name"], told["because"]
    )  # fmt: skip


def _level(found: Penalty, level_id: str) -> Level:
    for level in found.levels:
        if level.id == level_id:
            return level
    raise refuse("level", "is no level of the policy", field="by", value=level_id, exit_code=2,
                 todo=f"one of {', '.join(level.id for level in found.levels)}")  # fmt: skip


def _beyond(found: Penalty, level: Level, grant_minor: int) -> Exception:
    may = found.may_grant(grant_minor)
    most = money.to_text(found.at_most_minor(level), found.owed.currency)
    return refuse(
        "beyond_authority", f"is more than {level.id} may waive ({most})", field="grant", exit_code=2,
        value=money.to_text(grant_minor, found.owed.currency),
        todo=f"ask {may.id}" if may else "nobody may waive so much by this policy",
    )  # fmt: skip
