"""An answer as text (Markdown, which reads as plain text) and as JSON, in either language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from arrears import money
from arrears.advise.answer import Advice
from arrears.advise.cited import Reference
from arrears.advise.offered import schedules
from arrears.advise.said import Figure, Money, Rate, Said, read_words
from arrears.facts.beside import tongue_of
from arrears.law.pages import force_word
from arrears.notice.language import amount_text, date_text
from arrears.plans.answer import offers_json


def turn(name: str, language: str, **figures: str) -> Any:
    """A turn of `turns.yaml`."""
    found = read_words("turns.yaml")[name][tongue_of(language)]
    return found if isinstance(found, list) else str(found).format(**figures)


def as_text(advice: Advice, language: str, ledger: bool = True) -> str:
    """The whole answer as Markdown."""
    rows = [
        f"# {advice.title.text(language)}",
        "",
        turn("as_of", language, on=date_text(advice.on, advice.law, language)),
        "",
    ]
    if advice.refused:
        return "\n".join([*rows, turn("refused", language)]) + "\n"
    for section in advice.sections:
        rows += [f"## {section.title.text(language)}", ""]
        for point in section.points:
            marks = "".join(f"[{number}]" for number in advice.numbers(point.cite))
            rows.append(f"- {point.said.text(language)}{' ' if marks else ''}{marks}")
        rows.append("")
    for title, head, instalments in schedule_tables(advice, language):
        rows += [f"## {title}", "", *_table(head, instalments, "|---:|---|---:|"), ""]
    if ledger and advice.lines:
        table = _table(turn("columns", language), ledger_rows(advice, language), "|---|---|---:|---:|")
        rows += [f"## {turn('ledger', language)}", "", *table, ""]
    rows += [f"## {turn('clauses', language)}", "", *_clauses(advice, language), "", turn("note", language)]
    return "\n".join(rows) + "\n"


def ledger_rows(advice: Advice, language: str) -> list[tuple[str, str, str, str]]:
    """The ledger: day (ISO), what happened, amount, what is due after it."""
    index = 0 if tongue_of(language) == "zh" else 1
    lines = [pair[index] for pair in advice.lines]

    def amount(minor: int) -> str:
        return money.to_shown(minor, advice.currency)

    return [(line.on.isoformat(), line.text, amount(line.amount_minor), amount(line.balance_minor)) for line in lines]


def schedule_tables(advice: Advice, language: str) -> Iterator[tuple[str, list[str], list[tuple[str, ...]]]]:
    """Every instalment of every plan: a title, the heads of the columns, the rows; nothing where no budget was given."""
    head = turn("schedule_columns", language)
    for one in schedules(advice.offered) if advice.offered else ():
        yield one.title.text(language), head, [
            (str(number), date_text(on, advice.law, language), amount_text(minor, advice.currency, language))
            for number, on, minor in one.rows
        ]  # fmt: skip


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], rule: str) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield rule
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"


def _clauses(advice: Advice, language: str) -> Iterator[str]:
    for number, reference in enumerate(advice.references, start=1):
        yield f"{number}. {cited_line(reference, advice.law, language)}"


def cited_line(reference: Reference, law: str, language: str) -> str:
    """What a rule says, and its source behind it."""
    says = reference.says.text(language).rstrip(".。")
    return str(turn("cited", language, says=says, source=source_line(reference, law, language)))


def source_line(reference: Reference, law: str, language: str) -> str:
    """Source, force, day of force, id, and how far it is confirmed, on one line."""
    since = (
        turn("since", language, on=date_text(reference.from_on, law, language))
        if reference.from_on
        else turn("since_unknown", language)
    )
    parts = [
        turn("source", language) + ("：" if tongue_of(language) == "zh" else ": ") + reference.source_in(language),
        force_word(reference, language),
        since,
        reference.id,
    ]
    mark = reference.confirmed_text(language)
    if reference.confirmed != "read":
        mark += ("，" if tongue_of(language) == "zh" else ", ") + turn("unconfirmed", language)
    return " · ".join([*parts, mark])


def as_json(advice: Advice, language: str) -> dict[str, Any]:
    """The answer of `arrears advise --json`; amounts as decimal strings, days ISO, rates as fractions a year."""
    return {
        "account": advice.account_id,
        "as_of": advice.on.isoformat(),
        "law": advice.law,
        "currency": advice.currency,
        "title": advice.title.text(language),
        "refused": advice.refused,
        "figures": {name: _plain(figure, language) for name, figure in sorted(advice.figures.items())},
        "sections": [
            {
                "id": section.id,
                "title": section.title.text(language),
                "points": [
                    {"id": point.id, "text": point.said.text(language), "clauses": list(point.cite)}
                    for point in section.points
                ],
            }
            for section in advice.sections
        ],
        "clauses": [reference.as_json(language) for reference in advice.references],
        "plans": offers_json(advice.offered.offers, language, advice.offered.limitation) if advice.offered else None,
        "not_confirmed": [said.text(language) for said in advice.not_confirmed],
        "note": turn("note", language),
    }


def _plain(figure: Figure, language: str) -> Any:
    if isinstance(figure, Money):
        return money.to_text(figure.minor, figure.currency)
    if isinstance(figure, Rate):
        return f"{figure.ppm / 1_000_000:.6f}".rstrip("0").rstrip(".")
    if isinstance(figure, Said):
        return figure.text(language)
    return figure.isoformat() if isinstance(figure, date) else figure
