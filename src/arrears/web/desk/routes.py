"""All routes of the desk."""

from __future__ import annotations

from fastapi import APIRouter

from arrears.web.desk import (
    account_pages,
    adjustment_pages,
    answer_pages,
    approval_pages,
    call_pages,
    case_pages,
    figure_pages,
    law_pages,
    list_pages,
    log_pages,
    penalty_pages,
    round_pages,
    stop_pages,
    strategy_pages,
)

router = APIRouter()
for part in (
    list_pages, account_pages, penalty_pages, call_pages, case_pages, answer_pages, adjustment_pages, approval_pages, round_pages, figure_pages, strategy_pages, stop_pages,
    law_pages, log_pages,
):  # fmt: skip
    router.include_router(part.router)
