"""The security page against the tests it names: each is there."""

import re

from tests.conftest import ROOT


def test_every_test_that_the_security_page_names_is_there():
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs/security.md").read_text("utf-8")))
    there = {
        name for path in ROOT.glob("tests/**/test_*.py") for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text("utf-8"), re.M)
    }  # fmt: skip

    assert named
    assert named - there == set()
