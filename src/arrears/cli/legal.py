"""`arrears legal dates`: limitation and the last day of each legal step, from case files."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from arrears.cli.account import case_accounts
from arrears.cli.out import print_json, print_table, tell, write_file
from arrears.legal import LegalDate, LegalDates, as_json, debt_of, entries, icalendar, legal_dates
from arrears.legal.reasoning import also_of, reasons_of, warning_of, word, words


def dates(arguments: argparse.Namespace) -> int:
    """`arrears legal dates`."""
    found = list(_asked(arguments))
    for number, one in enumerate(found):
        if arguments.json:
            print_json(as_json(one, arguments.lang))
        else:
            print("\n" if number else "", end="")
            _print(one, arguments.lang)
    if arguments.ics and entries(found):
        write_file(Path(arguments.ics), icalendar(found, arguments.lang).encode())
    elif arguments.ics:
        tell(word("ics", "none", arguments.lang, file=arguments.ics))
    return 0


def _asked(arguments: argparse.Namespace) -> Iterator[LegalDates]:
    """The legal dates of every account of the case files."""
    for case, account_id, as_of in case_accounts(arguments):
        yield legal_dates(debt_of(case.facts, account_id, as_of, case.known_at))


def _print(found: LegalDates, language: str) -> None:
    """A table of all dates, then the reasoning of each."""
    debt = found.debt
    print(word("table", "head", language, account=debt.account_id, day=debt.day))
    columns = words()["table"]["columns"]["zh" if language == "zh-CN" else "en"]
    if found.dates:
        print_table(columns, [_row(one, language) for one in found.dates])
    else:
        print(f"  {word('table', 'none', language)}")
    for one in found.dates:
        print(f"\n{_name(one, language)} [{one.clause.id}]")
        for reason in reasons_of(one, debt, language):
            print(f"  - {reason.text}")
        for text in (warning_of(one, debt, language), also_of(one, language)):
            print(f"  - {text}\n" if text else "", end="")
        says = one.clause.says["zh" if language == "zh-CN" else "en"]
        print(f"  - {word('table', 'says', language, text=says)}")
        print(f"  - {word('table', 'source', language, source=one.clause.source)}")
    print("".join(f"\n! {word('gaps', gap, language)}" for gap in found.gaps))
    print(word("table", "closing", language))


def _row(one: LegalDate, language: str) -> tuple[str, ...]:
    day = str(one.last_on) if one.last_on else "-"
    day = word("table", "provisional", language, on=day) if one.provisional and one.last_on else day
    day = word("table", "not_before", language, on=day) if one.step.form == "not_before" else day
    status, by = word("statuses", one.status, language), word("by", one.step.by, language)
    return day, status, by, _name(one, language), one.clause.id


def _name(one: LegalDate, language: str) -> str:
    name = one.step.name["zh" if language == "zh-CN" else "en"]
    if one.start.guarantee is not None:
        return word("table", "guarantor", language, name=name, person=one.start.guarantee.person_id)
    due_on = one.instalment_due_on
    return word("table", "instalment", language, name=name, due_on=due_on) if due_on else name
