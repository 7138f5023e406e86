"""Readiness, freezes, the credit file, the stage before the court and the offices, from the cases in tests/legal/court."""

from datetime import date
from fractions import Fraction

import pytest

from arrears import money
from arrears.facts.cases import read_case
from arrears.legal import debt_of
from arrears.legal.court_stage import STAGES, court_of
from arrears.legal.court_stage import words as stage_words
from arrears.legal.credit_file import credit_file
from arrears.legal.credit_file import words as credit_words
from arrears.legal.freeze import frozen_of
from arrears.legal.judgment import after_judgment
from arrears.legal.offices import matters, offices
from arrears.legal.ready import Told, readiness, to_attach, words
from arrears.replay import Terms
from tests.conftest import ROOT

CASES = ROOT / "tests/legal/court"
READY = CASES / "cn-ready.yaml"
JUDGED = CASES / "cn-judged-and-frozen.yaml"


def debt_in(path, as_of=None):
    case = read_case(path, Terms.from_mapping)
    return debt_of(case.facts, case.account_ids[0], as_of or case.as_of, case.known_at)


def with_event(tmp_path, path, event):
    """The case with one more event."""
    changed = tmp_path / path.name
    changed.write_text(path.read_text("utf-8").replace("events:\n", f"events:\n  - {event}\n"), "utf-8")
    return changed


NOTHING = Told()


def lines_of(debt, told=NOTHING, uplift=0.12, cost=300):
    return {line.id: line for line in readiness(debt, told, uplift, cost).lines}


def complete(debt):
    return Told(frozenset(item["id"] for item in to_attach(debt)), 12_000_000, 10_000, Fraction(1, 2))


def test_a_plain_claim_with_everything_told_leaves_only_what_people_check():
    debt = debt_in(READY)

    found = readiness(debt, complete(debt))

    assert {line.id for line in found.lines if line.verdict != "ready"} == {"guarantee", "law"}
    assert found.verdict == "to_check"


@pytest.mark.parametrize(
    ("event", "line", "verdict", "says"),
    [
        ("{at: 2025-10-01, kind: dispute_opened}", "dispute", "to_check", "dispute_open"),
        ("{at: 2025-10-01, kind: complaint_opened}", "dispute", "to_check", "complaint_open"),
        ("{at: 2025-10-01, kind: deceased}", "death", "not_ready", "death_yes"),
        ("{at: 2025-10-01, kind: bankruptcy}", "insolvency", "not_ready", "insolvency_yes"),
        ("{at: 2025-10-01, kind: hardship_requested}", "hardship", "to_check", "hardship_open"),
        ("{at: 2025-10-01, kind: represented}", "hardship", "to_check", "hardship_represented"),
        ("{at: 2025-10-01, kind: suit_filed}", "court", "not_ready", "court_suit"),
        ("{at: 2025-10-01, kind: judgment}", "court", "not_ready", "court_judged"),
        ("{at: 2025-10-01, kind: sold}", "claimant", "to_check", "claimant_untold"),
        ('{at: 2025-10-01, kind: promise, amount: "100.00", by: 2025-12-01}', "plan", "to_check", "plan_promise"),
        ('{at: 2025-10-01, kind: payment, amount: "20000.00"}', "amount", "not_ready", "amount_nothing"),
        ("{at: 2025-10-01, kind: demand}", "notices", "to_check", "demand_sent"),
    ],
)
def test_what_speaks_against_a_suit_is_told_on_its_line(tmp_path, event, line, verdict, says):
    debt = debt_in(with_event(tmp_path, READY, event))

    found = lines_of(debt)[line]

    assert (found.verdict, found.says) == (verdict, says)


