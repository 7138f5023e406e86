"""The agreed plan on paper, signed, and whether it is kept."""

import io
import json
import re
from datetime import UTC, date, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509 import load_der_x509_certificate
from pypdf import PdfReader

from arrears import plans
from arrears.cli import main
from arrears.notice.signing import PublicKey, key_id_of
from arrears.plans.paper import agreement, certificate, creditor_letter, read_signatures, sheet_pdf, sign
from arrears.replay import replay_one
from tests.plans.conftest import CASES
from tests.plans.test_offers import AT, with_plan

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
RAW = KEY.public_key().public_bytes_raw()
SINCE = datetime(2026, 1, 1, tzinfo=UTC)


def text_of(pdf):
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages))


def sheets(offered):
    case, found = offered("card")
    warning = plans.limitation_of(case.facts, "C1", case.as_of)
    return {name: sheet_pdf(agreement(found, found.offers[0], "Bank", warning, name)) for name in ("zh-CN", "en")}


def test_dates_and_amounts_of_an_agreement_are_the_same_in_both_languages(offered):
    told = {name: text_of(pdf) for name, pdf in sheets(offered).items()}
    chinese, english = (set(re.findall(r"\d{4}-\d\d-\d\d|\d[\d,]*\.\d\d", told[name])) for name in ("zh-CN", "en"))

    assert chinese == english != set()
    assert "停止催收" in told["zh-CN"] and "stopcollection" in told["en"]


@pytest.mark.parametrize(("language", "rule"), [("en", "n parts in {} of the waiver"), ("zh-CN", "减免总额的{}分之n")])
def test_an_agreement_says_by_which_steps_its_waiver_becomes_final(offered, language, rule):
    case, found = offered("loan")
    stepped, whole = (next(one for one in found.offers if one.kind == kind) for kind in ("stepped_waiver", "stretch"))
    warning = plans.limitation_of(case.facts, "A1", case.as_of)

    with_steps, without = (
        " ".join(agreement(found, one, "Bank", warning, language).before) for one in (stepped, whole)
    )

    rule = rule.format(len(stepped.rows))
    assert rule in with_steps and rule not in without
    for number, amount in stepped.final:
        assert amount == sum(stepped.waived.values()) * number // len(stepped.rows)


def test_a_signed_agreement_is_the_lenders_until_it_is_changed(offered):
    signed = sign(sheets(offered)["en"], KEY, certificate(KEY, "Bank", key_id_of(RAW), SINCE), "agreement")
    known = {key_id_of(RAW): PublicKey(key_id_of(RAW), RAW, SINCE)}
    place = signed.index(b"stream") + 20
    changed = signed[:place] + bytes([signed[place] ^ 1]) + signed[place + 1 :]

    assert [(one.valid, one.key_id) for one in read_signatures(signed, known)] == [(True, key_id_of(RAW))]
    assert [one.key_id for one in read_signatures(signed, {})] == [None]
    assert [one.valid for one in read_signatures(changed, known)] == [False]


@pytest.mark.parametrize("sign_of_base64", ["_", "-"])
def test_a_key_of_any_id_has_a_certificate(sign_of_base64):
    drawn = (Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in range(256))
    key, key_id = next(
        (key, own) for key in drawn if sign_of_base64 in (own := key_id_of(key.public_key().public_bytes_raw()))
    )

    made = load_der_x509_certificate(certificate(key, "示例银行", key_id, SINCE))

    assert [one.value for one in made.subject] == ["示例银行", key_id]


PAID = {"at": "2026-06-14", "kind": "payment", "amount": "2086.89"}
LATE = {"at": "2026-06-25", "kind": "payment", "amount": "2086.89"}
AFTER_GRACE = {**PAID, "at": "2026-06-21"}
ON_THE_LAST_DAY = {**PAID, "at": "2026-07-05"}
TOO_LATE = {"at": "2026-07-08", "kind": "payment", "amount": "2086.89"}


@pytest.mark.parametrize(
    ("payments", "on", "state", "said", "kept"),
    [
        ([], date(2026, 6, 10), "current", "current", 0),
        ([], date(2026, 6, 20), "current", "late", 0),
        ([], date(2026, 6, 21), "in_repair", "in_repair", 0),
        ([], date(2026, 7, 5), "in_repair", "in_repair", 0),
        ([], date(2026, 7, 6), "broken", "broken", 0),
        ([PAID], date(2026, 6, 30), "current", "current", 1),
        ([AFTER_GRACE], date(2026, 6, 21), "current", "repaired", 1),
        ([LATE], date(2026, 6, 30), "current", "repaired", 1),
        ([LATE], date(2026, 7, 21), "broken", "broken", 1),
        ([ON_THE_LAST_DAY], date(2026, 7, 9), "current", "repaired", 1),
        ([TOO_LATE], date(2026, 7, 9), "broken", "broken", 0),
        ([{**PAID, "amount": "10434.44"}], date(2026, 10, 15), "completed", "completed", 5),
    ],
)
def test_a_plan_is_kept_with_grace_and_one_repair_as_the_replay_has_it(offered, payments, on, state, said, kept):
    _, found = offered("loan")
    facts = with_plan("loan", [plans.agreed(found, "stretch-5", AT).event, *payments])

    told = plans.kept(facts, "A1", on)

    assert (told.state, told.said, told.kept) == (state, said, kept)
    assert told.state == replay_one(facts, "A1", on).position["plan_status"]


