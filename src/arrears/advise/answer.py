"""The answer to "an SMS came, nobody visited: what now?", computed for one case. One object; text, page, paper and JSON are made from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from arrears.advise.cited import Reference, references_under
from arrears.advise.figures import figures_of, flags_of
from arrears.advise.looked import Looked
from arrears.advise.offered import Offered
from arrears.advise.points import Known, Section, sections_of
from arrears.advise.said import Figure, Said, read_words
from arrears.replay.explain import Line


@dataclass(frozen=True)
class Advice:
    """The whole answer. `references`: the clauses cited, numbered from 1 in their order; `lines`: the ledger in both languages.

    `offered`: the plans, where a budget was given.
    """

    account_id: str
    on: date
    law: str
    currency: str
    title: Said
    refused: bool
    sections: tuple[Section, ...]
    figures: Mapping[str, Figure]
    lines: tuple[tuple[Line, Line], ...]
    references: tuple[Reference, ...]
    not_confirmed: tuple[Said, ...]
    offered: Offered | None = None

    def numbers(self, cite: Sequence[str]) -> list[int]:
        """The numbers of cited clauses."""
        places = {reference.id: number for number, reference in enumerate(self.references, start=1)}
        return [places[one] for one in cite]


def advise(looked: Looked) -> Advice:
    """The whole answer for a case."""
    turns = read_words("turns.yaml")
    return answer_of(looked, Said(turns["title"]["zh"], turns["title"]["en"]), read_words("advice.yaml"))


def answer_of(looked: Looked, title: Said, parts: Sequence[Mapping[str, Any]]) -> Advice:
    """The answer made of the sections named; of an account beyond exact computation, no figure."""
    account = looked.account
    if account.refused:
        return Advice(account.account_id, looked.today, looked.law, account.currency, title, True, (), {}, (), (), ())
    figures = figures_of(looked)
    sections = sections_of(parts, Known(looked, figures, flags_of(looked)))
    cited = dict.fromkeys(one for section in sections for point in section.points for one in point.cite)
    known = references_under(looked.laws)
    lines = tuple(zip(account.lines("zh-CN"), account.lines("en"), strict=True))
    doubts = tuple(
        Said(said["zh"], said["en"])
        for pack in (looked.laws.packs if looked.laws else ())
        for said in pack.not_confirmed
    )
    return Advice(
        account.account_id, looked.today, looked.law, account.currency, title, False, sections, figures, lines,
        tuple(known[one] for one in cited), doubts, looked.offered,
    )  # fmt: skip
