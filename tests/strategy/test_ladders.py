"""Ladders: what is wrong in one is told with file and line; what one says can be read, drawn and compared."""

from __future__ import annotations

from datetime import date
from importlib import resources
from pathlib import Path

import polars as pl
import pytest

from arrears.errors import Refusal
from arrears.facts.cases import read_case
from arrears.replay import replay_one
from arrears.replay.terms import Terms
from arrears.strategy import decide, decision_of, included, load_ladder
from arrears.strategy.show import diagram, difference, table

TEXT = resources.files("arrears.strategy").joinpath("ladders", "cn-consumer.yaml").read_text("utf-8")
CASES = Path(__file__).parent / "cases"

#: What is put into the ladder (what stood there, what stands there now), and the finding: field and what is told of it.
FAULTS = {
    "a column that is not there": ("days_past_due >= 90", "days_pst_due >= 90", "stages[4].when", "did you mean `days_past_due`?"),
    "a function that is not there": ("days_past_due >= 90", "SOUNDEX(law) = 'x'", "stages[4].when", "unsupported function 'soundex'"),
    "SQL that is cut off": ("days_past_due >= 90", "days_past_due >=", "stages[4].when", "is not an SQL expression"),
    "a condition that is a number": ("when: days_past_due >= 90", "when: days_past_due", "stages[4].when", "gives Int64, not true or false"),
    "a cost that is no number": ("cost: 260", "cost: law", "actions[4].cost", "gives Enum, not a number"),
    "a parameter that is not there": ("min_amount: visit_from_amount", "min_amount: visit_from", "actions[4].min_amount", "names no column or parameter"),
    "a parameter that is no number": ("forward_days: 14", "forward_days: nan", "parameters.forward_days", "is not a number (here: nan)"),
    "a stage that is not there": ("stages: [visit, legal]", "stages: [visit, mars]", "actions[4].stages", "names no stage of this ladder (here: mars)"),
    "a channel that is not there": ("channel: visit", "channel: pigeon", "actions[4].channel", "is not a channel (here: pigeon)"),
    "an earlier step that is no channel": ("after: [sms, call, letter]", "after: [smoke]", "actions[4].after", "is not a channel (here: smoke)"),
    "a reason without a condition": ("skip: [nothing_due, came_forward", "skip: [rain, came_forward", "actions[4].skip", "names no condition under `skips` (here: rain)"),
    "a condition without words": ("  vulnerable: vulnerable\n", "  vulnerable: vulnerable\n  rain: vulnerable\n", "skips.rain", "has no words"),
    "half a day": ("repeat_days: 30", "repeat_days: 1.5", "actions[4].repeat_days", "is not a whole number of 0 or more"),
    "an infinite wait": ("repeat_days: 30", "repeat_days: inf", "actions[4].repeat_days", "is not a number (here: inf)"),
    "a field that is not known": ("min_amount: visit_from_amount", "min_amont: 3", "actions[4].min_amont", "is not known"),
    "a name in one language": ("name: {zh: 上门, en: visit}\n    channel", "name: visit\n    channel", "actions[4].name", "both languages"),
    "capacity of an action that is not there": ("visit: {a_night: 600}", "fly: {a_night: 600}", "capacity.fly", "names no action"),
    "a capacity that is no number": ("visit: {a_night: 600}", "visit: {a_night: many}", "capacity.visit", "is not a number (here: many)"),
    "a law that is not known": ("law: cn", "law: prc", "law", "is not one of cn, us"),
    "buckets that go back": ("from: 1}", "from: 41}", "buckets", "do not begin at 0 and go upwards"),
    "two stages of one name": ("{id: court, name", "{id: closed, name", "stages[3].id", "stands twice (here: closed)"),
    "staff that do what nobody asks": ("capacity:\n", "staff:\n  - {id: A, actions: [fly], a_night: 3}\ncapacity:\n", "staff[0].actions", "names no action of this ladder (here: fly)"),
}  # fmt: skip


@pytest.mark.parametrize("title", FAULTS)
def test_a_fault_in_a_ladder_names_file_line_and_field(title: str, tmp_path: Path) -> None:
    old, new, field, told = FAULTS[title]
    path = tmp_path / "ladder.yaml"
    assert old in TEXT
    path.write_text(TEXT.replace(old, new, 1), "utf-8")
    changed = (TEXT[: TEXT.index(old)] + new.rstrip("\n")).count("\n") + 1

    with pytest.raises(Refusal) as refusal:
        load_ladder(path)

    (finding,) = refusal.value.findings
    assert (finding.file, finding.field) == (str(path), field) and told in str(finding)
    assert (finding.line is not None and changed - 3 <= finding.line <= changed) or field == "buckets"


@pytest.mark.parametrize("text", ["", "- a\n", "ladder\n"])
def test_a_file_that_is_no_ladder_is_one_finding(text: str, tmp_path: Path) -> None:
    (tmp_path / "ladder.yaml").write_text(text, "utf-8")

    with pytest.raises(Refusal, match=r"ladder\.yaml:1: is not a ladder"):
        load_ladder(tmp_path / "ladder.yaml")


def position(stem: str) -> tuple[dict[str, object], date]:
    case = read_case(CASES / f"{stem}.yaml", Terms.from_mapping)
    assert isinstance(case.as_of, date)
    return dict(replay_one(case.facts, "V1", case.as_of).position), case.as_of


