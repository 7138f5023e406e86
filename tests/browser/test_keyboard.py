"""Whoever has no pointer reaches the main form of each story by Tab, and sees where they are."""

import pytest

from tests.browser.looked import READERS

FORMS = {
    "/verify": ["text", "code"], "/stand": ["place", "principal", "payments"], "/account/sign-in": ["who"],
    "/desk/sign-in": ["name", "password"],
}  # fmt: skip
MOST = 60
FOCUS = """() => {
  const at = document.activeElement, look = getComputedStyle(at);
  return [at.id || at.type || at.tagName, look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 2];
}"""


@pytest.mark.parametrize("reader", READERS[:1], ids=lambda one: one.language)
def test_the_form_of_every_story_is_reached_by_tab_with_a_visible_focus(visitor):
    for path, fields in FORMS.items():
        visitor.go(path)
        passed = []
        while "submit" not in passed and len(passed) < MOST:
            visitor.page.keyboard.press("Tab")
            name, is_seen = visitor.page.evaluate(FOCUS)
            assert is_seen, f"{path}: nobody sees that {name} has the focus"
            passed.append(name)

        assert [one for one in passed if one in fields] == fields and passed[-1] == "submit", (path, passed)
