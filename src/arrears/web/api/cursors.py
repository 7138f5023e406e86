"""Cursors: where a page ended, as text that means nothing to whoever holds it. New rows never shift what comes after one."""

from __future__ import annotations

import base64
import binascii
import json

from pydantic import BaseModel, Field

from arrears.web.problems import Told


class Paged(BaseModel):
    """A page of a list."""

    next: str | None = Field(description="The cursor of the next page; null at the end of the list.")


def cursor_of(kind: str, *place: int | str) -> str:
    """The cursor behind a place of a list of this kind."""
    text = json.dumps([kind, *place], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def place_of(kind: str, cursor: str | None, *types: type) -> tuple[int | str, ...] | None:
    """The place that a cursor of this kind names; None without one. A problem for what is none of ours."""
    if cursor is None:
        return None
    try:
        told = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        told = None
    if not isinstance(told, list) or [type(part) for part in told] != [str, *types] or told[0] != kind:
        raise Told(
            422,
            "The cursor is not of this list",
            [{"pointer": "/cursor", "detail": "take `next` of a page of this list"}],
        )
    if any(isinstance(part, int) and not 0 <= part < 2**62 for part in told):
        raise Told(422, "The cursor is not of this list", [{"pointer": "/cursor", "detail": "names no place"}])
    return tuple(told[1:])
