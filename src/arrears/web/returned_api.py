"""`POST /api/v1/returned/{channel}`: receipts, answers and opt-outs from systems that carry a channel for us (webhooks)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, HTTPException, Request
from starlette.responses import Response

from arrears.dispatch.channels.webhook_body import parse_returned
from arrears.web.served import served_by
from arrears.web.tokens import allowed

router = APIRouter(prefix="/api/v1", tags=["returned"])


@router.post(
    "/returned/{channel}",
    status_code=204,
    responses={401: {"description": "no token"}, 404: {"description": "no such channel"}},
)
async def hand_in(request: Request, channel: str, authorization: Annotated[str | None, Header()] = None) -> Response:
    """Hand in what came back (docs/reference/channels/webhook.md). Answered when it is on the disk; the same again changes nothing."""
    served = served_by(request)
    allowed(served.tokens, authorization, "returned")
    if channel not in served.installation.channels:
        raise HTTPException(404, "No such channel")
    await served.inbox().record(parse_returned(await request.body(), channel))
    return Response(status_code=204)
