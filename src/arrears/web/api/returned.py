"""`POST /api/v1/returned/{channel}`: receipts, answers and opt-outs from systems that carry a channel for us (webhooks)."""

from __future__ import annotations

import json
from importlib import resources
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Request
from starlette.responses import Response

from arrears.dispatch.channels.webhook_body import parse_returned
from arrears.web.api.access import Carrier
from arrears.web.api.told import problems, refused_as
from arrears.web.served import served_by

router = APIRouter(prefix="/api/v1", tags=["returned"])
ChannelName = Annotated[
    str,
    Path(
        pattern=r"^[a-z][a-z0-9_-]{0,31}$",
        description="The channel, as `channels:` of arrears.yaml names it.",
        examples=["wechat"],
    ),
]

EXAMPLE = {
    "type": "receipt", "timestamp": "2026-11-24T02:31:00Z",
    "data": {"outcome": "delivered", "attempt_id": "0192f0c0-0000-7000-8000-000000000001"},
}  # fmt: skip


def _body() -> dict[str, Any]:
    """The form of the body, as `parse_returned` checks it."""
    text = resources.files("arrears.dispatch.channels").joinpath("webhook_returned.schema.json").read_text("utf-8")
    return {"required": True, "content": {"application/json": {"schema": json.loads(text), "example": EXAMPLE}}}


@router.post(
    "/returned/{channel}", status_code=204, summary="Hand in what came back", responses=problems(404, 409, 413),
    openapi_extra={"requestBody": _body()},
)  # fmt: skip
async def hand_in(request: Request, channel: ChannelName, client: Carrier) -> Response:
    """Hand in what came back: receipts, answers and opt-outs, in the form of docs/reference/channels/webhook.md. Answered when it is on the
    disk. It needs no idempotency key: the same again changes nothing."""
    served = served_by(request)
    if channel not in served.installation.channels:
        raise HTTPException(404, "No such channel")
    with refused_as(422, "What came back is not in the documented form"):
        told = parse_returned(await request.body(), channel)
    await served.inbox().record(told)
    return Response(status_code=204)
