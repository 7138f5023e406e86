"""Special standing: what an event of hardship, a pause, death, insolvency, identity theft, a dispute or a complaint stops, for how long, who decides.

The state machines are data (`standing.yaml`). `standing_of` runs them over what is recorded of a debt; the last days come from the law
pack's periods and waits, from what a fact states, or, where no clause holds, from the days that the lender's policy sets, and say which.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any

from arrears.facts.beside import yaml_beside
from arrears.facts.whose import NOT_COUNTED, PASSED_OVER
from arrears.law import Clause, Pack, course
from arrears.law.clause_kinds import Period, Wait
from arrears.legal.dates import LegalDate, holds, legal_dates
from arrears.legal.debt import Debt

#: Before the first event a standing is in this state.
NONE = "none"


@dataclass(frozen=True)
class Move:
    """One step of a machine. `when`, `unless`: what the event must say and must not say."""

    froms: tuple[str, ...]
    kind: str
    when: Mapping[str, str]
    unless: Mapping[str, str]
    to: str

    def takes(self, state: str, row: Mapping[str, Any]) -> bool:
        """Whether an event (a row of `Debt.recorded`) moves a standing that is in the state."""
        if state not in self.froms or row["kind"] != self.kind:
            return False
        said = all(_says(row, name) == value for name, value in self.when.items())
        return said and not any(_says(row, name) == value for name, value in self.unless.items())


@dataclass(frozen=True)
class Machine:
    """One standing as data. `of`: `borrower` (or nobody named), `guarantor` or `anyone`; `opens`: the state in which it begins; `states` as standing.yaml has them."""

    id: str
    name: Mapping[str, str]
    of: str
    opens: str
    evidence: tuple[Mapping[str, str], ...]
    moves: tuple[Move, ...]
    states: Mapping[str, Mapping[str, Any]]

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The kinds of events that can move it."""
        return frozenset(move.kind for move in self.moves)


@dataclass(frozen=True)
class Moved:
    """A step that was made: the day, the kind and id of the event (None: a recorded last day passed), the state it led to."""

    on: date
    kind: str | None
    event: str | None
    to: str


@dataclass(frozen=True)
class Clock:
    """A last day. `form`: `by` (something is to be done by then), `not_before` (what is stopped stays so until it is over). `basis`: law, secondary, unconfirmed (by how the clause was confirmed), recorded (a fact states it), policy (`days` of it).

    `law` is the legal date with its own line of reasoning, where the clause is a period.
    """

    form: str
    last_on: date
    start_on: date
    basis: str
    clause: Clause | None = None
    event: str | None = None
    days: int | None = None
    law: LegalDate | None = None


@dataclass(frozen=True)
class Said:
    """One line of what stops or goes on, with the clauses that hold on the day; `basis` as of a clock, `policy` where none holds."""

    id: str
    text: Mapping[str, str]
    basis: str
    clauses: tuple[Clause, ...]


@dataclass(frozen=True)
class Standing:
    """A standing that has begun: its state, how it came about, its last days, what stops and goes on. `end_not_recorded`: by the clause it is over."""

    machine: Machine
    state: str
    path: tuple[Moved, ...]
    clocks: tuple[Clock, ...]
    stops: tuple[Said, ...]
    goes_on: tuple[Said, ...]
    end_not_recorded: bool

    @property
    def about(self) -> Mapping[str, Any]:
        """The state as standing.yaml has it."""
        return self.machine.states[self.state]

    @property
    def open(self) -> bool:
        """Whether it is not at an end."""
        return bool(self.about.get("open"))


@cache
def content() -> dict[str, Any]:
    """What standing.yaml holds."""
    found: dict[str, Any] = yaml_beside("arrears.legal", "standing.yaml")
    return found


@cache
def machines() -> tuple[Machine, ...]:
    """Every standing, in the order in which they are told."""
    return tuple(
        Machine(one["id"], one["name"], one["of"], one["opens"], tuple(one["evidence"]), tuple(_move(each) for each in one["moves"]), one["states"])
        for one in content()["standings"]
    )  # fmt: skip


def _move(part: Mapping[str, Any]) -> Move:
    return Move(tuple(part["from"]), part["on"], part.get("when", {}), part.get("not", {}), part["to"])


@cache
def own_times() -> tuple[str, ...]:
    """The names of the times that a lender's policy may set (`answer_days`), in the order in which standing.yaml has them."""
    states = (about for machine in machines() for about in machine.states.values())
    return tuple(dict.fromkeys(str(about["own_days"]) for about in states if "own_days" in about))


