"""The security page against the tests it names, and against the numbers of the standard: each is there, once."""

import re
from collections import Counter
from pathlib import Path

import yaml

from tests.conftest import ROOT


def test_every_test_that_the_security_page_names_is_there():
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs/security.md").read_text("utf-8")))
    there = {
        name for path in ROOT.glob("tests/**/test_*.py") for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text("utf-8"), re.M)
    }  # fmt: skip

    assert named
    assert named - there == set()


def test_every_requirement_of_the_standard_at_level_two_has_its_own_row_and_there_is_no_other():
    sections = yaml.safe_load(Path(__file__).with_name("asvs_5_0_0_level_2.yaml").read_text("utf-8"))
    standard = [f"{section}.{number}" for section, told in sections.items() for number in numbers(told)]

    rows = re.findall(r"^\| ([0-9]+\.[0-9]+\.[0-9]+) [^|]+ \| (met|met, one exception|partly|not met|operator|none) \|", (ROOT / "docs/security.md").read_text("utf-8"), re.M)  # fmt: skip

    assert len(standard) == 253
    assert Counter(number for number, _ in rows) == Counter(standard)


def numbers(told):
    """`1-3`, or `1,3`."""
    first, _, last = told.partition("-")
    return range(int(first), int(last) + 1) if last else [int(one) for one in told.split(",")]
