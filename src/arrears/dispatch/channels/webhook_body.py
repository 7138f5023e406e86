"""The bodies of webhooks, out and in. Their schemas stand beside this file; pure.

Out: `webhook_message.schema.json` for a message, `webhook_event.schema.json` for an event that was recorded. In, for whatever the receiver's side reports: `webhook_returned.schema.json`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

from arrears.dispatch.channel import Message, Returned
from arrears.errors import Refusal, refuse
from arrears.facts.event_json import event_json

MOST_BYTES = 256 << 10
KINDS = ("receipt", "inbound", "bounce", "opt_out")
OUTCOMES = ("delivered", "failed")
_FIELDS = {"provider_ref": 200, "attempt_id": 36, "outcome": 20, "sender": 320, "text": 10_000, "detail": 200}
#: What each kind cannot do without.
_NEEDED = {"receipt": ("outcome",), "inbound": ("sender", "text"), "bounce": (), "opt_out": ("sender",)}


def message_body(message: Message, now: datetime) -> bytes:
    """The body of a call that hands `message` over, as UTF-8 JSON."""
    words = message.words
    data = {
        "attempt_id": message.attempt_id,
        "key": message.key,
        "channel": message.channel,
        "to": message.to,
        "name": message.name,
        "account_id": message.account_id,
        "person_id": message.person_id,
        "not_after": _instant(message.not_after) if message.not_after else None,
        "facts": dict(message.facts),
        "words": {
            "template": words.template,
            "language": words.language,
            "subject": words.subject,
            "text": words.text,
            "html": words.html,
            "code": words.code,
            "signature": words.signature,
        },
    }
    return as_json({"type": "message", "timestamp": _instant(now), "data": data})


def event_body(row: Mapping[str, Any], currency: str) -> bytes:
    """The body of a call that tells of an event, a row of `facts.schema` events without what is sealed. The same however often it is told."""
    data = {"account_id": row["account_id"], **event_json(row, currency), "currency": currency}
    return as_json({"type": "event.recorded", "timestamp": _instant(row["recorded_at"]), "data": data})


def as_json(content: Mapping[str, Any]) -> bytes:
    """Compact UTF-8 JSON; what no UTF-8 can hold is marked."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def parse_returned(body: bytes, channel: str) -> Returned:
    """What a verified call of the receiver's side reports for the channel that it carries. Refusal that names the field where the body is unfit."""
    if len(body) > MOST_BYTES:
        raise _unfit("", f"is longer than {MOST_BYTES} bytes")
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        raise _unfit("", "is not JSON in UTF-8") from None
    if not isinstance(content, dict) or not isinstance(content.get("data"), dict):
        raise _unfit("data", "must be an object")
    kind, data = content.get("type"), content["data"]
    if kind not in KINDS:
        raise _unfit("type", f"must be one of {', '.join(KINDS)}")
    _known(content, ("type", "timestamp", "data"), "")
    _known(data, tuple(_FIELDS), "data.")
    texts = {name: _text(data, name, most) for name, most in _FIELDS.items()}
    for name in _NEEDED[kind]:
        if texts[name] is None:
            raise _unfit(f"data.{name}", "is missing")
    if kind in ("receipt", "bounce") and texts["provider_ref"] is None and texts["attempt_id"] is None:
        raise _unfit("data.attempt_id", "or data.provider_ref is missing")
    if texts["outcome"] not in (None, *OUTCOMES):
        raise _unfit("data.outcome", f"must be one of {', '.join(OUTCOMES)}")
    texts["detail"] = texts["detail"] or ""
    return Returned(kind=cast(Any, kind), channel=channel, at=_at(content), **cast(Any, texts))


def _at(content: Mapping[str, Any]) -> datetime:
    try:
        at = datetime.fromisoformat(str(content.get("timestamp")))
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise _unfit("timestamp", "must be an instant with its offset, such as 2026-11-24T02:30:00Z")


def _text(data: Mapping[str, Any], name: str, most: int) -> str | None:
    found = data.get(name)
    if found is None:
        return None
    if not isinstance(found, str) or not found.strip() or len(found) > most:
        raise _unfit(f"data.{name}", f"must be a text of 1 to {most} characters")
    if name != "text" and not found.isprintable():
        raise _unfit(f"data.{name}", "must be on one line")
    return found


def _known(content: Mapping[str, Any], names: tuple[str, ...], prefix: str) -> None:
    unknown = sorted(set(content) - set(names))
    if unknown:
        raise _unfit(f"{prefix}{unknown[0]}"[:100], "is not a field here", f"known: {', '.join(names)}")


def _unfit(field: str, what: str, todo: str = "") -> Refusal:
    return refuse("webhook", what, field=field or "body", todo=todo)
