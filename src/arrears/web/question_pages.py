"""The public question pages: each answers over a worked example, with the clauses under it and a way to one's own loan."""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import HTMLResponse, Response

from arrears.advise.questions import NAMES, answered, question
from arrears.web.advice_page import advice_shown
from arrears.web.pages_shown import reader_language, shown_page
from arrears.web.words import question_words

router = APIRouter(include_in_schema=False)


@router.get("/questions")
def index(request: Request, lang: str | None = None) -> Response:
    """All questions."""
    language = reader_language(request, lang)
    page = shown_page("questions.html", request, lang, words=words_in(language), questions=titles(language))
    return HTMLResponse(page)


@router.get("/questions/{name}")
def one(request: Request, name: str, lang: str | None = None) -> Response:
    """One question answered. 404 if there is none of that name."""
    if name not in NAMES:
        raise HTTPException(404)
    language = reader_language(request, lang)
    page = shown_page(
        "question.html", request, lang, words=words_in(language), advice=shown_answer(name, language),
        questions=[(other, title) for other, title in titles(language) if other != name],
    )  # fmt: skip
    return HTMLResponse(page)


def titles(language: str) -> list[tuple[str, str]]:
    """The questions: name and title."""
    return [(name, question(name).title.text(language)) for name in NAMES]


@cache
def shown_answer(name: str, language: str) -> dict[str, Any]:
    """What a page shows of an answer. The example has a day of its own, so the answer is the same for everybody."""
    return advice_shown(answered(name), language)


def words_in(language: str) -> dict[str, str]:
    """The words of the pages in one language."""
    return question_words(language)