def standing_of(debt: Debt, own_days: Mapping[str, int] = MappingProxyType({})) -> tuple[Standing, ...]:
    """Every standing that has begun by the debt's day; those at an end, too. `own_days`: the lender's own times to answer, days by name of `own_times`."""
    legal = legal_dates(debt, _clauses_of_clocks()).dates
    own = {of: tuple(_own(of, debt)) for of in {machine.of for machine in machines()}}
    found = (_run(machine, own[machine.of], debt, legal, own_days) for machine in machines())
    return tuple(one for one in found if one is not None)


def if_it_began(debt: Debt, own_days: Mapping[str, int] = MappingProxyType({})) -> tuple[Standing, ...]:
    """What each standing would be if it began on the debt's day: for who asks what it would bring before anything is recorded."""
    return tuple(_begun(machine, debt, own_days) for machine in machines())


def _begun(machine: Machine, debt: Debt, own_days: Mapping[str, int]) -> Standing:
    kind = next(move.kind for move in machine.moves if NONE in move.froms and move.to == machine.opens)
    path = (Moved(debt.day, kind, None, machine.opens),)
    clocks = tuple(_clocks(machine.states[machine.opens], path, None, debt, (), own_days))
    return _told(machine, machine.opens, path, clocks, None, debt)


@cache
def _clauses_of_clocks() -> frozenset[str]:
    """The clauses that give a last day in some state."""
    states = (about for machine in machines() for about in machine.states.values())
    return frozenset(name for about in states for name in (*about.get("clocks", ()), *about.get("waits", ())))


def _run(
    machine: Machine, own: Iterable[Mapping[str, Any]], debt: Debt, legal: tuple[LegalDate, ...],
    own_days: Mapping[str, int],
) -> Standing | None:  # fmt: skip
    state, until = NONE, None
    path: list[Moved] = []
    opened: dict[str, Moved] = {}
    for row in own:
        if row["kind"] not in machine.kinds:
            continue
        move = next((move for move in machine.moves if move.takes(state, row)), None)
        if any(NONE in each.froms and each.takes(NONE, row) for each in machine.moves):
            opened[row["event_id"]] = Moved(row["on"], row["kind"], str(row["event_id"]), machine.opens)
        if move is None or (NONE not in move.froms and _of_another(row, opened, machine.states[move.to], path)):
            continue
        lapsed = _lapsed(machine, state, until, row["on"])
        if lapsed is not None:
            path.append(lapsed)
        state, until = move.to, _date(row["data"].get("until"))
        path.append(Moved(row["on"], row["kind"], str(row["event_id"]), state))
    if (lapsed := _lapsed(machine, state, until, debt.day)) is not None:
        path.append(lapsed)
        state = lapsed.to
    if not path:
        return None
    about = machine.states[state]
    clocks = tuple(_clocks(about, tuple(path), until, debt, legal, own_days))
    return _told(machine, state, tuple(path), clocks, until, debt)


def _told(
    machine: Machine, state: str, path: tuple[Moved, ...], clocks: tuple[Clock, ...], until: date | None, debt: Debt
) -> Standing:
    about = machine.states[state]
    lapses = about.get("lapses_to") is not None and until is None
    over = lapses and bool(clocks) and all(clock.last_on < debt.day for clock in clocks)
    return Standing(
        machine, state, path, clocks, _lines(about.get("stops", []), debt), _lines(about.get("goes_on", []), debt), over
    )


def _own(of: str, debt: Debt) -> Iterator[Mapping[str, Any]]:
    """The events that count for standings `of` these: of a borrower or of nobody named, of a guarantor, or anyone's.

    Each says by `borrowers` whether by then it has happened to `all` borrowers or to `some` (of nobody named: to all).
    """
    roles = debt.role_of
    left = {kind: {person for person, role in roles.items() if role == "borrower"} for kind in PASSED_OVER}
    for row in debt.recorded:
        role, kind = roles.get(row["person_id"], "borrower"), row["kind"]
        own = (of == "guarantor") == (role == "guarantor") and not _is_apart(role, kind)
        if of == "anyone" or own:
            others = left.get(kind, set())
            others -= {row["person_id"]} if row["person_id"] in roles else set(others)
            yield {**row, "borrowers": "some" if others else "all"}


