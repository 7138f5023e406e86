"""Every page is looked at by some story, with axe: a template that nobody looks at fails here, before any browser runs."""

from tests.browser.pages import LOOKED_AT, PARTS
from tests.conftest import ROOT

PAGES = ROOT / "src/arrears/web/pages"


def test_every_page_of_the_service_is_looked_at_in_some_story():
    there = {str(path.relative_to(PAGES)) for path in PAGES.rglob("*.html") if not path.name.startswith("_")}

    looked_at = set().union(*LOOKED_AT.values())

    assert looked_at == there - PARTS
    assert there > PARTS