def test_reasons_that_the_law_gives_name_the_clause_and_the_time() -> None:
    row, as_of = position("visit-is-planned")
    told = {
        "not_before": "2026-09-26 12:00 (Asia/Shanghai)",
        "clauses_zh": "X-1（某法第一条）",
        "clauses_en": "X-1 (an act, article 1)",
    }

    decision = decision_of(load_ladder("cn-consumer"), row, as_of, {"visit": {"law_wait": told}})

    (item,) = [item for item in decision.not_taken if item.action.id == "visit"]
    assert item.reasons[0].zh == "法规要求等待，最早2026-09-26 12:00 (Asia/Shanghai)：X-1（某法第一条）"
    assert item.reasons[0].en == "the law says wait until 2026-09-26 12:00 (Asia/Shanghai): X-1 (an act, article 1)"


#: A condition at its boundary: the case whose position is taken, the column and value that is changed, and what then speaks against a visit.
BOUNDARIES = [
    ("days_past_due", 29, ["not_yet_stage"]),
    ("days_past_due", 30, []),
    ("past_due_total", 299_999, ["not_worth_cost", "balance_too_small"]),
    ("past_due_total", 300_000, ["not_worth_cost"]),
    ("past_due_total", 433_333, ["not_worth_cost"]),
    ("past_due_total", 433_334, []),
    ("past_due_total", 0, ["nothing_due", "not_yet_stage"]),
    ("days_since_last_attempt_visit", 29, ["too_soon"]),
    ("days_since_last_attempt_visit", 30, []),
    ("days_since_last_inbound", 14, ["came_forward"]),
    ("days_since_last_inbound", 15, []),
    ("last_attempt_on_letter", date(2026, 8, 9), ["before_action_first"]),
    ("last_attempt_on_letter", date(2026, 8, 10), []),
    ("last_attempt_on_letter", None, ["before_action_first"]),
]  # fmt: skip


@pytest.mark.parametrize(("column", "value", "expected"), BOUNDARIES)
def test_each_condition_turns_at_its_boundary(column: str, value: object, expected: list[str]) -> None:
    row, as_of = position("visit-is-planned")
    changed = row | {column: value} | ({"due_total": 0, "days_past_due": 0} if value == 0 else {})

    decision = decision_of(load_ladder("cn-consumer"), changed, as_of)

    found = [[reason.id for reason in item.reasons] for item in decision.not_taken if item.action.id == "visit"]
    assert (found[0] if found else []) == expected
    assert (decision.action is not None and decision.action.id == "visit") == (not expected)


def test_the_next_stage_is_told_with_its_day() -> None:
    row, as_of = position("visit-is-planned")  # 46 days past due on 25 September; 90 days on 8 November

    decision = decision_of(load_ladder("cn-consumer"), row, as_of)

    assert decision.next_step is not None
    assert (decision.next_step.stage, decision.next_step.on) == ("legal", date(2026, 11, 8))


def test_where_nothing_more_is_to_come_no_next_stage_is_told() -> None:
    row, as_of = position("nothing-due")
    ladder = load_ladder("cn-consumer")

    ahead = decision_of(ladder, row, as_of).next_step
    nothing = decision_of(ladder, row | {"days_to_next_due": None, "next_due_on": None}, as_of).next_step

    assert ahead is not None and (ahead.stage, ahead.on) == ("reminder", date(2026, 12, 11))
    assert nothing is None


@pytest.mark.parametrize("name", included())
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_ladder_is_shown_with_every_stage_action_and_condition(name: str, language: str) -> None:
    ladder = load_ladder(name)

    text, picture = table(ladder, language), diagram(ladder, language)

    for stage in ladder.stages:
        assert f"  {stage.id}" in text and stage.sql in text and f'{stage.id}["' in picture
    for action in ladder.actions:
        assert action.cost_sql in text and action.gain_sql in text and f"act_{action.id}([" in picture
        assert all(f"({ladder.skips_sql[reason]})" in text for reason in action.skip)
    assert ("预计收益" in text) == (language == "zh-CN") and ("expected gain" in text) == (language == "en")


def test_the_difference_of_two_ladders_names_who_is_treated_otherwise(tmp_path: Path) -> None:
    rows = [position(stem)[0] for stem in ("visit-is-planned", "amount-too-small", "no-address")]
    frame = pl.concat([pl.DataFrame([row], infer_schema_length=None) for row in rows], how="vertical_relaxed")
    frame = frame.with_columns(account_id=pl.Series(["A", "B", "C"]))
    (tmp_path / "mild.yaml").write_text(TEXT.replace("days_past_due >= 30}", "days_past_due >= 60}"), "utf-8")
    before, after = load_ladder("cn-consumer"), load_ladder(tmp_path / "mild.yaml")

    changed = difference(frame, before, after)

    assert difference(frame, before, before).height == 0
    assert changed.select("account_id", "stage_before", "stage_after").rows() == [
        (name, "visit", "phone") for name in "ABC"
    ]
    assert changed.row(0, named=True)["action_before"] == "visit" != changed.row(0, named=True)["action_after"]
    assert decide(frame, before)["action"].cast(pl.String)[0] == "visit"
