"""Who asks: a client with a token, and the one scope that an operation needs. Asked before anything of the request is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from arrears.web.limits import LookUps
from arrears.web.problems import Told
from arrears.web.served import Served, served_by
from arrears.web.tokens import Token, allowed

BEARER = HTTPBearer(
    auto_error=False, scheme_name="token",
    description="A client's token from `api: tokens:` of arrears.yaml. What is asked for with each operation is the scope it needs.",
)  # fmt: skip


def client_with(scope: str) -> Callable[..., Token]:
    """What a route depends on: the client of the request, 401 without a token, 403 for a token without the scope, 429 for one too many."""

    asked = Security(BEARER, scopes=[scope])

    def known(request: Request, credentials: HTTPAuthorizationCredentials | None = asked) -> Token:
        served = served_by(request)
        client = allowed(served.tokens, request.headers.get("authorization"), scope)
        in_time(served.asked, client.name, served)
        return client

    return known


def in_time(limit: LookUps, name: str, served: Served) -> None:
    """429 if `name` has to wait, with when it may ask again."""
    seconds = limit.wait(name, served.now())
    if seconds:
        raise Told(429, "Too many requests", headers={"retry-after": str(round(seconds + 0.5))})


Payer = Annotated[Token, Depends(client_with("payments"))]
Carrier = Annotated[Token, Depends(client_with("returned"))]
Reader = Annotated[Token, Depends(client_with("accounts"))]
Worker = Annotated[Token, Depends(client_with("work"))]
Recorder = Annotated[Token, Depends(client_with("events"))]
Planner = Annotated[Token, Depends(client_with("plans"))]
Verifier = Annotated[Token, Depends(client_with("verify"))]
LawReader = Annotated[Token, Depends(client_with("law"))]
