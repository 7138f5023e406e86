"""`explain`, `why-not` and `may`: one account at a time, from a case file or a book."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from arrears import calendar, show
from arrears.account import Account, as_json, look_at
from arrears.cli.out import print_json, today
from arrears.errors import refuse
from arrears.facts.cases import Case, read_case
from arrears.facts.schema import ACTS, BINDS, CHANNELS, PURPOSES, Facts
from arrears.facts.typed import business_zone
from arrears.law import Asking, Question, Stack, Verdict, history_of, may_together, policy_of, stack, stack_of
from arrears.legal import debt_of
from arrears.legal.court_stage import Court, court_of
from arrears.legal.court_stage import words as court_words
from arrears.pictures import both_pictures, comparison
from arrears.replay import replay_one
from arrears.replay.chart import chart
from arrears.replay.terms import Terms
from arrears.strategy import Ladder, default_ladder, load_ladder


def case_at(path: Path) -> Case:
    """The case in a file."""
    return read_case(path, Terms.from_mapping)


def case_accounts(arguments: argparse.Namespace) -> Iterator[tuple[Case, str, date | datetime]]:
    """Every account of the case files, with the day or instant asked about: the argument's, else the case's, else today."""
    for name in arguments.cases:
        if not Path(name).is_file():
            raise refuse(
                "case", "is not a case file", value=name, exit_code=2, todo="name a file; docs/cases.md has the form"
            )
        case = case_at(Path(name))
        as_of = arguments.as_of or case.as_of or today()
        for account_id in case.account_ids:
            not_before_the_loan(case.facts, account_id, as_of)
            yield case, account_id, as_of


def accounts(arguments: argparse.Namespace) -> Iterator[tuple[Facts, str, Ladder, date | datetime, datetime | None]]:
    """Every account that the arguments name, with what it is to be looked at by: as of when, and by what was known when."""
    for name in arguments.cases:
        if Path(name).is_file():
            case = case_at(Path(name))
            facts, ids, as_of, known_at = case.facts, case.account_ids, case.as_of, case.known_at
        elif arguments.book or arguments.config:
            case, facts, ids, as_of, known_at = None, from_book(arguments, name), (name,), None, None
        else:
            raise refuse("case", "is neither a case file nor, without --book, an account", value=name, exit_code=2)
        as_of = arguments.as_of or as_of or today()
        for account_id in ids:
            ladder = ladder_of(case, arguments.ladder) or default_ladder(_law(facts, account_id))
            not_before_the_loan(facts, account_id, as_of)
            yield facts, account_id, ladder, as_of, _known_at(arguments.known_at, facts, account_id) or known_at


def from_book(arguments: argparse.Namespace, account_id: str) -> Facts:
    """The facts of one account of the book that the arguments name, with the book's terms."""
    from arrears.cli.books import opened_book
    from arrears.night import terms_of

    with opened_book(arguments) as book:
        facts = book.account(account_id)
        if facts is None:
            raise refuse("account", "is not in the book", value=account_id, file=book.name)
        return replace(facts, terms=terms_of(book))


def ladder_of(case: Case | None, named: str | None) -> Ladder | None:
    """The ladder that is named, else the case's own; a path in a case is meant from where the case stands. None: neither says one."""
    if named:
        return load_ladder(named)
    if case is None or not case.strategy:
        return None
    beside = Path(case.file).parent / case.strategy
    return load_ladder(beside if beside.is_file() else case.strategy)


def _law(facts: Facts, account_id: str) -> str:
    return str(facts.accounts.filter(pl.col("account_id") == account_id)["law"][0])


def _zone(facts: Facts, account_id: str) -> str:
    return str(facts.accounts.filter(pl.col("account_id") == account_id).select(business_zone()).item())


