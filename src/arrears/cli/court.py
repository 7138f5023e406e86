"""`arrears legal ready`, `bundle`, `freeze`, `credit-file`, `offices`: the court and what is around it, from case files."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import Any

from arrears import money
from arrears.cli.account import case_accounts, ladder_of
from arrears.cli.out import print_json, print_table
from arrears.errors import refuse
from arrears.legal import Debt, debt_of
from arrears.legal.credit_file import as_json as credit_json
from arrears.legal.credit_file import credit_file
from arrears.legal.freeze import frozen_of
from arrears.legal.freeze_answer import as_json as frozen_json
from arrears.legal.freeze_answer import lines_of
from arrears.legal.offices import as_json as office_json
from arrears.legal.offices import matters, offices
from arrears.legal.ready import Told, readiness, to_attach, words
from arrears.legal.ready import as_json as ready_json
from arrears.strategy import Ladder, default_ladder


def debts(arguments: argparse.Namespace) -> Iterator[tuple[Debt, Ladder]]:
    """Every debt of the case files, on the day asked about, with its ladder."""
    for case, account_id, as_of in case_accounts(arguments):
        debt = debt_of(case.facts, account_id, as_of, case.known_at)
        yield debt, ladder_of(case, None) or default_ladder(debt.law)


def ready(arguments: argparse.Namespace) -> int:
    """`arrears legal ready`."""
    for debt, ladder in debts(arguments):
        legal = next((action for action in ladder.actions if action.id == "legal_review"), None)
        cost = float(legal.cost_sql) if legal and legal.cost_sql.replace(".", "", 1).isdigit() else None
        found = readiness(debt, _told(arguments, debt), ladder.parameters.get("legal_uplift"), cost)
        if arguments.json:
            print_json(ready_json(found, arguments.lang))
            continue
        tongue = "zh" if arguments.lang == "zh-CN" else "en"
        said = words()
        print(f"{debt.account_id}  {debt.day}  {said['verdicts'][found.verdict][tongue]}")
        rows = [(said["lines"][line.id][tongue], said["verdicts"][line.verdict][tongue], line.text(arguments.lang),
                 ", ".join(clause.id for clause in line.clauses)) for line in found.lines]  # fmt: skip
        print_table(said["columns"][tongue], rows)
        print(said["closing"][tongue])
    return 0


def _told(arguments: argparse.Namespace, debt: Debt) -> Told:
    have = frozenset(name for text in arguments.have for name in text.split(",") if name)
    known = [item["id"] for item in to_attach(debt)]
    unknown = sorted(have - set(known))
    if unknown:
        raise refuse("evidence", "is no evidence of this case", field="--have", value=unknown[0], exit_code=2,
                     todo=f"it may be: {', '.join(known)}")  # fmt: skip
    return Told(
        have, _minor("--wage", arguments.wage, debt), _minor("--cost", arguments.cost, debt), _share(arguments.chance)
    )


def _minor(option: str, text: str | None, debt: Debt) -> int | None:
    try:
        return None if text is None else money.to_minor(text, str(debt.row["currency"]))
    except ValueError as fault:
        raise refuse("amount", str(fault), field=option, value=text or "", exit_code=2) from None


def _share(text: str | None) -> Fraction | None:
    if text is None:
        return None
    try:
        share = Fraction(Decimal(text))
    except (InvalidOperation, ValueError):
        share = Fraction(-1)
    if not 0 <= share <= 1:
        raise refuse(
            "chance", "is not a share from 0 to 1", field="--chance", value=text, exit_code=2, todo="write 0.6 for 60%"
        )
    return share


def freeze(arguments: argparse.Namespace) -> int:
    """`arrears legal freeze`."""
    for debt, _ in debts(arguments):
        found, living = frozen_of(debt), _minor("--living", arguments.living, debt)
        if arguments.json:
            print_json(frozen_json(debt, found, living, arguments.persons, arguments.lang))
        else:
            print(f"{debt.account_id}  {debt.day}")
            for text in lines_of(debt, found, living, arguments.persons, arguments.lang):
                print(f"  - {text}")
    return 0


def file(arguments: argparse.Namespace) -> int:
    """`arrears legal credit-file`."""
    for debt, _ in debts(arguments):
        entries = credit_file(debt)
        if arguments.json:
            print_json(credit_json(debt, entries, arguments.lang))
            continue
        print(f"{debt.account_id}  {debt.day}")
        for entry in entries:
            ids = ", ".join(clause.id for clause in entry.clauses)
            print(f"  - {entry.text(arguments.lang)}{f' [{ids}]' if ids else ''}")
    return 0


def desks(arguments: argparse.Namespace) -> int:
    """`arrears legal offices`."""
    if arguments.matter is not None and arguments.matter not in matters():
        raise refuse(
            "matter",
            "is no matter",
            field="--matter",
            value=arguments.matter,
            exit_code=2,
            todo=f"known: {', '.join(matters())}",
        )
    rows = [office_json(row, arguments.lang) for row in offices(arguments.law, arguments.matter)]
    if arguments.json:
        for row in rows:
            print_json(row)
        return 0
    heads = ("部门", "事项", "职责", "联系") if arguments.lang == "zh-CN" else ("office", "matters", "does", "reach")
    print_table(heads, [_office(row) for row in rows])
    return 0


def _office(row: dict[str, Any]) -> tuple[str, ...]:
    reach = " ".join(text for text in (row["phone"], row["site"], f"({row['note']})" if row["note"] else None) if text)
    return row["name"], ", ".join(matter["name"] for matter in row["matters"]), row["does"], reach


def bundle(arguments: argparse.Namespace) -> int:
    """`arrears legal bundle`."""
    from arrears.legal.papers import bundle_of

    for debt, _ in debts(arguments):
        if arguments.account and debt.account_id != arguments.account:
            continue
        found = bundle_of(debt, arguments.kind, _creditor(arguments, debt), _pay_on(arguments.pay_on, debt))
        folder = _write(Path(arguments.out), found.files())
        if arguments.json:
            print_json(found.data)
        else:
            print(f"{debt.account_id}: {folder}")
            heads = ("文件", "名称", "页数") if arguments.lang == "zh-CN" else ("file", "title", "pages")
            print_table(heads, [(paper.file, paper.title, str(paper.pages)) for paper in found.papers], (2,))
        return 0
    raise refuse(
        "account", "is in none of the case files", field="--account", value=arguments.account or "", exit_code=2
    )


def _pay_on(told: date | datetime | None, debt: Debt) -> date | None:
    day = told.date() if isinstance(told, datetime) else told
    if day is not None and day < debt.day:
        raise refuse(
            "pay_on", f"is before {debt.day}, the day asked about", field="--pay-on", value=str(day), exit_code=2
        )
    return day


def _creditor(arguments: argparse.Namespace, debt: Debt) -> Any:
    """The creditor of the installation that --config names; all blank without one."""
    from arrears.installation import load_installation
    from arrears.legal.papers import Creditor, kinds

    if not arguments.config:
        return Creditor()
    lender = load_installation(Path(arguments.config)).lender
    kind = kinds().get(arguments.kind)
    tongue = "zh" if kind is not None and kind.language == "zh-CN" else "en"
    return Creditor(lender.name.get(tongue), lender.address.get(tongue), lender.phone, lender.site)


def _write(folder: Path, files: dict[str, bytes]) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
    except OSError as fault:
        raise refuse("file", f"cannot be written: {fault.strerror}", file=str(folder), exit_code=2) from fault
    return folder
