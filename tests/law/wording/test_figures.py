"""Precision and recall on the labelled texts: floors, and the documentation held to what is measured."""

from collections import Counter

import pytest

from arrears.law.wording.families import families
from tests.conftest import ROOT
from tests.law.wording.figures import figures, table
from tests.law.wording.labelled import half_of, labelled

PAGE = (ROOT / "docs/reference/wording.md").read_text("utf-8")


def test_the_set_is_large_enough_in_both_languages_and_both_halves():
    own = [text for text in labelled() if not text.id.startswith("field-")]
    counts = Counter((text.language, half_of(text.id)) for text in own)

    assert len(own) >= 400 and len({text.id for text in labelled()}) == len(labelled())
    assert min(counts.values()) >= 100
    assert {family for text in own for family in text.labels} == set(families())
    assert sum(not text.labels for text in own) >= 100


def test_no_text_stands_twice():
    assert [text for text, times in Counter((text.text, text.recipient, text.legal, tuple(text.amounts.items()),
            text.channel) for text in labelled()).items() if times > 1] == []  # fmt: skip


@pytest.mark.parametrize(
    ("half", "precision", "recall"), [("dev", 0.99, 0.99), ("held_out", 0.95, 0.97), ("field", 0.74, 0.70)]
)
def test_precision_and_recall_do_not_fall(half, precision, recall):
    measured = figures(half)["all"]

    assert measured.precision >= precision and measured.recall >= recall


def test_no_family_of_the_held_out_half_falls_below_its_floor():
    low = {name: (one.precision, one.recall) for name, one in figures("held_out").items()
           if one.precision < 0.75 or one.recall < 0.90}  # fmt: skip

    assert low == {}


def test_the_page_shows_the_figures_that_are_measured():
    assert table() in PAGE


def test_the_page_names_every_family():
    assert [name for name in families() if f"| `{name}` |" not in PAGE.partition("## How good it is")[0]] == []
