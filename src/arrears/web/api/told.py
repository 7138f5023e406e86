"""What goes wrong, as problem+json: the statuses, what each means, and their place in the description of an operation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel, Field

from arrears.errors import Refusal
from arrears.web.problems import Told

MEDIA = "application/problem+json"


class Fault(BaseModel):
    """One fault of a request."""

    pointer: str = Field(
        description="Where it stands: a JSON pointer into the body, or the name of a parameter.",
        examples=["/events/0/by"],
    )
    detail: str = Field(description="What is wrong there, and what to do.", examples=["is before the promise"])


class Problem(BaseModel):
    """A problem by RFC 9457. Nothing was changed by the request that it answers."""

    type: str = Field(description="Always `about:blank`: `title` says it all.", examples=["about:blank"])
    title: str = Field(description="What is wrong, in a sentence.", examples=["Not here"])
    status: int = Field(description="The status of the answer.", examples=[404])
    errors: list[Fault] | None = Field(
        default=None, description="Every fault that was found; left out where there is no more to say."
    )


#: Status → what it means here, and a title as it is told.
MEANS: dict[int, tuple[str, str]] = {
    400: ("The body cannot be read at all.", "There was an error parsing the body"),
    401: ("No token, or none that is known.", "A token is needed"),
    403: ("The token has not the scope that this needs.", "This token has no scope accounts"),
    404: ("What the address names is not there.", "Not here"),
    409: ("What is asked cannot be done as things stand; `errors` says why. Nothing was changed.", "Nothing was changed"),
    410: ("The list that the cursor was of is no longer there: begin again without it.", "Another night is on the list now"),
    413: ("The body has more than 4 MiB.", "more than 4 MiB"),
    422: ("The request is not in the documented form, or says what cannot be; `errors` names each fault.",
          "The request is not in the documented form"),
    429: ("Too many requests: `Retry-After` says in how many seconds again.", "Too many requests"),
    503: ("The service cannot answer now: its database or a setting is not as it must be.", "Not now"),
}  # fmt: skip


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """`responses` of a route: these problems, and those of every operation with a token."""
    return {status: _told(status) for status in sorted({401, 403, 422, 429, *statuses})}


def only(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """`responses` of a route that asks for no token."""
    return {status: _told(status) for status in statuses}


def _told(status: int) -> dict[str, Any]:
    means, title = MEANS[status]
    example: dict[str, Any] = {"type": "about:blank", "title": title, "status": status}
    if status in (409, 422):
        example["errors"] = [{"pointer": "/events/0/by", "detail": "is before the promise"}]
    told: dict[str, Any] = {
        "description": means,
        "content": {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}},
    }
    if status == 429:
        told["headers"] = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "string"}}}
    return told


@contextmanager
def refused_as(status: int, title: str, under: str = "") -> Iterator[None]:
    """What a room refuses inside is the caller's to mend: a problem of this status. `under`: where in the body its fields stand."""
    try:
        yield
    except Refusal as refusal:
        raise Told(status, title, faults(refusal, under)) from None


def faults(refusal: Refusal, under: str = "") -> list[dict[str, str]]:
    """The findings of a refusal as faults of a body."""
    return [
        {"pointer": pointer(under, found.field), "detail": f"{found.what}; {found.todo}".strip("; ")}
        for found in refusal.findings
    ]


def pointer(under: str, field: str) -> str:
    """A dotted path (`events[0].by`) as a JSON pointer."""
    return under + "".join(f"/{part}" for part in re.findall(r"[^.\[\]]+", field))
