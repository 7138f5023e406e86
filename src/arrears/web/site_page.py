"""One page of the public site as files: what every one of them shows, in one language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from arrears.installation import Lender
from arrears.notice.slots import House
from arrears.web.pages_shown import rendered
from arrears.web.question_pages import words_in
from arrears.web.words import LANGUAGES, site_words, words

INDEX = "index"


@dataclass(frozen=True)
class SitePage:
    """A language of the site, whose site it is, and where its service runs: a lender with published keys, or nobody in particular."""

    language: str
    lender: Lender | None = None
    service: str = ""

    @property
    def shown_lender(self) -> dict[str, str] | None:
        """Whose site it is, as the templates show it."""
        told = self.lender
        if told is None:
            return None
        return {"id": told.id, "name": House(told).name(self.language), "phone": told.phone, "site": told.site}

    def file(self, name: str, template: str, **values: Any) -> tuple[str, bytes]:
        """A page by its file."""
        other = next(one for one in LANGUAGES if one != self.language)
        page = rendered(
            template, language=self.language, other=other, here=file_of(name, other), home="" if name == INDEX else file_of(INDEX, self.language),
            words=words_in(self.language), site=site_words(self.language), say=words(self.language), lender=self.shown_lender,
            service=self.service, **values,
        )  # fmt: skip
        return file_of(name, self.language), page.encode()


def file_of(name: str, language: str) -> str:
    """The file of a page in a language. The Chinese index is what a web host shows first."""
    return f"{INDEX}.html" if (name, language) == (INDEX, "zh-CN") else f"{name}.{language}.html"
