"""The answer of `arrears standing` in words and as JSON, and the diagrams of the state machines, made from their data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from arrears.facts.beside import tongue_of
from arrears.legal.debt import Debt
from arrears.legal.reasoning import reasons_of, word
from arrears.legal.standing import NONE, Clock, Machine, Moved, Said, Standing, content


def _word(name: str, language: str, /, **figures: object) -> str:
    return str(content()["words"][name][tongue_of(language)]).format(**figures)


def as_json(debt: Debt, found: tuple[Standing, ...], language: str) -> dict[str, Any]:
    """The answer; dates ISO, days whole."""
    return {
        "account": debt.account_id, "law": debt.law, "as_of": debt.day.isoformat(),
        "standings": [_standing(one, debt, language) for one in found],
    }  # fmt: skip


def _standing(one: Standing, debt: Debt, language: str) -> dict[str, Any]:
    key = tongue_of(language)
    opened = one.path[-1]
    return {
        "id": one.machine.id, "name": one.machine.name[key], "state": one.state, "state_name": one.about["name"][key],
        "open": one.open, "since": opened.on.isoformat(), "event": opened.event,
        "path": [{"on": step.on.isoformat(), "kind": step.kind, "event": step.event, "to": step.to} for step in one.path],
        "clocks": [_clock(clock, debt, language) for clock in one.clocks], "end_not_recorded": one.end_not_recorded,
        "stops": [_said(line, language) for line in one.stops], "goes_on": [_said(line, language) for line in one.goes_on],
        "decides": one.about["decides"][key] if "decides" in one.about else None,
        "evidence": [each[key] for each in one.machine.evidence], "writes": one.about["writes"][key],
    }  # fmt: skip


def _clock(clock: Clock, debt: Debt, language: str) -> dict[str, Any]:
    return {
        "form": clock.form, "last_on": clock.last_on.isoformat(), "days_left": (clock.last_on - debt.day).days, "basis": clock.basis,
        "start_on": clock.start_on.isoformat(), "event": clock.event,
        "clause": clock.clause.as_json(language) if clock.clause else None, "reasons": list(reasons_of_clock(clock, debt, language)),
    }  # fmt: skip


def _said(line: Said, language: str) -> dict[str, Any]:
    return {
        "id": line.id, "text": line.text[tongue_of(language)], "basis": line.basis,
        "clauses": [clause.as_json(language) for clause in line.clauses],
    }  # fmt: skip


def reasons_of_clock(clock: Clock, debt: Debt, language: str) -> Iterator[str]:
    """How the last day came about."""
    if clock.law is not None:
        # A clause's note stands in one language; it goes with the clause in JSON and in `arrears legal dates`.
        yield from (reason.text for reason in reasons_of(clock.law, debt, language) if reason.code != "note")
    elif clock.basis == "recorded":
        yield _word("from_record", language, event=clock.event)
    elif clock.clause is not None:
        yield _word("from_law", language, start=clock.start_on, clause=clock.clause.id)
    else:
        yield _word("from_policy", language, start=clock.start_on, days=clock.days)


def lines_of(debt: Debt, found: tuple[Standing, ...], language: str) -> Iterator[str]:
    """The answer line by line."""
    yield _word("head", language, account=debt.account_id, day=debt.day)
    if not found:
        yield _word("none", language)
    for one in found:
        yield ""
        yield from _lines(one, debt, language)


def _lines(one: Standing, debt: Debt, language: str) -> Iterator[str]:
    key, entered = tongue_of(language), one.path[-1]
    yield _word(
        "state",
        language,
        name=one.machine.name[key],
        state=one.about["name"][key],
        since=entered.on,
        event=entered.event or "-",
    )
    yield f"  {_word('path', language)}"
    yield from (f"    - {_step(step, one.machine, language)}" for step in one.path)
    yield f"  {_word('until', language)}"
    yield from (f"    - {_until(clock, debt, language)}" for clock in one.clocks)
    if not one.clocks:
        yield f"    - {_word('no_day', language)}"
    if one.end_not_recorded:
        yield f"    ! {_word('not_recorded', language)}"
    for name, said in (("stops", one.stops), ("goes_on", one.goes_on)):
        if said:
            yield f"  {_word(name, language)}"
            yield from (f"    - {_line(line, language)}" for line in said)
    if "decides" in one.about:
        yield f"  {_word('decides', language)}: {one.about['decides'][key]}"
    if one.open:
        yield f"  {_word('evidence', language)}"
        yield from (f"    - {each[key]}" for each in one.machine.evidence)
    yield f"  {_word('writes', language)}: {one.about['writes'][key]}"


def _step(step: Moved, machine: Machine, language: str) -> str:
    state = machine.states[step.to]["name"][tongue_of(language)]
    if step.kind is None:
        return _word("lapsed", language, on=step.on, state=state)
    return _word("moved", language, on=step.on, kind=kind_name(step.kind, language), event=step.event, state=state)


def kind_name(kind: str, language: str) -> str:
    """The kind of an event in words; its own name where legal dates have none."""
    try:
        return word("kinds", kind, language)
    except KeyError:
        return kind


def _until(clock: Clock, debt: Debt, language: str) -> str:
    mark = _mark(clock.basis, (clock.clause.id,) if clock.clause else (), language)
    reasons = ("；" if language == "zh-CN" else "; ").join(reasons_of_clock(clock, debt, language))
    return f"{until_text(clock, debt, language)} [{mark}] {reasons}"


def until_text(clock: Clock, debt: Debt, language: str, on: str | None = None) -> str:
    """The last day, what it is for, and how far off it is. `on`: the day as the reader writes it; ISO if left out."""
    days = (clock.last_on - debt.day).days
    left = _word("last" if days == 0 else "left" if days > 0 else "over", language, days=abs(days))
    return _word(clock.form, language, on=on or clock.last_on, left=left)


def _line(line: Said, language: str) -> str:
    return (
        f"{line.text[tongue_of(language)]} [{_mark(line.basis, tuple(clause.id for clause in line.clauses), language)}]"
    )


def _mark(basis: str, clauses: tuple[str, ...], language: str) -> str:
    return " ".join((content()["basis"][basis][tongue_of(language)], *clauses))


def diagram(machine: Machine) -> str:
    """The machine as a Mermaid state diagram, made from its data alone."""
    lines = ["stateDiagram-v2"]
    for move in machine.moves:
        said = [f"{name} = {value}" for name, value in move.when.items()]
        said += [f"not {name} = {value}" for name, value in move.unless.items()]
        label = f"{move.kind} ({', '.join(said)})" if said else move.kind
        lines += [f"  {'[*]' if state == NONE else state} --> {move.to} : {label}" for state in move.froms]
    for state, about in machine.states.items():
        if "lapses_to" in about:
            lines.append(f"  {state} --> {about['lapses_to']} : recorded last day passed")
        if not about.get("open"):
            lines.append(f"  {state} --> [*]")
    return "\n".join(lines)
