"""The form of case files is told three times, and each telling agrees: by the reader, in docs/cases.md, in the JSON Schema."""

from __future__ import annotations

import copy
import json
import re
from datetime import date, datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from arrears import calendar, money
from arrears.facts import case_events, cases, schema
from arrears.facts.cases import read_case
from arrears.replay.terms import Terms

ROOT = Path(__file__).parents[2]
DOC = (ROOT / "docs" / "cases.md").read_text("utf-8")
CASES = sorted((ROOT / "tests" / "cases").glob("*.yaml"))


@cache
def form() -> dict[str, Any]:
    text = resources.files("arrears.facts").joinpath("case.schema.json").read_text("utf-8")
    content: dict[str, Any] = json.loads(text)
    return content


def properties(name: str) -> set[str]:
    return set(form()["$defs"][name]["properties"])


def as_json(value: Any) -> Any:
    """A YAML value as an editor sees it: dates and instants are text."""
    if isinstance(value, dict):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return value.isoformat() if isinstance(value, (date, datetime)) else value


def valid(content: Any) -> bool:
    return jsonschema.Draft202012Validator(form()).is_valid(as_json(content))


def load(path: Path) -> Any:
    return YAML(typ="safe", pure=True).load(path.read_text("utf-8"))


def test_the_schema_is_a_json_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(form())


def test_the_schema_has_the_fields_that_the_reader_knows() -> None:
    assert set(form()["properties"]) == set(cases.TOP)
    assert properties("account") == set(cases.ACCOUNT)
    assert properties("instalment") == set(case_events.INSTALMENT)
    assert properties("person") == set(cases.PERSON)
    assert properties("event") == {*case_events.EVENT, *case_events.EVENT_DATA}
    assert properties("question") == set(cases.QUESTION)


def test_the_schema_has_the_words_that_the_reader_knows() -> None:
    defs = form()["$defs"]
    event, account = defs["event"]["properties"], defs["account"]["properties"]
    assert event["kind"]["enum"] == list(schema.KINDS)
    assert event["channel"]["enum"] == list(schema.CHANNELS)
    assert event["direction"]["enum"] == list(schema.DIRECTIONS)
    assert event["outcome"]["enum"] == list(schema.OUTCOMES)
    assert event["freeze"]["items"]["enum"] == list(case_events.FREEZABLE)
    assert account["law"]["enum"] == list(schema.LAWS)
    assert account["currency"]["enum"] == list(money.currencies())
    assert defs["category"]["enum"] == list(schema.CATEGORIES)
    assert defs["basis"]["enum"] == list(calendar.BASES)


def test_terms_in_the_schema_are_terms_that_are_read() -> None:
    whole = {
        name: {inner: _sample(part) for inner, part in kind["properties"].items()}
        if "properties" in kind
        else _sample(kind)
        for name, kind in form()["$defs"]["terms"]["properties"].items()
    }

    terms = Terms.from_mapping(whole, "CNY", lambda field: {"field": field})

    assert terms.allocation_after_days == 3 and terms.interest_basis == "actual/365"


def _sample(kind: dict[str, Any]) -> Any:
    """A value of a field of the terms, as the reader gets it (text)."""
    name = kind.get("$ref", "").rpartition("/")[2]
    if name:
        return {"rate": "0.1", "amount": "5.00", "days": "3", "basis": "actual/365", "date": "2025-01-01"}[name]
    if kind.get("type") == "array":
        return list(schema.CATEGORIES)
    return kind["enum"][0] if "enum" in kind else True


def test_the_page_names_every_field_kind_and_word() -> None:
    prose = re.sub(r"```.*?```", "", DOC, flags=re.DOTALL)
    told = set(re.findall(r"[a-z0-9_]+", " ".join(re.findall(r"`([^`]+)`", prose))))
    known = {
        *cases.TOP, *cases.ACCOUNT, *cases.PERSON, *cases.ADDRESS, *cases.QUESTION, *cases.VERDICTS, *cases.ANSWER,
        *case_events.EVENT, *case_events.EVENT_DATA, *case_events.INSTALMENT, *schema.KINDS, *schema.CHANNELS,
        *schema.DIRECTIONS, *schema.OUTCOMES, *schema.ROLES, *schema.LAWS, *schema.CATEGORIES,
    }  # fmt: skip
    assert known <= told, known - told


def test_the_page_says_what_each_kind_carries() -> None:
    rows = dict(re.findall(r"^\| `([a-z_]+)` \| (.*) \|$", DOC[DOC.index("| kind | carries |") :], re.MULTILINE))
    for kind, names in case_events.DATA_KEYS.items():
        assert set(names) <= set(re.findall(r"`([a-z_]+)`", rows[kind])), kind


def test_the_page_lists_every_code_of_a_fault() -> None:
    table = DOC[DOC.index("| code |") :]
    sources = ("cases", "case_events", "fields", "yaml_text", "expected")
    text = "".join(resources.files("arrears.facts").joinpath(f"{name}.py").read_text("utf-8") for name in sources)
    codes = set(re.findall(r'(?:fault|refuse|Finding)\(\s*"([a-z_]+)"', text))

    assert codes <= set(re.findall(r"`([a-z_]+)`", table)), codes


def test_the_example_of_the_page_is_read_and_valid(tmp_path: Path) -> None:
    path = tmp_path / "example.yaml"
    path.write_text(DOC.split("```yaml\n")[1].split("```")[0], "utf-8")

    assert read_case(path, Terms.from_mapping).account_ids == ("A1",)
    assert valid(load(path))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_every_case_of_the_tests_is_valid_by_the_schema(path: Path) -> None:
    assert valid(load(path))


def test_the_schema_refuses_what_an_editor_can_see() -> None:
    good = load(ROOT / "tests" / "cases" / "penalty-of-ten-days.yaml")
    bad_events = (
        {"at": "2025-02-18", "kind": "paymnt", "amount": "5"},
        {"at": "2025-02-18", "kind": "payment"},
        {"at": "2025-02-18", "kind": "payment", "amount": "-5"},
        {"at": "2025-02-18", "kind": "payment", "amount": "1,000"},
        {"at": "2025-02-18T10:00:00", "kind": "payment", "amount": "5"},
        {"at": "2025-02-18", "kind": "promise", "amount": "5"},
        {"at": "2025-02-18", "kind": "plan"},
        {"at": "2025-02-18", "kind": "contact"},
        {"at": "2025-02-18", "kind": "waiver"},
        {"at": "2025-02-18", "kind": "payment", "amount": "5", "chanel": "call"},
    )
    assert valid(good)
    for event in bad_events:
        case = copy.deepcopy(good)
        case["events"] = [event]
        assert not valid(case), event
    assert valid({**good, "events": [{"at": "2025-02-18", "kind": "adjustment", "amount": "-5"}]})
    assert not valid({**good, "accounts": [{"account": good["account"]}]})
