"""Random debts, budgets and policies, offered on and checked independently: `python -m tests.plans.random_cases 100000 [SEED] [PROCESSES]`."""

import random
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

from arrears.facts.yaml_text import Document
from arrears.plans.answer import offers_json
from arrears.plans.budget import Budget, Creditor
from arrears.plans.independent import faults
from arrears.plans.offers import offers_on
from arrears.plans.owed import Later, Owed
from arrears.plans.policy import policy_of
from arrears.plans.schedule import monthly

PRODUCTS = (("cn", "CNY", "credit_card"), ("cn", "CNY", "consumer_loan"), ("uk", "GBP", "loan"), ("us", "USD", "loan"), ("none", "JPY", "loan"))  # fmt: skip
#: How many cases a process takes at a time.
RUN = 1_000
SHARES = ("0", "0.1", "0.3", "0.5", "1")


def random_case(draw):
    """A debt, a budget and a policy; `draw` has `randint` and `choice` as random.Random has them."""
    law, currency, product = draw.choice(PRODUCTS)
    on = date(2024, 1, 1) + timedelta(days=draw.randint(0, 900))
    principal, daily = draw.randint(0, 5_000_000), draw.choice((True, False))
    later = () if daily else random_later(draw, on)
    due = {name: draw.choice((0, draw.randint(1, 400_000))) for name in ("fee", "penalty", "interest")}
    not_due = draw.randint(0, 1_000_000) if daily else sum(row.principal_minor for row in later)
    owed = Owed(
        "A1", law, product, None, None, currency, on, "UTC", due | {"principal": principal}, not_due,
        draw.randint(0, 5_000) if daily else 0, later, daily, draw.choice((0, 60_000, 180_000, 360_000)),
        on - timedelta(days=draw.randint(1, 400)), 30, draw.randint(0, 6), (), "none",
    )  # fmt: skip
    income = draw.randint(1, 2_000_000)
    budget = Budget("household", currency, None, 1, 0, {"wages": income}, {"food": draw.randint(0, income)},
                    pay_day=draw.choice((None, draw.randint(1, 31))))  # fmt: skip
    policy = policy_of(Document("random", random_policy(draw, law, currency, product)), on)
    elsewhere = tuple(Creditor(f"C{number}", draw.randint(0, 3_000_000)) for number in range(draw.choice((0, 0, 1, 3))))
    return owed, replace(budget, creditors=elsewhere), policy


def random_later(draw, on):
    days = monthly(on + timedelta(days=draw.randint(1, 28)), draw.randint(1, 28), draw.randint(0, 12))
    return tuple(
        Later(day, draw.randint(1, 200_000), draw.randint(0, 5_000), draw.choice((0, 500))) for day in days if day > on
    )


def random_policy(draw, law, currency, product):
    most = 57 if product == "credit_card" else 72
    kinds = ("instalments", "re_age", "stretch", "interest_stop", "deferral", "stepped_waiver", "settlement")
    chosen = [kind for kind in kinds if draw.randint(0, 2)] or ["stretch"]
    offers = {
        kind: {"most": str(draw.randint(1, most)), "after_payments": str(draw.choice((0, 0, 3)))} for kind in chosen
    }
    if "deferral" in offers:
        offers["deferral"]["months"] = str(draw.randint(1, 3))
    levels = [
        {
            "id": f"L{number}", "by": {"zh": "级", "en": "level"}, "at_once": number == 0, "most": str(draw.randint(1, most)),
            "defer_months": str(draw.choice((0, 3))), "stop_interest": draw.choice((True, False)),
            "waive": {name: draw.choice(SHARES) for name in ("penalty", "fee", "interest", "principal")},
        }
        for number in range(draw.randint(1, 2))
    ]  # fmt: skip
    return {
        "policy": "random", "name": {"zh": "随机", "en": "random"}, "law": law, "currency": currency, "products": [product],
        "instalment_at_least": str(draw.choice((0, 1, 10))), "grace_days": "3", "repair_days": "10", "offers": offers,
        "authority": levels,
        "assumptions": {
            "discount_rate": draw.choice(("0", "0.06")), "kept_each_month": draw.choice(("0.9", "0.98", "1")),
            "recovered_after_break": "0.2", "no_plan": {"recovered": "0.3", "after_months": "12", "cost": "10"},
        },
    }  # fmt: skip


def faults_of(owed, budget, policy):
    """What the independent check finds, and how many offers it saw."""
    found = offers_on(owed, budget, policy)
    return faults(offers_json(found, "en"), policy.source), len(found.offers)


def numbered(seed, number):
    """The draw of one case: each can be made again by itself."""
    return random.Random(f"{seed}/{number}")


def checked(seed, numbers):
    """What is wrong in a run of cases, and how many offers they had."""
    offers, wrong = 0, []
    for number in numbers:
        found, seen = faults_of(*random_case(numbered(seed, number)))
        offers += seen
        wrong += [f"case {number} of seed {seed}: {fault}" for fault in found]
    return offers, wrong


def main(count, seed=1, processes=2):
    """So many cases; prints the first faults and says how many offers held. Exit code 1 where one did not."""
    runs = [range(start, min(start + RUN, count)) for start in range(0, count, RUN)]
    offers, wrong = 0, []
    with ProcessPoolExecutor(processes) as pool:
        for run, (seen, found) in zip(runs, pool.map(partial(checked, seed), runs), strict=True):
            offers, wrong = offers + seen, wrong + found
            print("\n".join([*found, f"{run.stop} cases, {offers} offers, {len(wrong)} faults"]), flush=True)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), *(int(argument) for argument in sys.argv[2:4])))
