"""A bundle: the papers of one kind for one debt as PDF files, with an index for people and the same as data.

Pure: the same facts, creditor and days give the same bytes. Every paper says on what facts and which day it rests; what only a person can fill
in is a marked blank that the index lists.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from arrears import money
from arrears.errors import refuse
from arrears.legal.debt import Debt
from arrears.legal.guarantee import Guarantee
from arrears.legal.papers.build import Kind, Values, blocks_of, frame, holds, kinds, papers_of, runs
from arrears.legal.papers.handover import HandedOver, handover, handover_tables
from arrears.legal.papers.press import paper_pdf
from arrears.legal.papers.tables import tables_of
from arrears.legal.papers.values import Brief, Creditor, brief_of, flags_of, open_guarantees, people_of, texts_of

#: What a kind needs, in words.
NEEDS = {
    "due": "needs a sum that is due and unpaid",
    "judged": "needs a judgment whose amount is recorded, and a clause of its law on what runs after it",
    "frozen": "needs a freeze that is in force",
    "satisfied": "needs a debt that is paid in full",
    "sold": "needs the event `sold`",
    "charged_off": "needs the event `charge_off`",
    "recalled": "needs the event `recalled`",
    "guarantee_open": "needs a guarantor whose guarantee period is not over",
    "joint_debtors": "needs a second borrower of the same account",
}
EVENTS = (
    "payment", "payment_reversed", "fee", "waiver", "plan", "acknowledged", "demand", "notice_served", "suit_filed", "judgment",
    "enforcement_applied", "frozen", "released", "sold", "placed", "recalled", "charge_off",
)  # fmt: skip


@dataclass(frozen=True)
class Paper:
    """One paper: its file name, its title, its bytes, how many pages, the blanks in it (ids), and its language."""

    id: str
    file: str
    title: str
    pdf: bytes
    pages: int
    blanks: tuple[str, ...]
    language: str


@dataclass(frozen=True)
class Bundle:
    """The papers of a kind, the first is the index, what the index holds as data, and the files that go beside them."""

    kind: Kind
    papers: tuple[Paper, ...]
    data: Mapping[str, Any]
    beside: Mapping[str, bytes]

    def files(self) -> dict[str, bytes]:
        """Every file by name."""
        data = json.dumps(self.data, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        return {**{paper.file: paper.pdf for paper in self.papers}, **self.beside, "bundle.json": data.encode()}


def bundle_of(debt: Debt, kind_id: str, creditor: Creditor, pay_on: date | None = None) -> Bundle:
    """The bundle of a kind on the debt's day. Refusal for an unknown kind, another law, or facts that the kind needs and the case lacks."""
    kind = _kind(kind_id, debt)
    brief = brief_of(debt, creditor, pay_on or debt.day, kind.language)
    flags = flags_of(brief)
    for need in kind.needs:
        if need not in flags:
            raise refuse("bundle", NEEDS[need], field="--kind", value=kind.id, account=debt.account_id)
    rows = [row for row in papers_of(kind) if holds(row, Values({}, flags, {}, {}))]
    titles = {str(row["id"]): str(row["title"]) for row in rows if "language" not in row}
    over = handover(debt) if kind.handover else ()
    written = [(row, _written_for(brief, row, who)) for row in rows for who in _each(brief, row)]
    papers = [_paper(number, row, kind, own, titles, over) for number, (row, own) in enumerate(written, start=1)]
    data = _data(kind, brief, flags, papers, over)
    return Bundle(kind, (_index(kind, brief, papers, data), *papers), data, {file.name: file.content for file in over})


def _each(brief: Brief, row: Mapping[str, Any]) -> Sequence[Guarantee | str | None]:
    """To whom a paper is written, one paper each; one paper to nobody in particular where it does not say."""
    match row.get("each"):
        case "guarantor":
            return open_guarantees(brief)
        case "debtor":
            return [str(person["person_id"]) for person in people_of(brief, "borrower")]
    return (None,)


def _written_for(brief: Brief, row: Mapping[str, Any], who: Guarantee | str | None) -> Brief:
    language = str(row.get("language", brief.language))
    if isinstance(who, str):
        return replace(brief, language=language, debtor=who)
    return replace(brief, language=language, guarantee=who)


