"""The front page: both doors, and what a borrower most often comes for first."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from arrears.web.pages_shown import shown_page

router = APIRouter(include_in_schema=False)


@router.get("/")
def home(request: Request, lang: str | None = None) -> Response:
    """What one can do here, one line each."""
    return HTMLResponse(shown_page("home.html", request, lang))