def test_the_times_of_breach_are_told_with_the_day_that_ended_them(offered):
    _, found = offered("loan")
    facts = with_plan("loan", [plans.agreed(found, "stretch-5", AT).event, LATE])

    told = plans.kept(facts, "A1", date(2026, 7, 25))

    assert [(one.began_on, one.repaired_on) for one in told.breaches] == [
        (date(2026, 6, 21), date(2026, 6, 25)), (date(2026, 7, 21), None),
    ]  # fmt: skip


def test_an_ended_plan_is_told_as_ended_and_no_plan_as_none(offered):
    case, found = offered("loan")
    event = plans.agreed(found, "stretch-5", AT).event
    end = {"at": "2026-07-10T12:00:00+08:00", "kind": "plan_cancelled"}

    assert plans.kept(with_plan("loan", [event, end]), "A1", date(2026, 7, 11)).state == "cancelled"
    assert plans.kept(case.facts, "A1", case.as_of).state == "none"


def test_signing_warns_of_limitation_with_its_clause(offered):
    case, _ = offered("loan")
    later = plans.limitation_of(case.facts, "A1", date(2026, 9, 1))
    over = plans.limitation_of(case.facts, "A1", date(2030, 9, 1))

    assert (later.state, later.clause.id, later.last_on, later.if_today_on) == ("restarts", "CN-LIM-1", date(2029, 7, 10), date(2029, 9, 1))  # fmt: skip
    assert over.state == "over"
    assert "CN-LIM-1" in later.text("zh-CN") and "2029-09-01" in later.text("en")


def test_the_command_says_where_help_is_when_nothing_is_left(tmp_path, capsys):
    budget = tmp_path / "budget.yaml"
    budget.write_text(
        'form: cn_household\ncurrency: CNY\nhousehold: {adults: 1}\nincome: {wages: "1000.00"}\nspending: {food: "1200.00"}\n',
        "utf-8",
    )

    code = main(["plan", "offer", str(CASES / "loan.yaml"), "--budget", str(budget), "--lang", "zh-CN"])

    assert code == 1
    assert "12348" in (told := capsys.readouterr().out) and "没有可用于还款的余额" in told


@pytest.mark.parametrize("amount", ["400.00", "15.00"])
def test_what_answers_a_proposal_can_be_agreed_by_the_command(tmp_path, capsys, amount):
    files = [str(CASES / "loan.yaml"), "--budget", str(CASES / "budget.yaml"), "--propose", amount]

    assert main(["plan", "offer", *files, "--lang", "en"]) == 0
    shown = capsys.readouterr().out
    main(["plan", "offer", *files, "--json"])
    offer = json.loads(capsys.readouterr().out)["proposal"]["offer"]

    assert offer in shown and "Without a plan" in shown
    assert main(["plan", "agree", *files, "--offer", offer, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["offer"] == offer


def test_the_debts_of_one_case_share_what_the_household_can_afford(capsys):
    case = str(CASES.parents[1] / "cases/two-debts-and-questions.yaml")
    budget = ("--budget", str(CASES / "budget.yaml"), "--json")

    told = {}
    for account in ("CARD", "LOAN"):
        main(["plan", "offer", case, *budget, "--account", account])
        told[account] = json.loads(capsys.readouterr().out)
    main(["advise", case, *budget])
    advised = {one["account"]: one["plans"] for one in map(json.loads, capsys.readouterr().out.splitlines())}

    # 500.00 and 5,050.00 are owed
    assert {name: one["share"] for name, one in told.items()} == {"CARD": "219.82", "LOAN": "2220.18"}
    assert {name: one["share"] for name, one in advised.items()} == {"CARD": "219.82", "LOAN": "2220.18"}
    for name, one in told.items():
        own, other = one["creditors"]
        assert (own["name"], own["a_month"], other["owed"]) == (name, one["share"], one["owed_elsewhere"])


def test_a_priority_creditor_is_not_told_of_proportion(tmp_path):
    debts = (plans.Creditor("Council tax", 60_000, 5_000),)
    budget = plans.Budget("household", "GBP", None, 1, 0, {"wages": 100_000}, {"food": 50_000}, debts, (plans.Creditor("Card", 90_000),))  # fmt: skip

    first, other = (
        creditor_letter(plans.shares(budget), share, budget, "A", date(2026, 5, 20), "en").before[1]
        for share in plans.shares(budget)
    )

    assert "comes first" in first and "in proportion" not in first and "50.00 GBP" in first
    assert "in proportion" in other and "450.00 GBP" in other


def test_the_command_checks_its_own_offers_and_names_an_unknown_one(capsys):
    files = [str(CASES / "loan.yaml"), "--budget", str(CASES / "budget.yaml")]

    assert main(["plan", "check", *files, "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["faults"] == []
    assert main(["plan", "agree", *files, "--offer", "gift-1"]) == 2
    assert "there are: settlement-4-287444" in capsys.readouterr().err