def _is_apart(role: str, kind: str) -> bool:
    """Whether a third party's, or what a representative is rather than says."""
    return role == "third_party" or (role == "representative" and kind in NOT_COUNTED[role])


def _of_another(row: Mapping[str, Any], opened: dict[str, Moved], led_to: Mapping[str, Any], path: list[Moved]) -> bool:
    """Whether the event names, by `ref`, an opening that is none of this standing, or ends one of several: then the oldest of the others runs on.

    `opened`: the openings that run; the one that is ended is taken out, all of them by an end that names none.
    """
    ref = row["ref"] if row["kind"] != "pause_ended" else None
    ends = not led_to.get("open")
    if ref is None:
        if ends:
            opened.clear()
        return False
    if ref not in opened:
        return bool(opened)
    if ends:
        del opened[ref]
        if opened and path[-1].event == ref:
            path.append(next(iter(opened.values())))
    return ends and bool(opened)


def _lapsed(machine: Machine, state: str, until: date | None, day: date) -> Moved | None:
    to = machine.states[state].get("lapses_to") if state != NONE else None
    return Moved(until, None, None, to) if to is not None and until is not None and until < day else None


def _clocks(
    about: Mapping[str, Any], path: tuple[Moved, ...], until: date | None, debt: Debt, legal: tuple[LegalDate, ...],
    own_days: Mapping[str, int],
) -> Iterator[Clock]:  # fmt: skip
    entered = path[-1]
    if about.get("recorded") and until is not None:
        yield Clock("not_before", until, entered.on, "recorded", event=entered.event)
    for name in about.get("waits", []):
        yield from _of_clause(name, "not_before", path, debt, legal)
    found = [clock for name in about.get("clocks", []) for clock in _of_clause(name, "by", path, debt, legal)]
    yield from found
    days = own_days.get(about.get("own_days", ""))
    if days is not None and not found:
        yield Clock("by", entered.on + timedelta(days=days), entered.on, "policy", event=entered.event, days=days)


def _of_clause(
    name: str, form: str, path: tuple[Moved, ...], debt: Debt, legal: tuple[LegalDate, ...]
) -> Iterator[Clock]:
    """The last day that a clause gives: as legal dates have it if it runs from an event of this standing, else counted from the event that led here."""
    entered, own = path[-1], {step.event for step in path if step.event is not None}
    for one in legal:
        event = debt.ids.get(one.start.event) if one.start.event else None
        if one.clause.id == name and one.last_on and one.start.on and one.status != "taken" and event in own:
            yield Clock(form, one.last_on, one.start.on, basis_of(one.clause), one.clause, event, law=one)
            return
    for clause, pack in _holding((name,), debt):
        rule, last_on = clause.rule, None
        if isinstance(rule, Wait) and rule.days is not None and rule.after == entered.kind:
            last_on = entered.on + timedelta(days=rule.days - rule.first_day)
        elif isinstance(rule, Period) and rule.runs_from == entered.kind:
            last_on = course(rule, pack, entered.on, debt.events).last_on
        if last_on is not None:
            yield Clock(form, last_on, entered.on, basis_of(clause), clause, entered.event)


def _lines(names: list[str], debt: Debt) -> tuple[Said, ...]:
    found = []
    for name in names:
        line = content()["lines"][name]
        clauses = tuple(clause for clause, _ in _holding(tuple(line["clauses"]), debt))
        order = ("law", "secondary", "unconfirmed", "policy")
        basis = min((basis_of(clause) for clause in clauses), key=order.index, default="policy")
        found.append(Said(name, line, basis, clauses))
    return tuple(found)


def _holding(ids: tuple[str, ...], debt: Debt) -> tuple[tuple[Clause, Pack], ...]:
    """Those of the clauses that are law on the day for this debt, each with its pack."""
    return tuple(
        (clause, pack)
        for clause, pack in (debt.stack.clauses if debt.stack else ())
        if clause.id in ids and holds(clause, debt, anyone=True)
    )


def basis_of(clause: Clause) -> str:
    """How far a clause is confirmed, as the words of `basis` name it."""
    return {"read": "law", "secondary": "secondary"}.get(clause.confirmed, "unconfirmed")


def _says(row: Mapping[str, Any], name: str) -> str | None:
    value = row.get(name) if row.get(name) is not None else row["data"].get(name)
    return None if value is None else str(value)


def _date(value: Any) -> date | None:
    return date.fromisoformat(str(value)[:10]) if value else None
