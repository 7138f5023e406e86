"""Money under law: one account and a whole book come to the same lawful figures, and a cap never adds."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from arrears.claim import UnderLaw, claim_of
from arrears.facts import schema
from arrears.facts.schema import LENDER_KINDS, Facts
from arrears.facts.typed import type_facts
from arrears.law import packs, stack
from arrears.night.judge import claims
from arrears.replay import Terms, replay_one
from tests.examples import examples

AS_OF = date(2026, 9, 1)
SHOWN = ("due_fee", "due_penalty", "due_interest", "due_principal", "due_total", "past_due_total", "payoff", "credit")


@st.composite
def loans(draw):
    """One account with terms, a schedule, a payment and a fee; amounts in minor units."""
    opened_on = draw(
        st.sampled_from(
            [date(2003, 12, 31), date(2024, 6, 29), date(2025, 1, 10), date(2025, 12, 25), date(2026, 1, 20)]
        )
    )
    terms = Terms(
        interest_method=draw(st.sampled_from(["scheduled", "daily"])), interest_rate_ppm=draw(st.sampled_from([0, 60_000, 120_001, 360_000])),
        penalty_rate_ppm=draw(st.sampled_from([0, 90_000, 180_000, 500_000])), penalty_compound=draw(st.booleans()),
        late_fee_minor=draw(st.sampled_from([0, 5_000])),
        allocation=draw(st.sampled_from([("fee", "penalty", "interest", "principal"), ("principal", "interest", "penalty", "fee")])),
        allocation_agreed=draw(st.booleans()),
    )  # fmt: skip
    account = {
        "account_id": "A", "borrower_id": "B", "product": draw(st.sampled_from(["loan", "credit_card"])),
        "law": draw(st.sampled_from(["cn", "in", "uk", "none"])), "currency": "CNY", "principal": 200_000, "opened_on": opened_on,
        "rate_ppm": draw(st.sampled_from([None, 100_000])), "penalty_rate_ppm": draw(st.sampled_from([None, 300_000])),
        "lender_kind": draw(st.sampled_from([None, *LENDER_KINDS])),
    }  # fmt: skip
    due = [opened_on + timedelta(days=30 * n) for n in (1, 2)]
    instalments = [
        {"account_id": "A", "number": n + 1, "due_on": day, "principal": 100_000, "interest": 2_000, "fee": 0}
        for n, day in enumerate(due)
    ]
    at = datetime.combine(due[0] + timedelta(days=20), datetime.min.time(), UTC)
    events = [
        {"event_id": f"E{n}", "account_id": "A", "at": at, "recorded_at": at, "kind": kind, "amount": draw(st.sampled_from([1_000, 60_000]))}
        for n, kind in enumerate(("payment", "fee"))
    ]  # fmt: skip
    tables = {"accounts": [account], "instalments": instalments, "events": events, "people": []}
    frames = {name: schema.frame(name, rows) for name, rows in tables.items()}
    return Facts(**frames, terms={account["product"]: (terms,)})


def one(facts):
    law = facts.accounts["law"][0]
    return claim_of(facts, "A", AS_OF, None, stack(law) if law in packs() else None)


@given(loans())
@examples(30)
def test_a_book_comes_to_the_figures_of_the_single_account(facts):
    typed = type_facts(facts.accounts, facts.instalments, facts.events, facts.people)

    row = claims(typed, facts.terms, AS_OF, None, {*SHOWN, "product", "currency"}).row(0, named=True)

    position = one(facts).replayed.position
    assert {name: row[name] for name in (*SHOWN, "product")} == {name: position[name] for name in (*SHOWN, "product")}


@given(loans())
@examples(30)
def test_law_never_adds_to_what_is_owed_and_says_what_it_took(facts):
    agreed = {
        name: tuple(Terms(**{**_fields(t), "allocation_agreed": True}) for t in versions)
        for name, versions in facts.terms.items()
    }
    agreed_order = replace(facts, terms=agreed)

    claim, plain = one(agreed_order), replay_one(agreed_order, "A", AS_OF).position
    cut = sum(item.amount_minor for item in claim.under_law.cut)

    assert claim.replayed.position["payoff"] <= plain["payoff"]
    assert (
        claim.replayed.position["payoff"] - claim.replayed.position["credit"] == plain["payoff"] - plain["credit"] - cut
    )
    assert cut >= 0 and (cut == 0 or claim.under_law.cut)


def _fields(terms):
    return {name: getattr(terms, name) for name in Terms.__dataclass_fields__}


@given(loans())
@examples(10)
def test_without_a_pack_the_terms_stand_as_agreed(facts):
    claim = claim_of(facts, "A", AS_OF)

    assert claim.replayed.position == replay_one(facts, "A", AS_OF).position
    assert claim.under_law == UnderLaw()
    assert "none" not in packs()