def test_a_claim_that_costs_more_than_it_is_expected_to_bring_is_not_ready():
    debt = debt_in(READY)

    dear = lines_of(debt, Told(cost_minor=2_000_000, chance=Fraction(1)))["amount"]
    even = lines_of(debt, Told(cost_minor=1_194_450 - 9_861, chance=Fraction(1)))["amount"]
    worth = lines_of(debt, Told(cost_minor=1_194_450 - 9_862, chance=Fraction(1)))["amount"]

    assert [line.verdict for line in (dear, even, worth)] == ["not_ready", "not_ready", "ready"]
    assert "98.61" in worth.text("en")


@pytest.mark.parametrize(
    ("wage", "says"),
    [
        (None, "small_unknown"),
        (2_388_900, "small_yes"),
        (2_388_899, "small_agreed"),
        (597_225, "small_agreed"),
        (597_224, "small_no"),
    ],
)
def test_half_of_the_wage_and_twice_the_wage_bound_small_claims(wage, says):
    assert lines_of(debt_in(READY), Told(wage_minor=wage))["procedure"].says == says


def test_limitation_is_ready_while_it_runs_to_be_checked_near_its_end_and_not_ready_after_it():
    found = [
        lines_of(debt_in(READY, day))["limitation"] for day in (date(2025, 11, 1), date(2028, 7, 1), date(2028, 9, 30))
    ]

    assert [(line.verdict, line.clauses[0].id) for line in found] == [
        ("ready", "CN-LIM-1"), ("to_check", "CN-LIM-1"), ("not_ready", "CN-LIM-1"),
    ]  # fmt: skip


def test_an_english_claim_waits_for_the_thirty_days_of_its_letter_and_a_scottish_one_has_none(tmp_path):
    served = "{at: 2025-06-02, kind: notice_served, notice: letter_of_claim}"
    sent = with_event(tmp_path, CASES / "uk-claim.yaml", served)
    scottish = tmp_path / "scottish.yaml"
    scottish.write_text((CASES / "uk-claim.yaml").read_text("utf-8").replace("GB-ENG", "GB-SCT"), "utf-8")

    told = [lines_of(debt)["notices"] for debt in (
        debt_in(CASES / "uk-claim.yaml"), debt_in(sent, date(2025, 7, 2)), debt_in(sent, date(2025, 7, 3)), debt_in(scottish),
    )]  # fmt: skip

    assert [line.says for line in told] == [
        "claim_letter_none",
        "claim_letter_waits",
        "claim_letter_done",
        "notice_other",
    ]


def test_a_freeze_is_held_against_what_is_owed_and_ends_after_a_year():
    found = frozen_of(debt_in(JUDGED))

    (freeze,) = found.freezes
    assert (found.owed_minor, found.frozen_minor, found.above_minor) == (616_905, 900_000, 283_095)
    assert freeze.ends_on == date(2026, 10, 10)
    assert [frozen_of(debt_in(JUDGED, day)).running != () for day in (date(2026, 10, 10), date(2026, 10, 11))] == [
        True,
        False,
    ]


def test_the_amounts_of_the_case_are_those_that_it_expects():
    expected, debt = read_case(JUDGED, Terms.from_mapping).expect, debt_in(JUDGED)
    judged, found = after_judgment(debt, debt.day), frozen_of(debt)

    got = {
        "doubled": judged.doubled_minor,
        "total": judged.total_minor,
        "frozen": found.frozen_minor,
        "above": found.above_minor,
    }

    assert {name: money.to_text(minor, "CNY") for name, minor in got.items()} == expected


def test_a_release_is_due_once_all_is_paid_and_not_a_cent_before(tmp_path):
    paid = [
        with_event(tmp_path, JUDGED, f'{{at: 2025-11-01, kind: payment, amount: "{amount}"}}')
        for amount in ("6169.04",)
    ]
    short = frozen_of(debt_in(paid[0]))
    full = frozen_of(debt_in(with_event(tmp_path, JUDGED, '{at: 2025-11-01, kind: payment, amount: "6169.05"}')))

    assert (short.owed_minor, short.release_due) == (1, False)
    assert (full.owed_minor, full.release_due) == (0, True)