def _kind(kind_id: str, debt: Debt) -> Kind:
    kind = kinds().get(kind_id)
    of_law = ", ".join(kind.id for kind in kinds().values() if kind.law == debt.law) or "none"
    if kind is None:
        raise refuse(
            "bundle",
            "is no kind of bundle",
            field="--kind",
            value=kind_id,
            exit_code=2,
            todo=f"for {debt.law} there are: {of_law}",
        )
    if kind.law != debt.law:
        raise refuse("bundle", f"is a bundle of the law {kind.law}, the account is under {debt.law}", field="--kind", value=kind_id,
                     account=debt.account_id, exit_code=2, todo=f"for {debt.law} there are: {of_law}")  # fmt: skip
    return kind


def _labels(language: str) -> dict[str, str]:
    before, after = ("【待填：", "】") if language == "zh-CN" else ("[to fill in: ", "]")
    return {name: f"{before}{label[language]}{after}" for name, label in frame()["blanks"].items()}


def _paper(
    number: int, row: Mapping[str, Any], kind: Kind, brief: Brief, titles: Mapping[str, str], over: Sequence[HandedOver]
) -> Paper:
    flags = flags_of(brief)
    tables = {**tables_of(brief, titles, flags), **handover_tables(over, brief)}
    values = Values(texts_of(brief), flags, tables, _labels(brief.language))
    blocks = blocks_of(row["blocks"], values)
    pdf = _pdf(str(row["title"]), blocks, kind, brief, bool(row.get("small")))
    file = f"{number:02d}-{row['id']}.pdf"
    return Paper(str(row["id"]), file, str(row["title"]), pdf, _pages(pdf), tuple(sorted(values.used)), brief.language)


def _pdf(title: str, blocks: Sequence[Mapping[str, Any]], kind: Kind, brief: Brief, small: bool = False) -> bytes:
    words, who = frame(), brief.creditor.name or ""
    foot = words["foot"][brief.language].format(
        as_of=brief.day(brief.debt.day), account=brief.debt.account_id, creditor_line=who
    )
    return paper_pdf(
        title, blocks, language=brief.language, on=brief.debt.day, author=who, foot=foot, page=words["page"][brief.language],
        paper=kind.paper, small=small,
    )  # fmt: skip


def _pages(pdf: bytes) -> int:
    """The pages of a file that Typst made: what its page tree counts at its root."""
    return max(int(count) for count in re.findall(rb"/Type\s*/Pages\s*/Count (\d+)", pdf))


def _data(
    kind: Kind, brief: Brief, flags: frozenset[str], papers: Sequence[Paper], over: Sequence[HandedOver]
) -> dict[str, Any]:
    debt = brief.debt
    clauses = [clause for clause, _ in (debt.stack.clauses if debt.stack else ()) if clause.id in kind.clauses]
    blanks = sorted({(name, paper.language) for paper in papers for name in paper.blanks})
    attach = [item["id"] for item in frame()["evidence"] if item.get("attach") and item.get("when", "") in ("", *flags)]
    return {
        "kind": kind.id, "law": kind.law, "by": kind.by, "language": kind.language, "confirmed": kind.confirmed, "account": debt.account_id,
        "as_of": debt.as_of.isoformat(), "pay_on": brief.pay_on.isoformat(), "currency": brief.currency, "figures": _figures(brief),
        "papers": [
            {"id": paper.id, "file": paper.file, "title": paper.title, "language": paper.language, "pages": paper.pages,
             "blanks": list(paper.blanks), "sha256": hashlib.sha256(paper.pdf).hexdigest()}
            for paper in papers
        ],
        "blanks": [
            {"id": name, "language": language, "label": _labels(language)[name],
             "papers": [paper.file for paper in papers if name in paper.blanks and paper.language == language]}
            for name, language in blanks
        ],
        "handover": [{"file": file.name, "rows": file.rows, "sha256": file.sha256} for file in over],
        "attach": attach if any(paper.id == "evidence" for paper in papers) else [],
        "facts": [{"event": str(row["event_id"]), "kind": str(row["kind"]), "on": row["on"].isoformat()} for row in debt.recorded if row["kind"] in EVENTS],
        "clauses": [clause.as_json(kind.language) for clause in clauses],
        "sources": [dict(source) for source in kind.sources],
    }  # fmt: skip


