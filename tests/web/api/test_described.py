"""The description and the page of the API hold what they say: everything has words and examples, and every example runs."""

import os
import re
import subprocess
import sys

import pytest
import schemathesis
from jsonschema import Draft202012Validator

from arrears.web.tokens import SCOPES
from tests.conftest import ROOT
from tests.web.api.conftest import ALL

PAGE = (ROOT / "docs/reference/api.md").read_text("utf-8")


@pytest.fixture
def store_url(tmp_path):
    """What is described does not depend on the database."""
    return f"sqlite:///{tmp_path / 'store.db'}"


@pytest.fixture
def document(api):
    return api.get("/api/v1/openapi.json").json()


def operations(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_every_operation_parameter_and_answer_has_words(document):
    bare = [
        (name, part)
        for name, operation in operations(document)
        for part, told in (
            ("operation", operation.get("summary") and operation.get("description")),
            *((one["name"], one.get("description")) for one in operation.get("parameters", [])),
            *((status, answer.get("description")) for status, answer in operation["responses"].items()),
        )
        if not told or told == "Successful Response"
    ]

    assert bare == []


def test_the_description_is_valid_openapi_3_1_of_version_one(document):
    schemathesis.openapi.from_dict(document).validate()

    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    assert document["openapi"].startswith("3.1") and all(path.startswith("/api/v1/") for path in document["paths"])
    with pytest.raises(ValueError):
        schemathesis.openapi.from_dict({**document, "paths": {"no-slash": {"get": {}}}}).validate()


def test_every_field_of_a_form_or_answer_has_words(document):
    bare = [
        (name, field)
        for name, schema in document["components"]["schemas"].items()
        for field, told in schema.get("properties", {}).items()
        if not told.get("description") and "const" not in told and field != "kind"
    ]

    assert bare == []


def test_every_error_is_a_problem_and_every_example_fits_its_form(document):
    for _, operation in operations(document):
        for status, answer in operation["responses"].items():
            if status >= "400":
                assert list(answer["content"]) == ["application/problem+json"], (status, answer)
        for media in (operation.get("requestBody") or {}).get("content", {}).values():
            schema = {**media["schema"], "components": document["components"]}
            shown = [one["value"] for one in media.get("examples", {}).values()] + (
                [media["example"]] if "example" in media else []
            )
            for value in shown:
                Draft202012Validator(schema).validate(value)
    for name, call in document["webhooks"].items():
        told = call["post"]["requestBody"]["content"]["application/json"]
        assert told["example"]["type"] == name
        Draft202012Validator(told["schema"]).validate(told["example"])


def test_the_page_names_every_operation_with_its_scope(document):
    table = dict(re.findall(r"^\| `([A-Z]+ /api/v1/[^`]*)` \| `?(\w+)`? \|", PAGE, re.M))

    asked = {
        name: next((scope for one in operation.get("security", []) for scope in one["token"]), "none")
        for name, operation in operations(document)
    }
    assert table == asked
    assert set(asked.values()) == {*SCOPES, "none"}


@pytest.mark.parametrize("language", ["sh", "python"])
def test_every_example_of_the_page_runs(api, language):
    environment = {**os.environ, "BASE": str(api.base_url).rstrip("/"), "TOKEN": ALL}
    blocks = re.findall(rf"```{language}\n(.*?)```", PAGE, re.S)
    lines = [line for block in blocks for line in block.splitlines()] if language == "sh" else blocks
    start = ["sh", "-c"] if language == "sh" else [sys.executable, "-c"]

    done = [
        subprocess.run([*start, line], env=environment, capture_output=True, text=True, timeout=60) for line in lines
    ]

    assert len(done) >= 2
    assert [(one.args[-1], one.stderr) for one in done if one.returncode or not one.stdout] == []
