"""Inbound texts are sorted as people mean them: cases as data, and what must hold of every text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from arrears.dispatch.sorting import kinds, sort_text

CASES: dict[str, list[Any]] = yaml.safe_load(Path(__file__).with_name("sorting_cases.yaml").read_text("utf-8"))
SEVERAL = CASES.pop("several")


@pytest.mark.parametrize(("kind", "text"), [(kind, str(text)) for kind, texts in CASES.items() for text in texts])
def test_a_text_is_sorted_as_it_is_meant(kind: str, text: str) -> None:
    found = sort_text(text)

    assert found.kind == kind, found
    assert bool(found.matched) == (kind != "other")


@pytest.mark.parametrize("case", SEVERAL, ids=lambda case: case["text"])
def test_a_text_that_says_several_things_is_of_the_first_kind_and_also_of_the_others(case: dict[str, Any]) -> None:
    found = sort_text(case["text"])

    assert (found.kind, list(found.also)) == (case["kind"], case["also"])


@given(st.text(max_size=400))
def test_every_text_is_of_a_known_kind(text: str) -> None:
    found = sort_text(text)

    assert found.kind in kinds()
    assert found.kind not in found.also


@given(
    st.sampled_from([str(text) for text in CASES["opt_out"] if "\n" not in str(text)]),
    st.sampled_from(["", " ", "  \n", "。", "!!", " 。 "]),
)
def test_an_opt_out_stays_one_in_capitals_and_among_signs(text: str, around: str) -> None:
    assert sort_text(around + text.upper() + around).kind == "opt_out"


@given(
    st.sampled_from("tnrq"),
    st.sampled_from(["hank you for the reminder", "umber please", "easons are many", "uestion about the loan"]),
)
def test_a_letter_counts_only_as_the_whole_message(letter: str, rest: str) -> None:
    assert sort_text(letter + " " + rest).kind != "opt_out"