def test_a_released_account_is_frozen_no_more(tmp_path):
    released = with_event(tmp_path, JUDGED, "{at: 2025-10-20, kind: released, ref: FREEZE}")

    assert frozen_of(debt_in(released)).running == ()


def test_the_stage_before_the_court_follows_the_days_of_the_judgment(tmp_path):
    days = {date(2025, 2, 19): None, date(2025, 2, 20): "suit", date(2025, 6, 20): "performing", date(2025, 7, 3): "performing",
            date(2025, 7, 4): "late", date(2025, 9, 20): "enforcement"}  # fmt: skip

    found = {day: court_of(debt_in(JUDGED, day)) for day in days}
    paid = with_event(tmp_path, JUDGED, '{at: 2025-11-01, kind: payment, amount: "6169.05"}')

    assert {day: court.stage if court else None for day, court in found.items()} == days
    assert court_of(debt_in(paid)).stage == "satisfied"
    assert "1.75" in next(line.text("en") for line in found[date(2025, 7, 4)].lines if line.id == "doubled_runs")


@pytest.mark.parametrize(
    ("event", "day", "expected"),
    [
        (None, None, {"default_lasts", "notice_missing", "removal_not_running"}),
        ("{at: 2025-10-01, kind: notice_served, notice: credit_report}", None, {"default_lasts", "notice_served", "removal_not_running"}),
        ('{at: 2025-10-01, kind: payment, amount: "20000.00"}', None, {"default_ended", "removal_on"}),
        ('{at: 2025-10-01, kind: payment, amount: "20000.00"}', date(2030, 10, 2), {"default_ended", "removal_due"}),
        ("{at: 2025-10-20, kind: dispute_opened}", None, {"default_lasts", "notice_missing", "removal_not_running", "dispute_answer_by"}),
        ("{at: 2025-10-01, kind: dispute_opened}", None, {"default_lasts", "notice_missing", "removal_not_running", "dispute_answer_late"}),
        ("{at: 2025-10-20, kind: sold}", None, {"default_lasts", "notice_missing", "removal_not_running", "sold", "sale_notice_missing"}),
        ("{at: 2025-10-20, kind: charge_off}", None, {"default_lasts", "notice_missing", "removal_not_running", "charge_off"}),
    ],
)  # fmt: skip
def test_the_credit_file_tells_what_happened_and_what_runs(tmp_path, event, day, expected):
    path = with_event(tmp_path, READY, event) if event else READY

    found = credit_file(debt_in(path, day))

    assert {entry.id for entry in found} == expected


def test_the_entry_is_removed_five_years_after_the_default_ended(tmp_path):
    paid = with_event(tmp_path, READY, '{at: 2025-10-01, kind: payment, amount: "20000.00"}')

    (removal,) = [entry for entry in credit_file(debt_in(paid)) if entry.id == "removal_on"]

    assert (removal.on, removal.clauses[0].id) == (date(2030, 10, 1), "CN-CRED-2")


def test_every_matter_has_an_office_inside_and_outside_china_and_what_was_not_checked_is_marked():
    rows = offices("cn")

    assert {name for row in rows for name in row["matters"]} == set(matters())
    assert all(
        row["confirmed"] is False and row["note"]
        for row in offices()
        if row.get("phone") in ("12363", "12378", "12348")
    )
    assert {row["id"] for row in offices("cn", "freeze")} == {"lender-legal", "cn-enforcement-court", "cn-next-court"}


@pytest.mark.parametrize(
    "group",
    [
        words()["says"],
        words()["lines"],
        words()["verdicts"],
        credit_words(),
        stage_words()["lines"],
        stage_words()["stages"],
    ],
)
def test_every_word_stands_in_both_languages_and_fills_in_the_same(group):
    from string import Formatter

    def names(text):
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    assert all(set(word) == {"zh", "en"} and names(word["zh"]) == names(word["en"]) for word in group.values())
    assert set(STAGES) == set(stage_words()["stages"])
