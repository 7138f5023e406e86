"""Addresses of pages that hold ids: the one way in which they are written, and in which a page reads them back.

An id may have any character. A server reads an address once before it looks for the page, so that an escaped slash would be taken for the end
of the id; slash and the escape sign itself are therefore escaped twice, and `Id` undoes the second time.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import Request
from pydantic import AfterValidator


def _plain(told: str) -> str:
    """An id as it is, from a segment that the server has read once."""
    return told.replace("%2F", "/").replace("%25", "%")


#: An id in the path of a page.
Id = Annotated[str, AfterValidator(_plain)]


def address(path: str, *ids: object) -> str:
    """The path of a page, with each `{}` of it filled by an id: ``address("/desk/accounts/{}/penalty", account_id)``. Without ids as it is."""
    return path.format(*(segment(str(one)) for one in ids)) if ids else path


def segment(text: str) -> str:
    """An id as one segment of a path."""
    return quote(text.replace("%", "%25").replace("/", "%2F"), safe="")


def path_here(request: Request) -> str:
    """The path of the page that is being answered, as it was asked for: with its escapes."""
    raw: bytes = request.scope.get("raw_path") or quote(request.url.path).encode()
    return raw.decode("ascii", "replace")
