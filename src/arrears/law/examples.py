"""The worked examples inside clauses: facts, a question, and what must come out. Run as tests, both sides of every boundary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

from arrears.annual_rate import NoRate
from arrears.calendar import month_later
from arrears.errors import Finding, Refusal
from arrears.law.clause_kinds import CONTACT_KINDS, AnnualRate, Classes, Period
from arrears.law.clauses import FORCES, Clause
from arrears.law.guard import Policy, Verdict, may
from arrears.law.history import Event, History, event_of
from arrears.law.money_limits import Charges, annual_rates, cap_of, class_of, is_bound, ordered_by
from arrears.law.packs import Pack, Stack, pack_stack
from arrears.law.periods import ends_on
from arrears.law.questions import Question

ASKED = ("channel", "at", "zones", "role", "person", "number", "place", "accounts", "purpose", "binds", "lender_kind",
         "region", "product", "act", "medium", "invited", "given", "standing", "alone", "expect")  # fmt: skip
GIVEN = ("at", "kind", "channel", "direction", "outcome", "to", "person", "party", "number", "accounts", "by", "times",
         "from", "until", "hours", "place", "purpose", "notice", "received_on", "invited", "value", "medium",
         "amount")  # fmt: skip
EXPECTED = ("verdict", "not_before", "clauses", "without", "requires", "advisories")
MONEY_KEYS = ("rate", "penalty_rate", "total", "late_fee", "compound")
KEYS = {
    "cap": (*MONEY_KEYS, "opened_on", "on", "lender_kind", "product", "expect"),
    "order": ("stated", "expect"),
    "period": ("start", "given", "expect"),
    "class": ("days_past_due", "expect"),
    "annual_rate": ("opened_on", "lent", "fees", "each", "times", "paid", "lender_kind", "expect"),
}
BLOCKS_ALL = Policy(frozenset(FORCES))


def run_examples(pack: Pack) -> tuple[int, list[Finding]]:
    """How many examples the pack has, and a finding for each that does not come out as it says."""
    count, found = 0, []
    for clause in pack.clauses:
        for index, example in enumerate(clause.examples):
            count += 1
            differences = [*_unknown_keys(clause, example), *_differences(pack, clause, example)]
            if differences:
                what = f"clause {clause.id}, example {index + 1}: {'; '.join(differences)}"
                found.append(Finding("example", what, file=clause.file, line=clause.lines[index]))
    return count, found


def _unknown_keys(clause: Clause, example: Mapping[str, Any]) -> Iterator[str]:
    known = KEYS.get(clause.kind, ASKED)
    yield from (f"`{key}` is not known" for key in example if key not in known)
    if "expect" not in example:
        yield "expects nothing"
    for event in example.get("given") or ():
        yield from (f"given: `{key}` is not known" for key in event if key not in GIVEN)
    if clause.kind in CONTACT_KINDS:
        yield from (f"expect: `{key}` is not known" for key in example.get("expect") or () if key not in EXPECTED)


def _differences(pack: Pack, clause: Clause, example: Mapping[str, Any]) -> Iterator[str]:
    """What does not come out; a value that cannot be read, or a refusal, is one such thing."""
    try:
        if clause.kind in CONTACT_KINDS:
            yield from differs(example.get("expect") or {}, answer(pack, clause, example))
        else:
            yield from _other_kinds(pack, clause, example)
    except Refusal as refusal:
        yield str(refusal)
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        yield f"cannot be read: {type(error).__name__} {error}"


def answer(pack: Pack, clause: Clause, example: Mapping[str, Any]) -> Verdict:
    """What the guard says to an example: the whole stack of the pack, or this clause alone (an off clause is put on)."""
    question = question_of(pack, clause, example)
    history = history_given(example.get("given") or (), question, pack)
    if not example.get("alone"):
        return may(pack_stack(pack), question, history)
    alone = Stack((replace(pack, clauses=(replace(clause, on=True),)),))
    return may(alone, question, history, BLOCKS_ALL)


def question_of(pack: Pack, clause: Clause, example: Mapping[str, Any]) -> Question:
    """An example as the guard takes it."""
    return Question(
        channel=example.get("channel"), at=datetime.fromisoformat(str(example["at"])),
        zones=tuple(example.get("zones") or (pack.zone,)), role=example.get("role") or "borrower",
        person=example.get("person") or "P1", accounts=tuple(example.get("accounts") or ("A",)),
        number=example.get("number"), place=example.get("place"), purpose=example.get("purpose") or "collection",
        binds=example.get("binds") or clause.binds[0], lender_kind=example.get("lender_kind"),
        product=example.get("product"), region=example.get("region") or min(pack.regions, default=None),
        act=example.get("act") or "contact", medium=example.get("medium"), invited=bool(example.get("invited")),
        standing=_standing(example.get("standing") or {}),
    )  # fmt: skip


def _standing(given: Mapping[str, Any]) -> dict[str, Any]:
    """An account with nothing about it but what is given; values have the type of their column."""
    from arrears.law.conditions import column_type

    found = dict(_quiet())
    for name, value in given.items():
        kind = column_type(name)
        if kind is None:
            raise ValueError(f"standing: {name} is no column")
        found[name] = _typed(kind, value)
    return found


def _typed(kind: Any, value: Any) -> Any:
    """A value of YAML (text, true, false, null) in the type of its column."""
    import polars as pl

    if not isinstance(value, str):
        return value
    if kind == pl.Date:
        return date.fromisoformat(value)
    return int(value) if kind.is_integer() else float(value) if kind.is_float() else value


@cache
def _quiet() -> dict[str, Any]:
    """The standing of an account about which nothing is known: reachable, nothing due, nothing going on."""
    import polars as pl

    from arrears.replay.columns import columns
    from arrears.replay.position import DERIVED

    found: dict[str, Any] = {}
    for name, kind in columns().items():
        if kind == pl.Boolean:
            found[name] = name.startswith("usable_")
        elif kind.is_numeric() and name not in DERIVED:
            found[name] = 0
        else:
            found[name] = None
    for name in ("product", "law", "currency"):
        found.pop(name, None)
    return found


def history_given(events: Any, question: Question, pack: Pack) -> History:
    """The events of an example; `times` repeats one."""
    found: list[Event] = []
    roles = {question.person or "": question.role}
    for given in events:
        row = {
            "at": datetime.fromisoformat(str(given["at"])), "kind": given.get("kind") or "contact",
            "channel": given.get("channel"), "direction": given.get("direction") or "out",
            "outcome": given.get("outcome"), "person_id": given.get("to") or given.get("person"),
        }  # fmt: skip
        event = event_of(row | {"data": _data(given)}, roles)
        accounts = frozenset(given.get("accounts") or question.accounts)
        found += [replace(event, accounts=accounts, _days={}) for _ in range(int(given.get("times") or 1))]
    return History(found)


def _data(given: Mapping[str, Any]) -> str:
    import json

    names = (
        "party",
        "number",
        "by",
        "from",
        "until",
        "hours",
        "place",
        "purpose",
        "notice",
        "received_on",
        "invited",
        "value",
    )
    return json.dumps({name: given[name] for name in names if given.get(name) is not None})


def differs(expect: Mapping[str, Any], verdict: Verdict) -> Iterator[str]:
    """What of an expectation does not hold: verdict, not_before, and ids among clauses, requires and advisories."""
    if expect.get("verdict", verdict.verdict) != verdict.verdict:
        named = ", ".join(clause.id for clause in verdict.clauses)
        yield f"expected {expect['verdict']}, the guard says {verdict.verdict}{f' ({named})' if named else ''}"
    if expect.get("not_before") and datetime.fromisoformat(str(expect["not_before"])) != verdict.not_before:
        yield f"expected not before {expect['not_before']}, the guard says {verdict.not_before}"
    for name in ("clauses", "requires", "advisories"):
        got = [clause.id for clause in getattr(verdict, name)]
        if name in expect and not set(expect[name] or ()) <= set(got):
            yield f"expected {name} {expect[name]}, the guard names {got}"
        if name in expect and not expect[name] and got:
            yield f"expected no {name}, the guard names {got}"
        for unwanted in set(expect.get("without") or ()) & set(got):
            yield f"expected without {unwanted}, the guard names it"


def _other_kinds(pack: Pack, clause: Clause, example: Mapping[str, Any]) -> Iterator[str]:
    expect = example.get("expect") or {}
    readers = {"cap": _capped, "order": _ordered, "period": _period, "class": _class, "annual_rate": _annual_rate}
    got = readers[clause.kind](pack, clause, example)
    for name, wanted in expect.items():
        if name not in got:
            yield f"expect: `{name}` is not known"
        elif not _same(wanted, got[name]):
            yield f"expected {name} {wanted}, got {got[name]}"


def _same(wanted: Any, got: Any) -> bool:
    if isinstance(got, Decimal):
        return wanted is not None and Decimal(str(wanted)) == got
    return bool(str(wanted) == str(got) if isinstance(got, date) else wanted == got)


def _capped(pack: Pack, clause: Clause, example: Mapping[str, Any]) -> dict[str, Any]:
    """The charges as they may be demanded; `plea`: what the borrower may plead down to (None: nothing)."""
    given = {name: Decimal(str(example[name])) for name in MONEY_KEYS if name in example}
    opened_on = date.fromisoformat(example["opened_on"]) if "opened_on" in example else None
    on = date.fromisoformat(example["on"]) if "on" in example else opened_on or clause.from_on
    allowed: dict[str, Any] = {**given, "plea": None}
    if clause.in_force(on) and is_bound(clause, example.get("lender_kind"), example.get("product"), None):
        capped = cap_of(clause, Charges(opened_on, **given))
        if capped is not None:
            allowed[capped.on if capped.is_cut else "plea"] = capped.most
    return allowed


def _ordered(pack: Pack, clause: Clause, example: Mapping[str, Any]) -> dict[str, Any]:
    return {"allocation": list(ordered_by(clause, example.get("stated")))}


def _period(pack: Pack, clause: Clause, example: Mapping[str, Any]) -> dict[str, Any]:
    assert isinstance(clause.rule, Period)
    question = Question(None, datetime.fromisoformat("2000-01-01T00:00:00+00:00"), (pack.zone,), accounts=("A",))
    events = history_given(example.get("given") or (), question, pack).events
    return {"ends_on": ends_on(clause.rule, pack, date.fromisoformat(str(example["start"])), events)}


def _class(pack: Pack, clause: Clause, example: Mapping[str, Any]) -> dict[str, Any]:
    assert isinstance(clause.rule, Classes)
    return {"class": class_of(clause.rule, int(example["days_past_due"]))[0]}


def _annual_rate(pack: Pack, clause: Clause, example: Mapping[str, Any]) -> dict[str, Any]:
    """The rates in the clause's ways, to two decimals of a percent; none where it does not bind. `no_rate`: why there is none."""
    assert isinstance(clause.rule, AnnualRate)
    opened_on = date.fromisoformat(str(example["opened_on"]))
    found: dict[str, Any] = {**dict.fromkeys(clause.rule.ways), "no_rate": None}
    if not clause.in_force(opened_on) or not is_bound(clause, example.get("lender_kind"), None, None):
        return found
    try:
        rates = annual_rates(clause.rule, opened_on, _lent(example), _paid(example, opened_on))
    except NoRate as reason:
        return found | {"no_rate": reason.code}
    return found | {way: rates[way].quantize(Decimal("0.0001"), ROUND_HALF_UP) for way in clause.rule.ways}


def _lent(example: Mapping[str, Any]) -> int:
    return _thousandths(example["lent"]) - _thousandths(example.get("fees") or 0)


def _paid(example: Mapping[str, Any], opened_on: date) -> list[tuple[date, int]]:
    """Payments one by one, or `times` a month apart of `each`, the first a month after the loan."""
    level = [
        (month_later(opened_on, month), _thousandths(example["each"]))
        for month in range(1, int(example.get("times") or 0) + 1)
    ]
    single = [(date.fromisoformat(str(part["on"])), _thousandths(part["amount"])) for part in example.get("paid") or ()]
    return level + single


def _thousandths(amount: Any) -> int:
    """An amount of any currency in whole thousandths: the unit plays no part in a rate."""
    scaled = Decimal(str(amount)) * 1000
    if scaled != int(scaled):
        raise ValueError(f"{amount} has more than three decimals")
    return int(scaled)