def _figures(brief: Brief) -> dict[str, str]:
    """The amounts that the papers state, as decimal strings."""
    row, later, text = brief.position, brief.later.replayed.position, money.to_text
    found = {f"due_{name}": row[f"due_{name}"] for name in ("fee", "penalty", "interest", "principal", "total")}
    found |= {"not_due_principal": row["not_due_principal"], "due_total_pay_on": later["due_total"]}
    if brief.judged is not None:
        judged = brief.judged
        found |= {"judgment_debt": judged.debt_minor, "judgment_interest": judged.interest_minor, "judgment_costs": judged.costs_minor,
                  "judgment_doubled": judged.doubled_minor, "judgment_total": judged.total_minor}  # fmt: skip
    if brief.frozen.running:
        found |= {"frozen": brief.frozen.frozen_minor, "owed": brief.frozen.owed_minor}
    return {name: text(int(minor), brief.currency) for name, minor in found.items()}


def _index(kind: Kind, brief: Brief, papers: Sequence[Paper], data: Mapping[str, Any]) -> Paper:
    zh = kind.language == "zh-CN"
    values, tongue = Values({}, frozenset(), {}, {}), "zh" if zh else "en"

    def said(text: str) -> list[dict[str, str]]:
        return runs(text, values)

    def table(head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[Any]) -> dict[str, Any]:
        cells = [{"cells": [said(cell) for cell in row], "total": False} for row in rows]
        return {
            "kind": "table",
            "head": [said(cell) for cell in head],
            "rows": cells,
            "right": [],
            "widths": list(widths),
        }

    heads = ("文件", "名称", "页数", "待填") if zh else ("File", "Title", "Pages", "Blanks")
    title = f"卷宗目录：{kind.name[tongue]}" if zh else f"Index: {kind.name[tongue]}"
    blocks: list[dict[str, Any]] = [
        {"kind": "title", "runs": said(title)},
        {"kind": "text", "indent": False, "runs": said(_about(kind, brief))},
        table(heads, [(p.file, p.title, str(p.pages), str(len(p.blanks))) for p in papers], ("auto", 1, "auto", "auto")),
        {"kind": "heading", "runs": said("须由人填写" if zh else "What only a person can fill in")},
        table(("事项", "所在文件") if zh else ("What", "Where"), [(b["label"], ", ".join(b["papers"])) for b in data["blanks"]], (1, 1)),
        {"kind": "heading", "runs": said("依据" if zh else "Sources")},
        table(("来源", "核对") if zh else ("Source", "Checked"), _sources(kind, data, zh), (1, "auto")),
        {"kind": "heading", "runs": said("所依据的事实" if zh else "The facts")},
        table(("日期", "事项", "编号") if zh else ("Date", "Event", "Record"), _facts(data, zh), ("auto", 1, "auto")),
    ]  # fmt: skip
    pdf = _pdf(title, blocks, kind, brief)
    return Paper("index", "00-index.pdf", title, pdf, _pages(pdf), (), kind.language)


def _about(kind: Kind, brief: Brief) -> str:
    if kind.language == "zh-CN":
        return (f"账户{brief.debt.account_id}，截至{brief.day(brief.debt.day)}，利息计算至{brief.day(brief.pay_on)}。"
                "本卷宗由已记录的事实推算编制，须由有权的人核对、填写并签署；不是法律意见，也不预示裁判结果。")  # fmt: skip
    return (f"Account {brief.debt.account_id}, on {brief.day(brief.debt.day)}, interest to {brief.day(brief.pay_on)}. "
            "Made from recorded facts. A person with authority checks, completes and signs it. It is no legal advice and foretells no decision.")  # fmt: skip


CHECKED = {
    "read": ("已核对原文", "read"),
    "secondary": ("据二手资料", "secondary source"),
    "false": ("未核对", "not checked"),
}


def _sources(kind: Kind, data: Mapping[str, Any], zh: bool) -> list[tuple[str, str]]:
    side = 0 if zh else 1
    own = [
        (f"{source['instrument']} {source['article']}", CHECKED[source["confirmed"]][side]) for source in kind.sources
    ]
    return own + [
        (f"{clause['id']}: {clause['source']}", CHECKED[clause["confirmed"]][side]) for clause in data["clauses"]
    ]


def _facts(data: Mapping[str, Any], zh: bool) -> list[tuple[str, str, str]]:
    from arrears.legal.reasoning import words

    names, tongue = words()["kinds"], "zh" if zh else "en"
    rows = [
        (
            row["on"],
            names.get(row["kind"], {}).get(tongue, row["kind"]).partition("（{")[0].partition(" ({")[0],
            row["event"],
        )
        for row in data["facts"]
    ]
    return rows or [("", "无" if zh else "none", "")]
