"""The questions that overdue borrowers ask most: each a page of words over a worked example, computed by the code that looks at every case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

from arrears.advise.answer import Advice, answer_of
from arrears.advise.looked import Looked, look
from arrears.advise.said import Said, read_words
from arrears.facts.cases import Case, case_of
from arrears.facts.yaml_text import parse_yaml
from arrears.law import PLAIN, Asking
from arrears.replay.terms import Terms
from arrears.strategy import default_ladder

#: In the order in which the index shows them.
NAMES = (
    "sms-no-visit", "visit", "agree-repayment", "penalty-interest", "no-further-interest", "deferral", "lender-stopped",
    "one-year", "six-years", "frozen-wallet", "which-department",
)  # fmt: skip


@dataclass(frozen=True)
class Question:
    """A question, its first words of answer, and the sections of its page."""

    name: str
    title: Said
    parts: Sequence[Mapping[str, Any]]


@cache
def question(name: str) -> Question:
    """A question by its name. KeyError if there is none."""
    if name not in NAMES:
        raise KeyError(name)
    words = read_words(f"questions/{name}.yaml")
    return Question(name, Said(words["title"]["zh"], words["title"]["en"]), words["sections"])


@cache
def example_of(name: str) -> Case:
    """The case of a question's worked example."""
    text = resources.files("arrears.advise").joinpath("cases", f"{name}.yaml").read_text("utf-8")
    return case_of(parse_yaml(text, f"cases/{name}.yaml"), Terms.from_mapping)


@cache
def answered(name: str) -> Advice:
    """A question answered over its example, on the example's own day. KeyError if there is none."""
    asked = question(name)
    return answer_of(looked_at(name), asked.title, asked.parts)


@cache
def looked_at(name: str) -> Looked:
    """A question's example as it stood on its own day. KeyError if there is none."""
    return _looked(example_of(name))


@cache
def untouched(name: str) -> Looked:
    """The same loan to which nothing has happened yet, an agency collecting: what the law says of anybody."""
    case = example_of(name)
    return _looked(replace(case, facts=replace(case.facts, events=case.facts.events.clear())), Asking("agency"))


def _looked(case: Case, asking: Asking = PLAIN) -> Looked:
    assert case.as_of is not None
    law = str(case.facts.accounts["law"][0])
    return look(case.facts, case.account_ids[0], default_ladder(law), case.as_of, case.known_at, asking)
