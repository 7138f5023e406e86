"""The question pages as files: both languages, relative links, no server. The same answers as the service shows."""

from __future__ import annotations

from importlib import resources

from arrears.advise.questions import NAMES
from arrears.web.pages_shown import rendered
from arrears.web.question_pages import shown_answer, titles, words_in
from arrears.web.words import LANGUAGES


def bundle() -> dict[str, bytes]:
    """Every file of the bundle by its path: `index.html` (Chinese), `index.en.html`, `NAME.zh-CN.html`, `NAME.en.html`, `base.css`."""
    css = resources.files("arrears.web").joinpath("assets", "base.css").read_bytes()
    found = {"base.css": css}
    for language in LANGUAGES:
        other = next(one for one in LANGUAGES if one != language)
        common = {"language": language, "other": other, "words": words_in(language), "questions": titles(language)}
        index = rendered("questions_file.html", **common, here=index_name(other), home="")
        found[index_name(language)] = index.encode()
        for name in NAMES:
            page = rendered(
                "question_file.html", **{**common, "questions": [one for one in titles(language) if one[0] != name]},
                advice=shown_answer(name, language), here=f"{name}.{other}.html", home=index_name(language),
            )  # fmt: skip
            found[f"{name}.{language}.html"] = page.encode()
    return found


def index_name(language: str) -> str:
    """The file of the index in a language."""
    return "index.html" if language == "zh-CN" else f"index.{language}.html"
