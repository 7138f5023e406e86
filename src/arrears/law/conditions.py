"""Conditions of clauses: SQL over named columns, for one row at once and for whole frames.

A condition is read twice: by Polars, which checks it and computes it for a frame, and by the small reader here, which turns it into
Python closures, because a frame of one row costs more than the whole guard. Both give the same answer (a test holds them together).
The grammar: AND, OR, NOT, comparisons, BETWEEN, IN, IS [NOT] NULL, CASE WHEN, COALESCE, + - * /, numbers, 'text', DATE '…', true, false.
Unknown is unknown: a comparison with a null is null, and a condition that is null does not hold.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

import polars as pl

from arrears.facts import schema

Row = Callable[[str], Any]
Value = Callable[[Row], Any]

#: Columns of a question, beside those of position and standing.
QUESTION_COLUMNS: dict[str, Any] = {
    "role": pl.String, "purpose": pl.String, "channel": pl.String, "act": pl.String, "place": pl.String,
    "number": pl.String, "binds": pl.String, "lender_kind": pl.String, "region": pl.String, "product": pl.String,
    "medium": pl.String,
}  # fmt: skip
#: Columns that the history of contacts gives, made only where a condition names them.
HISTORY_COLUMNS: dict[str, Any] = {
    "consented": pl.Boolean, "replying": pl.Boolean, "person_ceased": pl.Boolean, "person_deceased": pl.Boolean,
    "person_bankrupt": pl.Boolean, "number_invalid": pl.Boolean,
    "unanswered_in_a_row": pl.Int64, "unreachable_days_in_a_row": pl.Int64,
    **{f"{what}_{kind}": pl.Int64 for what in ("days_since", "count") for kind in schema.KINDS},
}  # fmt: skip
_NOTICE = re.compile(r"days_since_notice_[a-z0-9_]+", re.ASCII)


@dataclass(frozen=True)
class Condition:
    """A condition that was checked: its SQL, the columns it names, and both ways to compute it."""

    sql: str
    names: tuple[str, ...]
    of_frame: pl.Expr = field(compare=False, repr=False)
    of_row: Value = field(compare=False, repr=False)

    def holds(self, row: Row) -> bool:
        """Whether it is true for the row that gives a value for each column name; null counts as false."""
        return self.of_row(row) is True

    @property
    def of_history(self) -> tuple[str, ...]:
        """The columns among its names that the history gives."""
        return tuple(name for name in self.names if is_history(name))


def is_history(name: str) -> bool:
    """Whether a column comes from the history of contacts rather than from replay or the question."""
    return name not in _replay_columns() and (name in HISTORY_COLUMNS or _NOTICE.fullmatch(name) is not None)


def column_type(name: str) -> Any:
    """The Polars type of a column that conditions may name; None if there is none of that name."""
    known = {**HISTORY_COLUMNS, **QUESTION_COLUMNS, **_replay_columns()}
    return known.get(name, pl.Int64 if _NOTICE.fullmatch(name) else None)


@cache
def _replay_columns() -> dict[str, Any]:
    from arrears.replay.columns import MONEY, columns

    text = {name: pl.String if isinstance(kind, pl.Enum) else kind for name, kind in columns().items()}
    return {name: pl.Float64 if name in MONEY else kind for name, kind in text.items()}


@cache
def read_condition(sql: str) -> Condition:
    """The condition. ValueError says what is wrong with it."""
    try:
        expression = pl.sql_expr(sql)
    except Exception as error:
        raise ValueError(f"is not an SQL condition: {_first_line(error)}") from None
    names = tuple(dict.fromkeys(expression.meta.root_names()))
    types = {name: column_type(name) for name in names}
    unknown = [name for name, kind in types.items() if kind is None]
    if unknown:
        raise ValueError(f"names no column: {', '.join(unknown)}")
    try:
        given = pl.DataFrame(schema=types).select(expression).to_series().dtype if names else pl.Boolean
    except Exception as error:
        raise ValueError(f"cannot be computed: {_first_line(error)}") from None
    if given != pl.Boolean:
        raise ValueError(f"gives {given}, not true or false")
    return Condition(sql, names, expression.fill_null(False), _Reader(sql).condition())


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__


_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<text>'(?:[^']|'')*')|(?P<word>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<sign><>|!=|<=|>=|[-=<>+*/(),]))"
)
_COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq, "<>": operator.ne, "!=": operator.ne,
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
}  # fmt: skip


class _Reader:
    """Reads SQL by recursive descent, from the loosest binding (OR) to the tightest (a value)."""

    def __init__(self, sql: str) -> None:
        self.sql, self.tokens, self.at = sql, list(_tokens(sql)), 0

    def condition(self) -> Value:
        value = self.either()
        if self.at < len(self.tokens):
            raise ValueError(f"has something that is not read here: {self.tokens[self.at][1]}")
        return value

    def peek(self) -> str:
        """The next word in capitals or sign; empty at the end and before a value."""
        kind, text = self.tokens[self.at] if self.at < len(self.tokens) else ("", "")
        return text.upper() if kind == "word" else text if kind == "sign" else ""

    def took(self, *words: str) -> bool:
        """Whether the next tokens are these words; if so they are passed."""
        start = self.at
        for word in words:
            if self.peek() != word:
                self.at = start
                return False
            self.at += 1
        return True

    def expect(self, word: str) -> None:
        if not self.took(word):
            raise ValueError(f"lacks {word}")

    def either(self) -> Value:
        value = self.both()
        while self.took("OR"):
            value = _or(value, self.both())
        return value

    def both(self) -> Value:
        value = self.negated()
        while self.took("AND"):
            value = _and(value, self.negated())
        return value

    def negated(self) -> Value:
        return _not(self.negated()) if self.took("NOT") else self.compared()

    def compared(self) -> Value:
        left = self.added()
        if self.took("IS", "NOT", "NULL"):
            return lambda row: left(row) is not None
        if self.took("IS", "NULL"):
            return lambda row: left(row) is None
        for negated in (True, False):
            words = ("NOT",) if negated else ()
            if self.took(*words, "BETWEEN"):
                low = self.added()
                self.expect("AND")
                between = _and(_strict(operator.ge, left, low), _strict(operator.le, left, self.added()))
                return _not(between) if negated else between
            if self.took(*words, "IN"):
                among = _among(left, self.listed())
                return _not(among) if negated else among
        sign = self.peek()
        if sign in _COMPARISONS:
            self.at += 1
            return _strict(_COMPARISONS[sign], left, self.added())
        return left

    def added(self) -> Value:
        value = self.multiplied()
        while (sign := self.peek()) in ("+", "-"):
            self.at += 1
            value = _strict(_ARITHMETIC[sign], value, self.multiplied())
        return value

    def multiplied(self) -> Value:
        value = self.value()
        while (sign := self.peek()) in ("*", "/"):
            self.at += 1
            value = _strict(_ARITHMETIC[sign], value, self.value())
        return value

    def listed(self) -> list[Value]:
        self.expect("(")
        values = [self.either()]
        while self.took(","):
            values.append(self.either())
        self.expect(")")
        return values

    def value(self) -> Value:
        if self.took("("):
            inner = self.either()
            self.expect(")")
            return inner
        if self.took("-"):
            return _strict(operator.sub, _constant(0), self.value())
        if self.took("CASE"):
            return self.case()
        if self.took("COALESCE"):
            return _coalesced(self.listed())
        for word, constant in (("TRUE", True), ("FALSE", False), ("NULL", None)):
            if self.took(word):
                return _constant(constant)
        dated = self.took("DATE")
        if self.at >= len(self.tokens):
            raise ValueError("ends too early")
        kind, text = self.tokens[self.at]
        self.at += 1
        return _value(kind, text, dated)

    def case(self) -> Value:
        branches: list[tuple[Value, Value]] = []
        while self.took("WHEN"):
            when = self.either()
            self.expect("THEN")
            branches.append((when, self.either()))
        last = self.either() if self.took("ELSE") else _constant(None)
        self.expect("END")
        return _case(branches, last)


def _tokens(sql: str) -> list[tuple[str, str]]:
    found, at, sql = [], 0, sql.strip()
    while at < len(sql):
        match = _TOKEN.match(sql, at)
        if match is None:
            raise ValueError(f"has something that is not read here: {sql[at:].strip()}")
        kind = str(match.lastgroup)
        found.append((kind, match[kind]))
        at = match.end()
    return found


def _value(kind: str, text: str, dated: bool) -> Value:
    if dated:
        return _constant(date.fromisoformat(text[1:-1]))
    if kind == "number":
        return _constant(float(text) if "." in text else int(text))
    if kind == "text":
        return _constant(text[1:-1].replace("''", "'"))
    if kind == "word":
        return lambda row: row(text)
    raise ValueError(f"has {text} where a value is expected")


def _constant(value: Any) -> Value:
    return lambda row: value


def _strict(apply: Callable[[Any, Any], Any], left: Value, right: Value) -> Value:
    """`apply`, null where one side is null."""

    def value(row: Row) -> Any:
        one, other = left(row), right(row)
        return None if one is None or other is None else apply(one, other)

    return value


def _and(left: Value, right: Value) -> Value:
    def value(row: Row) -> Any:
        one = left(row)
        if one is False:
            return False
        other = right(row)
        return False if other is False else None if one is None or other is None else True

    return value


def _or(left: Value, right: Value) -> Value:
    def value(row: Row) -> Any:
        one = left(row)
        if one is True:
            return True
        other = right(row)
        return True if other is True else None if one is None or other is None else False

    return value


def _not(inner: Value) -> Value:
    def value(row: Row) -> Any:
        found = inner(row)
        return None if found is None else not found

    return value


def _among(left: Value, values: list[Value]) -> Value:
    def value(row: Row) -> Any:
        one = left(row)
        return None if one is None else one in [item(row) for item in values]

    return value


def _case(branches: list[tuple[Value, Value]], last: Value) -> Value:
    def value(row: Row) -> Any:
        for when, then in branches:
            if when(row) is True:
                return then(row)
        return last(row)

    return value


def _coalesced(values: list[Value]) -> Value:
    return lambda row: next((found for item in values if (found := item(row)) is not None), None)
