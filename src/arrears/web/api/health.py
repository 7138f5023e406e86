"""`GET /api/v1/health`: whether the service and its database answer. For whoever watches; it says nothing else."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from arrears import __version__
from arrears.errors import Refusal
from arrears.web.api.told import only
from arrears.web.problems import Told
from arrears.web.served import served_by

router = APIRouter(prefix="/api/v1", tags=["health"])


class Health(BaseModel):
    """The service answers, and so does its database."""

    status: Literal["ok"] = Field(description="Always `ok`: anything else is a problem of status 503.", examples=["ok"])
    version: str = Field(description="The version of arrears.", examples=[__version__])


@router.get("/health", summary="Does it answer", responses=only(422, 503))
def health(request: Request) -> Health:
    """Whether the service can read its database. Needs no token."""
    try:
        with served_by(request).store.read() as connection:
            connection.execute(text("SELECT 1"))
    except (DBAPIError, Refusal):
        raise Told(503, "The database does not answer") from None
    return Health(status="ok", version=__version__)
