"""The description of the API (OpenAPI 3.1): what it says beyond the operations themselves, and the messages that we send (webhooks)."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

from fastapi import FastAPI

from arrears.web.api.told import Problem

SAYS = """What other systems of a lender ask and tell: where an account stands and why, whether a person may be contacted, tonight's list,
what happened elsewhere, plans that fit a budget, whether a message is genuine, and what law says.

Every error is `application/problem+json` (RFC 9457). What records something takes an `Idempotency-Key`. Lists come in pages: follow `next`.
Amounts are decimal strings, days ISO dates, instants RFC 3339 with their offset. Within v1 fields are added, never taken away or given another
meaning."""

TAGS = [
    {"name": "accounts", "description": "Where an account stands, what happened, whether its people may be contacted. Scope `accounts`."},
    {"name": "work", "description": "Tonight's list. Scope `work`."},
    {"name": "events", "description": "What happened elsewhere becomes facts. Scope `events`."},
    {"name": "payments", "description": "Payments of a bank or a provider. Scope `payments`."},
    {"name": "plans", "description": "Plans that fit a budget. Scope `plans`."},
    {"name": "verify", "description": "Whether a message is genuine. Scope `verify`."},
    {"name": "law", "description": "What the law packs say. Scope `law`."},
    {"name": "returned", "description": "What comes back from systems that carry a channel for us. Scope `returned`."},
    {"name": "health", "description": "For whoever watches. No scope."},
    {"name": "webhooks", "description": "What we send. Signed by Standard Webhooks; docs/reference/channels/webhook.md."},
]  # fmt: skip
#: What FastAPI says of an answer without words.
UNSAID = "Successful Response"
EXAMPLE = {
    "type": "message", "timestamp": "2026-11-24T02:30:00Z",
    "data": {
        "attempt_id": "0192f0c0-0000-7000-8000-000000000001", "key": "9f2c", "channel": "voicebot", "to": "+8613800000000", "name": "张三",
        "account_id": "LN-000123", "person_id": "P-LN-000123", "not_after": "2026-11-24T12:00:00Z", "facts": {"due": "1,234.56"},
        "words": {"template": "cn-reminder", "language": "zh-CN", "subject": None, "text": "您好", "html": None,
                  "code": "7K2M-9QXA-TT4", "signature": None},
    },
}  # fmt: skip
RECORDED = {
    "type": "event.recorded", "timestamp": "2026-11-24T02:16:10Z",
    "data": {
        "account_id": "LN-000123", "event_id": "E-17", "kind": "promise", "person_id": "P-LN-000123", "channel": None, "direction": None,
        "outcome": None, "ref": None, "at": "2026-11-24T02:15:00+00:00", "recorded_at": "2026-11-24T02:16:10+00:00", "amount": "500.00",
        "data": {"by": "2026-12-05"}, "currency": "CNY",
    },
}  # fmt: skip


def describe(app: FastAPI) -> None:
    """Complete the application's description."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = plain()
            problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            schemas.update(problem.pop("$defs"))
            schemas["Problem"] = problem
            for methods in document["paths"].values():
                for operation in methods.values():
                    _say_what_answers(operation, schemas)
            document["webhooks"] = _calls()
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def _say_what_answers(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """The words of an answer are those of its form, where the route has none."""
    for answer in operation["responses"].values():
        if answer["description"] == UNSAID:
            reference = answer.get("content", {}).get("application/json", {}).get("schema", {}).get("$ref", "")
            answer["description"] = schemas.get(reference.rpartition("/")[2], {}).get("description", "Done.")


def _calls() -> dict[str, Any]:
    """The calls that we make, each in the form that it is checked by."""
    message = "A message for a person, checked against law right before; the receiver carries it on by its channel."
    event = (
        "A fact that was recorded, told to a receiver that the installation names. An account's events come in the order of their recording; "
        "the same call may come again, and is to be taken once."
    )
    return {
        "message": _call("message", "A message to be carried on", message, "webhook_message", EXAMPLE),
        "event.recorded": _call("event_recorded", "An event that was recorded", event, "webhook_event", RECORDED),
    }


def _call(name: str, summary: str, says: str, form: str, example: dict[str, Any]) -> dict[str, Any]:
    text = resources.files("arrears.dispatch.channels").joinpath(f"{form}.schema.json").read_text("utf-8")
    return {
        "post": {
            "operationId": name, "summary": summary, "tags": ["webhooks"],
            "description": f"{says} Verify `webhook-signature` over `ID.TIMESTAMP.BODY`.",
            "requestBody": {"required": True, "content": {"application/json": {"schema": json.loads(text), "example": example}}},
            "responses": {
                "202": {"description": "Taken. Of a message, `id` in a JSON answer is kept as the provider's reference."},
                "409": {"description": "Taken before: this `webhook-id` is known."},
                "429": {"description": "Not now; with `Retry-After`, not before then."},
            },
        }
    }  # fmt: skip
