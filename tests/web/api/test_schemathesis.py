"""Schemathesis against the running service: what is described is what is answered, and what is not described is refused.

The examples are few and always the same, so that the test takes seconds; `MORE=50` in the environment tries fifty times as many.
"""

import os
from dataclasses import replace

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from arrears.web.limits import Limit, LookUps

CHECKS = (
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
    response_headers_conformance, negative_data_rejection,
)  # fmt: skip
EACH = 8 * int(os.environ.get("MORE", "1"))
OPERATIONS = (
    "GET /api/v1/accounts/{account_id}", "GET /api/v1/accounts/{account_id}/events", "GET /api/v1/accounts/{account_id}/may",
    "GET /api/v1/work", "POST /api/v1/events", "POST /api/v1/payments", "POST /api/v1/plans/offers", "POST /api/v1/plans/agree",
    "POST /api/v1/verify", "GET /api/v1/law/{pack}/clauses", "POST /api/v1/returned/{channel}", "GET /api/v1/health",
)  # fmt: skip
#: How often a client may ask has a test of its own.
UNLIMITED = Limit(burst=10**9, per_minute=1)
#: So that what is asked is sometimes there.
REAL = {"account_id": "LN-000124", "pack": "cn", "channel": "wechat"}


@pytest.fixture
def store_url(tmp_path):
    """The description is the same on both databases."""
    return f"sqlite:///{tmp_path / 'store.db'}"


def at_home(case):
    """A case about what is in the store, where the service was asked nothing wrong."""
    for name in case.path_parameters or {}:
        case.path_parameters[name] = REAL[name]
    case.query = {name: value for name, value in (case.query or {}).items() if name in ("channel", "lang", "limit")}
    body = case.body if isinstance(case.body, dict) else {}
    for part in (body, *(one for one in body.get("events", []) if isinstance(one, dict))):
        if "account" in part:
            part["account"] = REAL["account_id"]
        part.pop("person", None)
    return case


def found_by(api, operation, mode):
    """Ask an operation of the description many things; fails with what Schemathesis found."""
    fit = settings(max_examples=EACH, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
                   suppress_health_check=list(HealthCheck))  # fmt: skip
    asked = []

    @fit
    @given(operation.as_strategy(generation_mode=mode))
    def ask(case):
        one = at_home(case) if mode is GenerationMode.POSITIVE and len(asked) % 2 else case
        asked.append(
            one.call_and_validate(checks=CHECKS, headers={"authorization": api.headers["authorization"]}).status_code
        )

    ask()
    return asked


def described(api):
    """The operations by METHOD and path. Tokens are left out of the description: each case has one, and `tests/web/test_routes.py` tries without."""
    api.app.state.served = replace(api.app.state.served, asked=LookUps(UNLIMITED, UNLIMITED))
    document = api.get("/api/v1/openapi.json").json()
    for methods in document["paths"].values():
        for operation in methods.values():
            operation.pop("security", None)
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=str(api.base_url))
    return {f"{one.ok().method.upper()} {one.ok().path}": one.ok() for one in schema.get_all_operations()}


def test_every_operation_of_the_description_is_tried_below(api):
    assert sorted(described(api)) == sorted(OPERATIONS)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["what-fits", "what-does-not"])
def test_schemathesis_finds_nothing(api, mode):
    operations = described(api)
    if mode is GenerationMode.NEGATIVE:
        operations.pop("GET /api/v1/health")  # takes nothing that could be wrong

    statuses = {name: found_by(api, operation, mode) for name, operation in operations.items()}

    assert all(statuses.values())
    if mode is GenerationMode.POSITIVE:
        # what is recorded has tests of its own: a budget, or an account's currency, is seldom guessed
        assert [name for name, told in statuses.items() if name.startswith("GET") and 200 not in told] == []
