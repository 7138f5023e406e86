"""That a form was sent from our own page: `checked`, a dependency of every POST behind a sign-in, and `from_here` of those before it.

Each form of a signed-in page has `<input type="hidden" name="csrf" value="{{ who.csrf }}">`; a request by script sends the same value in
the header `X-CSRF`. Beside it the browser's own word (`Sec-Fetch-Site`, `Origin`) must not say that it comes from elsewhere.
"""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from fastapi import HTTPException, Request

from arrears.web.cookies import cookie_of
from arrears.web.session_rows import csrf_of

FIELD, HEADER = "csrf", "x-csrf"
#: Fields and files of one form.
MOST_FIELDS, MOST_FILES = 200, 10


async def checked(request: Request) -> None:
    """403 unless the form is of this session and from here."""
    from_here(request)
    token = cookie_of(request, "staff" if request.url.path.startswith("/desk") else "borrower")
    sent = request.headers.get(HEADER) or await _field(request)
    if token is None or not hmac.compare_digest(csrf_of(token).encode(), sent.encode()):
        raise HTTPException(403, "The form is out of date")


def from_here(request: Request) -> None:
    """403 if the browser says that the request comes from another site."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None and site not in ("same-origin", "none"):
        raise HTTPException(403, "Not from this site")
    if origin is not None and site is None and urlsplit(origin).netloc != request.headers.get("host"):
        raise HTTPException(403, "Not from this site")


async def _field(request: Request) -> str:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return ""
    # kept by the request: the route reads the same form
    found = (await request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS)).get(FIELD)
    return found if isinstance(found, str) else ""