def not_before_the_loan(facts: Facts, account_id: str, as_of: date | datetime) -> None:
    """Refuse a day on which there was no loan yet."""
    opened_on = facts.accounts.filter(pl.col("account_id") == account_id)["opened_on"][0]
    day = calendar.local_day(as_of, _zone(facts, account_id)) if isinstance(as_of, datetime) else as_of
    if day < opened_on:
        raise refuse("as_of", f"is before the loan, which was opened on {opened_on}", account=account_id, field="as of",
                     value=str(as_of), exit_code=2, todo="ask for that day or a later one")  # fmt: skip


def _known_at(told: date | datetime | None, facts: Facts, account_id: str) -> datetime | None:
    """The instant; of a day, its end in the account's business zone, as for the day of `--as-of`."""
    if told is None or isinstance(told, datetime):
        return told
    return calendar.end_of_day(told, _zone(facts, account_id))


def asking_of(arguments: argparse.Namespace) -> Asking:
    """Who asks the law and by which rules, as the options say."""
    house = tuple(Path(name) for name in arguments.house)
    for path in house:
        if not path.is_file():
            raise refuse("file", "is not there", file=str(path), exit_code=2)
    return Asking(arguments.binds or "lender", house, policy_of(arguments.blocks))


def explain(arguments: argparse.Namespace) -> int:
    """`arrears explain`."""
    for facts, account_id, ladder, as_of, known_at in accounts(arguments):
        account = look_at(facts, account_id, ladder, as_of, known_at, asking_of(arguments))
        everything = look_at(facts, account_id, ladder, as_of, None, asking_of(arguments)) if known_at else None
        if arguments.svg:
            _write_chart(account, arguments)
        court = court_of(debt_of(facts, account_id, as_of, known_at))
        if arguments.json:
            told = {"court": court.as_json(arguments.lang) if court else None}
            print_json(_explained(account, everything, arguments.lang) | told)
        else:
            print(show.explanation(account, arguments.lang))
            if court is not None:
                print(_court(court, arguments.lang))
            if everything is not None:
                print(comparison(account, everything, arguments.lang))
    return 0


def _court(court: Court, language: str) -> str:
    head = court_words()["head"]["zh" if language == "zh-CN" else "en"]
    return "\n".join([f"{head} {court.name(language)}", *(f"  - {line.text(language)}" for line in court.lines)]) + "\n"


def _write_chart(account: Account, arguments: argparse.Namespace) -> None:
    picture = chart(account.lines(arguments.lang), account.currency, account.day(), arguments.lang)
    Path(arguments.svg).write_text(picture, "utf-8")


def _explained(account: Account, everything: Account | None, language: str) -> dict[str, Any]:
    answer = as_json(account, language)
    return answer if everything is None else answer | both_pictures(account, everything, language)


def why_not(arguments: argparse.Namespace) -> int:
    """`arrears why-not`."""
    for facts, account_id, ladder, as_of, known_at in accounts(arguments):
        if arguments.action not in ladder.ids:
            raise refuse("action", "is no action of the ladder", value=arguments.action, exit_code=2,
                         todo=f"{ladder.name} has: {', '.join(ladder.ids)}")  # fmt: skip
        account = look_at(facts, account_id, ladder, as_of, known_at, asking_of(arguments))
        if arguments.json:
            print_json(show.why_not_json(account, arguments.action, arguments.lang))
        else:
            print(show.why_not(account, arguments.action, arguments.lang))
    return 0


def may(arguments: argparse.Namespace) -> int:
    """`arrears may`."""
    for name in arguments.cases:
        case = case_at(Path(name))
        asked = [_asked(arguments)] if arguments.channel or arguments.act else list(case.questions)
        if not asked:
            raise refuse(
                "question", "asks nothing", file=name, exit_code=2, todo="give --channel, or write `questions:`"
            )
        for question in asked:
            verdict = answer(case, question, arguments)
            if arguments.json:
                print_json(verdict.as_json(arguments.lang))
            else:
                _print_verdict(question, verdict, arguments.lang)
    return 0


