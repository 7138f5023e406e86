"""The borrower's own pages: what is owed and why, what was sent, paying, promising, saying what is the matter, and what is held."""

from __future__ import annotations

from fastapi import APIRouter

from arrears.web.account import (
    guide_pages,
    held_pages,
    loan_pages,
    message_pages,
    pay_pages,
    penalty_pages,
    plan_pages,
    say_pages,
    standing_pages,
)

router = APIRouter(include_in_schema=False)
for pages in (
    loan_pages,
    plan_pages,
    standing_pages,
    penalty_pages,
    message_pages,
    pay_pages,
    say_pages,
    guide_pages,
    held_pages,
):
    router.include_router(pages.router)
