"""The public pages as files: both languages, relative links, no server. What needs a store or the engine is not among them, and they say so."""

from __future__ import annotations

from importlib import resources

from arrears.notice.keys import PublicKeys, published
from arrears.web.check_file import check_file
from arrears.web.letter_files import letter_files
from arrears.web.question_files import question_files
from arrears.web.question_pages import titles
from arrears.web.site_page import INDEX, SitePage
from arrears.web.stand_file import stand_file
from arrears.web.words import LANGUAGES

KEYS = "lender-keys.json"


def site(keys: PublicKeys | None = None, service: str = "") -> dict[str, bytes]:
    """Every file of the site by its name.

    `keys`: a published set that says how to reach its lender; with it signatures are checked on the page, without it that is done by hand.
    `service`: the address of a running service, whose form "Where do I stand?" is then linked.
    """
    found = {"base.css": _asset("base.css")}
    if keys is not None:
        found |= {"check.js": _asset("check.js"), KEYS: published(keys).encode()}
    for language in LANGUAGES:
        page = SitePage(language, keys.lender if keys else None, service.rstrip("/"))
        found |= dict([
            page.file(INDEX, "front_file.html", questions=titles(language)), check_file(page, keys), stand_file(page),
            *letter_files(page), *question_files(page),
        ])  # fmt: skip
    return found


def _asset(name: str) -> bytes:
    return resources.files("arrears.web").joinpath("assets", name).read_bytes()
