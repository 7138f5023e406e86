"""`explain`, `why-not` and `may`: one account at a time, from a case file or a book."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from arrears import show
from arrears.account import Account, as_json, look_at
from arrears.cli.out import print_json, today
from arrears.errors import refuse
from arrears.facts.cases import Case, read_case
from arrears.facts.schema import Facts
from arrears.law import Question, Verdict, contacts_of, load_pack
from arrears.law import may as ask
from arrears.night import default_ladder, terms_of
from arrears.replay import replay_one
from arrears.replay.chart import chart
from arrears.replay.terms import Terms
from arrears.strategy import Ladder, load_ladder


def case_at(path: Path) -> Case:
    """The case in a file."""
    return read_case(path, Terms.from_mapping)


def accounts(arguments: argparse.Namespace) -> Iterator[tuple[Facts, str, Ladder, date | datetime, datetime | None]]:
    """Every account that the arguments name, with what it is to be looked at by."""
    for name in arguments.cases:
        if Path(name).is_file():
            case = case_at(Path(name))
            as_of = arguments.as_of or case.as_of or today()
            for account_id in case.account_ids:
                yield (
                    case.facts,
                    account_id,
                    _ladder(arguments, case, account_id),
                    as_of,
                    arguments.known_at or case.known_at,
                )
        elif arguments.book:
            facts = from_book(Path(arguments.book), name)
            yield facts, name, _ladder(arguments, None, name, facts), arguments.as_of or today(), arguments.known_at
        else:
            raise refuse("case", "is neither a case file nor, without --book, an account", value=name, exit_code=2)


def from_book(path: Path, account_id: str) -> Facts:
    """The facts of one account of a book, with the book's terms."""
    from arrears.facts.book import open_book

    book = open_book(path)
    facts = book.account(account_id)
    if facts is None:
        raise refuse("account", "is not in the book", value=account_id, file=str(path))
    return replace(facts, terms=terms_of(book))


def _ladder(arguments: argparse.Namespace, case: Case | None, account_id: str, facts: Facts | None = None) -> Ladder:
    named = arguments.ladder or (case.strategy if case else None)
    if named:
        beside = Path(case.file).parent / str(named) if case else Path(named)
        return load_ladder(beside if beside.is_file() else named)
    found = facts or (case.facts if case else None)
    assert found is not None
    law = found.accounts.filter(pl.col("account_id") == account_id)["law"][0]
    return default_ladder(str(law))


def explain(arguments: argparse.Namespace) -> int:
    """`arrears explain`."""
    for facts, account_id, ladder, as_of, known_at in accounts(arguments):
        account = look_at(facts, account_id, ladder, as_of, known_at)
        everything = look_at(facts, account_id, ladder, as_of) if known_at else None
        if arguments.svg:
            _write_chart(account, arguments)
        if arguments.json:
            print_json(_explained(account, everything, arguments.lang))
        else:
            print(show.explanation(account, arguments.lang))
            if everything is not None:
                _print_differences(account, everything, arguments.lang)
    return 0


def _write_chart(account: Account, arguments: argparse.Namespace) -> None:
    picture = chart(account.lines(arguments.lang), account.currency, account.day(), arguments.lang)
    Path(arguments.svg).write_text(picture, "utf-8")


def _explained(account: Account, everything: Account | None, language: str) -> dict[str, Any]:
    answer = as_json(account, language)
    if everything is not None:
        full = as_json(everything, language)
        answer["now_known"] = full
        answer["differences"] = {
            name: {"known_at": answer[name], "now": full[name]} for name in _COMPARED if answer[name] != full[name]
        }
    return answer


_COMPARED = ("days_past_due", "oldest_due_on", "due", "credit", "payoff", "paid", "stage", "decision")


def _print_differences(account: Account, everything: Account, language: str) -> None:
    print(show.word("differences", language))
    before, after = as_json(account, language), as_json(everything, language)
    for name in _COMPARED:
        if before[name] != after[name] and name != "decision":
            print(f"  {name}: {before[name]} → {after[name]}")


def why_not(arguments: argparse.Namespace) -> int:
    """`arrears why-not`."""
    for facts, account_id, ladder, as_of, known_at in accounts(arguments):
        if arguments.action not in ladder.ids:
            raise refuse("action", "is no action of the ladder", value=arguments.action, exit_code=2,
                         todo=f"{ladder.name} has: {', '.join(ladder.ids)}")  # fmt: skip
        account = look_at(facts, account_id, ladder, as_of, known_at)
        if arguments.json:
            print_json(show.why_not_json(account, arguments.action, arguments.lang))
        else:
            print(show.why_not(account, arguments.action, arguments.lang))
    return 0


def may(arguments: argparse.Namespace) -> int:
    """`arrears may`."""
    for name in arguments.cases:
        case = case_at(Path(name))
        asked = [_asked(arguments)] if arguments.channel else list(case.questions)
        if not asked:
            raise refuse(
                "question", "asks nothing", file=name, exit_code=2, todo="give --channel, or write `questions:`"
            )
        for question in asked:
            verdict = answer(case, question)
            if arguments.json:
                print_json(verdict.as_json(arguments.lang))
            else:
                _print_verdict(question, verdict, arguments.lang)
    return 0


def _asked(arguments: argparse.Namespace) -> dict[str, Any]:
    at = arguments.at or datetime.now(UTC)
    if not isinstance(at, datetime):
        raise refuse("instant", "is a day; the guard is asked about an instant", field="--at", exit_code=2)
    return {"channel": arguments.channel, "at": at.isoformat(), "to": arguments.to}


def answer(case: Case, question: dict[str, Any]) -> Verdict:
    """The guard's answer to a question of a case: about its first account, or the one the question names."""
    from arrears.facts.schema import CHANNELS

    if question.get("channel") not in CHANNELS:
        raise refuse("question", "names no channel", file=case.file, field="channel", value=str(question.get("channel")),
                     exit_code=2, todo="one of: " + ", ".join(CHANNELS))  # fmt: skip
    account_id = (question.get("accounts") or [case.account_ids[0]])[0]
    account = case.facts.accounts.row(by_predicate=pl.col("account_id") == account_id, named=True)
    at = datetime.fromisoformat(str(question["at"]))
    pack = load_pack(str(account["law"]))
    position = replay_one(case.facts, account_id, at).position
    person = _person(case, question.get("to"))
    events = [event for event in case.facts.events.iter_rows(named=True) if event["at"] <= at]
    about = {(event["event_id"], event["at"]): event for event in events}
    return ask(
        pack,
        Question(
            channel=str(question["channel"]), at=at, zones=(person.get("time_zone") or pack.zone,),
            role=str(person.get("role") or "borrower"), purpose=str(question.get("purpose") or "collection"),
            number=question.get("number"), standing=position, contacts=contacts_of(about.values()),
        ),
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
    print(f"{question['channel']} {question['at']}: {verdict.verdict}{until}")
    for clause in (*verdict.clauses, *verdict.requires):
        text = clause.as_json(language)
        print(f"  {clause.id}: {text['text']} ({clause.source}; {clause.force}, {clause.confirmed})")
