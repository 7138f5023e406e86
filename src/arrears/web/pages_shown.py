"""Pages as HTML: the template, the words in the reader's language, and what every page shows of the lender."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

from fastapi import Request
from jinja2 import Environment, FunctionLoader, StrictUndefined

from arrears.notice.writer import house_of
from arrears.web.links import address, path_here
from arrears.web.served import served_by
from arrears.web.tongues import marked
from arrears.web.words import LANGUAGES, language_of, words


def shown_page(template: str, request: Request, lang: str | None, **values: Any) -> str:
    """A page. `lang`: the language asked for in the address. `values` are the page's own."""
    installation = served_by(request).installation
    language = reader_language(request, lang)
    common = {
        "say": words(language), "language": language,
        "other": next(one for one in LANGUAGES if one != language), "path": path_here(request),
        "lender": house_of(installation).name(language), "phone": installation.lender.phone, "site": installation.lender.site,
    }  # fmt: skip
    return rendered(template, **{**common, **values})


def rendered(template: str, **values: Any) -> str:
    """A template with its values alone: for what is no page of a running service. `language` is among the values."""
    return marked(_environment().get_template(template).render(values), values["language"])


def reader_language(request: Request, lang: str | None) -> str:
    """The language of a page: the one asked for, else the browser's, else Chinese."""
    return language_of(lang, request.headers.get("accept-language"))


@cache
def _environment() -> Environment:
    def source(name: str) -> str:
        return resources.files("arrears.web").joinpath("pages", name).read_text("utf-8")

    found = Environment(
        loader=FunctionLoader(source), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    found.globals["page_at"] = address
    return found
