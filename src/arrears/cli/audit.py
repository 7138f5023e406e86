"""`audit`: somebody's contact log held against the law packs."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from arrears.audit import Audit, audit, load_log_mapping
from arrears.cli.books import opened_book
from arrears.cli.out import print_json, print_table
from arrears.facts.book import Book
from arrears.facts.spreadsheet import harmless_text
from arrears.store.urls import is_url

SHOWN = 20
_WORDS = {
    "zh-CN": {"title": "核对联系{contacts}次、规则{clauses}条：违反{found}处", "clause": "规则", "count": "次数", "force": "效力",
              "says": "内容", "source": "出处", "line": "行", "at": "时间（UTC）", "channel": "渠道", "account": "账户", "more": "……另有{n}处，用--report FILE写出全部",
              "not_shown": "本日志无法核对的规则"},
    "en": {"title": "{contacts} contacts against {clauses} clauses: {found} violations", "clause": "clause", "count": "number", "force": "force",
           "says": "what it says", "source": "source", "line": "row", "at": "at (UTC)", "channel": "channel", "account": "account",
           "more": "… and {n} more; --report FILE writes them all", "not_shown": "Clauses that this log cannot show"},
}  # fmt: skip


def audit_(arguments: argparse.Namespace) -> int:
    """`arrears audit`: exit code 1 where a clause was broken."""
    mapping = load_log_mapping(Path(arguments.mapping) if arguments.mapping else None)
    house = [Path(name) for name in arguments.house]
    with _log(arguments) as log:
        found = audit(log, mapping, arguments.pack, house, arguments.law)
    if arguments.report:
        _write(found, Path(arguments.report))
    if arguments.json:
        print_json(found.as_json(arguments.lang))
    else:
        _print(found, arguments.lang)
    return 1 if found.violations else 0


@contextmanager
def _log(arguments: argparse.Namespace) -> Iterator[Path | Book]:
    """What is audited: a file, a folder, or a database's book."""
    if not is_url(arguments.log):
        yield Path(arguments.log)
        return
    named = argparse.Namespace(book=arguments.log, config=arguments.config)
    with opened_book(named) as book:
        yield book


def _print(found: Audit, language: str) -> None:
    say, tongue = _WORDS[language], "zh" if language == "zh-CN" else "en"
    by_id = {rule.id: rule for rule in found.rules}
    print(
        say["title"].format(
            contacts=f"{found.contacts:,}", clauses=len(found.rules), found=f"{len(found.violations):,}"
        )
    )
    if found.violations:
        rows = [
            (clause, f"{number:,}", by_id[clause].force, by_id[clause].says[tongue], by_id[clause].source)
            for clause, number in found.counts().items()
        ]
        print()
        print_table([say[name] for name in ("clause", "count", "force", "says", "source")], rows, right=(1,))
        first = [
            (v.line, v.clause, v.at.isoformat(sep=" ", timespec="seconds"), v.channel, v.account_id)
            for v in found.violations[:SHOWN]
        ]
        print()
        print_table([say[name] for name in ("line", "clause", "at", "channel", "account")], first, right=(0,))
        if len(found.violations) > SHOWN:
            print(say["more"].format(n=f"{len(found.violations) - SHOWN:,}"))
    if found.not_shown:
        print(f"\n{say['not_shown']}:")
        for clause, why in found.not_shown.items():
            print(f"  {clause}: {why}")


def _write(found: Audit, path: Path) -> None:
    """Every violation as CSV; a cell that a spreadsheet would compute gets an apostrophe before it."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow(["row", "clause", "account_id", "event_id", "at", "channel", "outcome"])
        for v in found.violations:
            cells = (v.line, v.clause, v.account_id, v.event_id, v.at.isoformat(), v.channel, v.outcome)
            table.writerow([harmless_text(str(cell)) for cell in cells])
