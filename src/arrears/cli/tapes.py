"""`check` and `import`: tapes at the door."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from arrears.cli.books import in_database, opened_book, opened_store
from arrears.cli.out import print_json
from arrears.errors import Finding, refuse
from arrears.facts.door import check_tape, import_tape
from arrears.facts.findings import Report
from arrears.facts.mapping import load_mapping
from arrears.replay.terms import load_terms


def check_(arguments: argparse.Namespace) -> int:
    """`arrears check`."""
    mapping = load_mapping(Path(arguments.mapping) if arguments.mapping else None)
    if not (arguments.book or arguments.config):
        return _told(check_tape(_paths(arguments), mapping, None).report, arguments)
    with opened_book(arguments) as book:
        return _told(check_tape(_paths(arguments), mapping, book).report, arguments)


def import_(arguments: argparse.Namespace) -> int:
    """`arrears import`."""
    mapping = load_mapping(Path(arguments.mapping) if arguments.mapping else None)
    terms = [(load_terms(Path(name))[0], Path(name)) for name in arguments.terms]
    if not in_database(arguments):
        return _told(import_tape(_paths(arguments), mapping, Path(arguments.book), terms, arguments.parts), arguments)
    from arrears.store import moving

    with opened_store(arguments, create=True) as (store, personal):
        now = datetime.now(UTC)
        return _told(moving.import_tape(store, _paths(arguments), mapping, personal, terms, now), arguments)


def _paths(arguments: argparse.Namespace) -> list[Path]:
    paths = [Path(name) for name in arguments.tapes]
    for name, path in zip(arguments.tapes, paths, strict=True):
        if path.is_dir():
            raise refuse("file", "is a folder", file=name, exit_code=2, todo="name the files in it")
        if not path.is_file():
            raise refuse("file", "is not there", file=name, exit_code=2)
    return paths


def _told(report: Report, arguments: argparse.Namespace) -> int:
    if arguments.report:
        report.write(Path(arguments.report))
    if arguments.json:
        print_json(report.as_json())
        return 0 if report.clean else 1
    for table, rows in report.rows.items():
        print(f"{table}: {rows:,} rows" + (f", {report.imported[table]:,} new" if table in report.imported else ""))
    if report.note:
        print(report.note)
    if report.clean:
        return 0
    first = report.first()
    for finding in first:
        print(_line(finding), file=sys.stderr)
    total = report.findings.height
    if total > len(first):
        print(f"… and {total - len(first):,} more; --report FILE writes them all", file=sys.stderr)
    counts = ", ".join(f"{code} {n:,}" for code, n in report.counts().items())
    print(f"{total:,} {'fault' if total == 1 else 'faults'}, nothing imported: {counts}", file=sys.stderr)
    return 1


def _line(finding: Finding) -> str:
    return f"arrears: {finding} [{finding.code}]"