def _asked(arguments: argparse.Namespace) -> dict[str, Any]:
    """The question that the options ask."""
    at = arguments.at or datetime.now(UTC)
    if not isinstance(at, datetime):
        raise refuse("instant", "is a day; the guard is asked about an instant", field="--at", exit_code=2)
    names = ("channel", "to", "act", "binds", "number", "place", "purpose")
    return {"at": at.isoformat(), **{name: getattr(arguments, name) for name in names if getattr(arguments, name)}}


def answer(case: Case, question: dict[str, Any], options: argparse.Namespace | None = None) -> Verdict:
    """The guard's answer to a question of a case, about every account that the question names (else the first)."""
    _check_words(case, question)
    at = datetime.fromisoformat(str(question["at"]))
    person = _person(case, question.get("to"))
    roles = {row["person_id"]: str(row["role"]) for row in case.facts.people.iter_rows(named=True)}
    history = history_of((row for row in case.facts.events.iter_rows(named=True) if row["at"] <= at), roles)
    accounts = question.get("accounts") or [case.account_ids[0]]
    policy = policy_of(options.blocks if options else None)
    return may_together([_about(case, question, account, at, person, options) for account in accounts], history, policy)


def _check_words(case: Case, question: dict[str, Any]) -> None:
    """The words that options may give wrong; those of a case file were checked when it was read."""
    for name, known in (("channel", CHANNELS), ("act", ACTS), ("binds", BINDS), ("purpose", PURPOSES)):
        needed = name == "channel" and question.get("act") in (None, "contact")
        if question.get(name) not in known and (needed or question.get(name) is not None):
            raise refuse("question", f"names no {name} that is known", file=case.file, field=name,
                         value=str(question.get(name)), exit_code=2, todo="one of: " + ", ".join(known))  # fmt: skip


def _about(
    case: Case, question: dict[str, Any], account_id: str, at: datetime, person: dict[str, Any],
    options: argparse.Namespace | None,
) -> tuple[Stack, Question]:  # fmt: skip
    """The question about one account, and the stack of packs the account is under."""
    account = case.facts.accounts.row(by_predicate=pl.col("account_id") == account_id, named=True)
    region = (options.region if options else None) or person.get("region")
    house = [Path(file) for file in options.house] if options else []
    named = options.pack if options else []
    laws = stack_of(named, house) if named else stack(str(account["law"]), region, house)
    zones = (person.get("time_zone") or laws.zone, *(person.get("other_zones") or ()))
    by = question.get("by") if question.get("by") in BINDS else None
    return laws, Question(
        channel=question.get("channel"), at=at, zones=zones, role=str(person.get("role") or "borrower"),
        person=person.get("person_id"), accounts=(account_id,), number=question.get("number"),
        place=question.get("place"), purpose=question.get("purpose") or "collection",
        binds=question.get("binds") or by or "lender", lender_kind=account["lender_kind"], product=account["product"],
        region=region, act=question.get("act") or "contact", medium=question.get("medium"),
        invited=bool(question.get("invited")), standing=replay_one(case.facts, account_id, at).position,
    )  # fmt: skip


def _person(case: Case, person_id: str | None) -> dict[str, Any]:
    people = list(case.facts.people.iter_rows(named=True))
    if person_id is None:
        return next((person for person in people if person["role"] == "borrower"), {})
    for person in people:
        if person["person_id"] == person_id:
            return person
    raise refuse("person", "is not in the case", file=case.file, value=person_id, exit_code=2)


def _print_verdict(question: dict[str, Any], verdict: Verdict, language: str) -> None:
    until = f" {verdict.not_before.isoformat()}" if verdict.not_before else ""
    asked = question.get("channel") or question.get("act")
    print(f"{asked} {question['at']}: {verdict.verdict}{until}")
    for clause in (*verdict.clauses, *verdict.requires, *verdict.advisories):
        text = clause.as_json(language)
        print(f"  {clause.id}: {text['text']} ({clause.source}; {clause.force}, {clause.confirmed})")
