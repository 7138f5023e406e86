"""A plan that ends early: the facts, and what of its waivers comes back by the instalments that were kept."""

import json
from datetime import datetime

import pytest

from arrears import plans
from arrears.cli import main
from arrears.cli.account import case_at
from arrears.errors import Refusal
from arrears.facts.yaml_text import read_yaml
from arrears.replay.position import replay_one
from tests.plans.conftest import CASES
from tests.plans.test_offers import AT, with_plan

END = datetime.fromisoformat("2026-08-01T12:00:00+08:00")
JUNE, JULY = ({"at": f"2026-0{month}-14", "kind": "payment", "amount": "2048.00"} for month in (6, 7))


def offer_of(found, kind):
    return next(one for one in found.offers if one.kind == kind)


@pytest.mark.parametrize(
    ("kind", "payments", "kept"),
    [
        ("stepped_waiver", [JUNE, JULY], 2),
        ("stepped_waiver", [JUNE], 1),
        ("stepped_waiver", [], 0),
        ("settlement", [JUNE], 1),
        ("stretch", [], 0),
    ],
)
def test_what_the_replay_counts_as_kept_decides_what_comes_back(offered, kind, payments, kept):
    _, found = offered("loan")
    agreed = plans.agreed(found, offer_of(found, kind).id, AT)

    facts = plans.end_of(with_plan("loan", [agreed.event, *payments]), "A1", END)

    assert facts == plans.ended(agreed, END, kept)
    back = sum(round(float(event["amount"]) * 100) for event in facts[1:])
    final = {"stepped_waiver": dict(agreed.offer.final), "settlement": {}}.get(kind, {}).get(kept, 0)
    assert back == sum(agreed.offer.waived.values()) - final


def test_after_the_end_the_account_owes_what_was_not_earned_and_has_no_plan(offered):
    _, found = offered("loan")
    agreed = plans.agreed(found, offer_of(found, "stepped_waiver").id, AT)
    events = [agreed.event, JUNE, JULY]
    events += plans.end_of(with_plan("loan", events), "A1", END)

    position = replay_one(with_plan("loan", events), "A1", END.date()).position

    assert position["plan_status"] == "cancelled"
    with pytest.raises(Refusal):
        plans.end_of(with_plan("loan", events), "A1", END)


@pytest.mark.parametrize("reason", ["agreed by telephone", None])
def test_a_waiver_of_a_plan_made_elsewhere_has_no_steps_and_stays(offered, reason):
    _, found = offered("loan")
    event = dict(plans.agreed(found, offer_of(found, "settlement").id, AT).event) | {"reason": reason}

    facts = plans.end_of(with_plan("loan", [{key: value for key, value in event.items() if value}]), "A1", END)

    assert [fact["kind"] for fact in facts] == ["plan_cancelled"]


def test_the_command_writes_the_case_with_the_end_in_it(tmp_path, capsys):
    agreed, ended = tmp_path / "agreed.yaml", tmp_path / "ended.yaml"
    budget = ("--budget", str(CASES / "budget.yaml"), "--offer", "stepped_waiver-5-13444")
    main(["plan", "agree", str(CASES / "loan.yaml"), *budget, "--out", str(agreed)])
    capsys.readouterr()

    code = main(["plan", "end", str(agreed), "--at", "2026-08-01", "--out", str(ended), "--json"])

    events = json.loads(capsys.readouterr().out)["events"]
    assert code == 0 and [event["kind"] for event in events] == ["plan_cancelled", "adjustment"]
    assert read_yaml(ended).value["events"][-2:] == events
    assert plans.kept(case_at(ended).facts, "A1", END.date()).state == "cancelled"
    assert main(["plan", "end", str(CASES / "loan.yaml")]) == 2
