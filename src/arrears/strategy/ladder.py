"""A ladder: the staged flow as data. Stages, actions, conditions in SQL, costs, gains, capacity.

Conditions are parsed with `polars.sql_expr` and tried on an empty frame when the ladder is loaded, so an unknown column or
function, or a condition that is no condition, is an error with file and line before any night runs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import polars as pl

from arrears.errors import refuse
from arrears.facts.schema import CHANNELS, LAWS
from arrears.facts.yaml_text import Document, parse_yaml, read_yaml
from arrears.replay.columns import MONEY, columns

#: Column that every ladder needs beside those its conditions name.
ALWAYS = (
    "days_past_due", "due_total", "past_due_total", "payoff", "settled", "refused", "oldest_due_on", "time_zone",
    "language", "person_id",
)  # fmt: skip


@dataclass(frozen=True)
class Stage:
    """A stage: its id, its name by language, and its condition."""

    id: str
    name: Mapping[str, str]
    when: pl.Expr
    sql: str


@dataclass(frozen=True)
class Action:
    """Something that may be done about an account. Money in major units; `channel` None: no contact with the borrower."""

    id: str
    name: Mapping[str, str]
    channel: str | None
    stages: tuple[str, ...]
    when: pl.Expr
    when_sql: str
    repeat_days: int
    after: tuple[str, ...]
    cost: pl.Expr
    cost_sql: str
    gain: pl.Expr
    gain_sql: str
    min_amount: pl.Expr | None
    min_amount_sql: str
    skip: tuple[str, ...]


@dataclass(frozen=True)
class Ladder:
    """A loaded ladder. `columns` are the columns of replay that it reads; `digest` names its content."""

    name: str
    law: str
    title: Mapping[str, str]
    stages: tuple[Stage, ...]
    actions: tuple[Action, ...]
    skips: Mapping[str, pl.Expr]
    skips_sql: Mapping[str, str]
    buckets: tuple[tuple[str, int], ...]
    parameters: Mapping[str, float]
    capacity: Mapping[str, int]
    staff: tuple[Mapping[str, Any], ...]
    columns: frozenset[str]
    digest: str
    file: str = field(default="", compare=False)

    def action(self, action_id: str) -> Action:
        """The action of that id. KeyError if there is none."""
        return (
            next(action for action in self.actions if action.id == action_id)
            if action_id in self.ids
            else _no(action_id)
        )

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the actions, gentlest first."""
        return tuple(action.id for action in self.actions)


def _no(action_id: str) -> Action:
    raise KeyError(action_id)


@cache
def words() -> dict[str, Any]:
    """Words of reasons and channels, from words.yaml beside this module."""
    document = parse_yaml(resources.files("arrears.strategy").joinpath("words.yaml").read_text("utf-8"), "words.yaml")
    content: dict[str, Any] = document.value
    return content


@cache
def reasons() -> tuple[str, ...]:
    """Ids of all reasons why an action is not taken, in the order of their bits."""
    return tuple(words()["reasons"])


def bit(reason: str) -> int:
    """The bit of a reason in a `not_<action>` mask."""
    return 1 << reasons().index(reason)


def names_in(mask: int) -> tuple[str, ...]:
    """The reasons whose bits are set, in order."""
    return tuple(reason for index, reason in enumerate(reasons()) if mask >> index & 1)


def included() -> tuple[str, ...]:
    """Names of the ladders that come with arrears."""
    folder = resources.files("arrears.strategy").joinpath("ladders")
    return tuple(sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml")))


def load_ladder(name: str | Path) -> Ladder:
    """A ladder that comes with arrears, by name, or one from a file. Refusal with file and line for every fault."""
    if str(name) in included():
        path = resources.files("arrears.strategy").joinpath("ladders", f"{name}.yaml")
        return _LadderReader(parse_yaml(path.read_text("utf-8"), f"{name}.yaml")).ladder(path.read_bytes())
    path_given = Path(name)
    if not path_given.exists():
        raise refuse(
            "ladder", "there is no such ladder", value=str(name), exit_code=2,
            todo="give a file, or one of: " + ", ".join(included()),
        )  # fmt: skip
    return _LadderReader(read_yaml(path_given)).ladder(path_given.read_bytes())


class _LadderReader:
    """Reads a ladder document and keeps every fault."""

    def __init__(self, document: Document) -> None:
        self.doc = document
        self.top: dict[str, Any] = document.value if isinstance(document.value, dict) else {}
        self.parameters: dict[str, float] = {}
        self.read: set[str] = set(ALWAYS)

    def ladder(self, content: bytes) -> Ladder:
        self.expect_keys("", self.top, ("ladder", "law", "version", "name", "buckets", "parameters", "stages", "skips",
                                        "actions", "capacity", "staff"))  # fmt: skip
        for name, value in (self.top.get("parameters") or {}).items():
            self.parameters[name] = self.number(f"parameters.{name}", value)
        skips_sql = {name: str(sql) for name, sql in (self.top.get("skips") or {}).items()}
        for name in skips_sql:
            if name not in reasons():
                self.doc.fault("unknown_reason", f"skips.{name}", "has no words", todo="known: " + ", ".join(reasons()))
        skips = {name: self.condition(f"skips.{name}", sql) for name, sql in skips_sql.items()}
        stages = tuple(self.stage(i, part) for i, part in enumerate(self.listed("stages")))
        actions = tuple(self.action(i, part, stages, skips) for i, part in enumerate(self.listed("actions")))
        buckets = tuple((str(part.get("name")), int(self.number(f"buckets[{i}].from", part.get("from"))))
                        for i, part in enumerate(self.listed("buckets")))  # fmt: skip
        capacity = self.capacity(actions)
        if self.top.get("law") not in LAWS:
            self.doc.fault("law", "law", "is not one of " + ", ".join(LAWS), self.top.get("law"))
        self.doc.raise_findings()
        return Ladder(
            str(self.top.get("ladder")), str(self.top.get("law")), self.top.get("name") or {}, stages, actions, skips,
            skips_sql, buckets, self.parameters, capacity, tuple(self.top.get("staff") or ()),
            frozenset(self.read), hashlib.sha256(content).hexdigest(), self.doc.file,
        )  # fmt: skip

    def listed(self, name: str) -> list[dict[str, Any]]:
        part = self.top.get(name)
        if not isinstance(part, list) or not part or not all(isinstance(item, dict) for item in part):
            self.doc.fault("form", name, "is not a list of mappings")
            return []
        return part

    def expect_keys(self, path: str, part: Mapping[str, Any], known: tuple[str, ...]) -> None:
        for key in part:
            if key not in known:
                self.doc.fault(
                    "unknown_field", f"{path}.{key}" if path else key, "is not known", todo="known: " + ", ".join(known)
                )

    def number(self, path: str, value: Any) -> float:
        try:
            return float(str(value))
        except ValueError:
            self.doc.fault("number", path, "is not a number", value)
            return 0.0

    def whole(self, path: str, value: Any) -> int:
        number = self.number(path, value)
        if number != int(number) or number < 0:
            self.doc.fault("number", path, "is not a whole number of 0 or more", value)
        return int(number)

    def stage(self, index: int, part: dict[str, Any]) -> Stage:
        path = f"stages[{index}]"
        self.expect_keys(path, part, ("id", "name", "when"))
        sql = str(part.get("when")).lower() if isinstance(part.get("when"), bool) else str(part.get("when"))
        return Stage(str(part.get("id")), part.get("name") or {}, self.condition(f"{path}.when", sql), sql)

    def action(
        self, index: int, part: dict[str, Any], stages: tuple[Stage, ...], skips: Mapping[str, pl.Expr]
    ) -> Action:
        path = f"actions[{index}]"
        self.expect_keys(path, part, ("id", "name", "channel", "stages", "when", "repeat_days", "after", "cost", "gain",
                                      "min_amount", "skip"))  # fmt: skip
        channel = part.get("channel")
        if channel is not None and channel not in CHANNELS:
            self.doc.fault("unknown_value", f"{path}.channel", "is not a channel", channel, ", ".join(CHANNELS))
            channel = None
        reach = tuple(part.get("stages") or ())
        for stage in reach:
            if stage not in {known.id for known in stages}:
                self.doc.fault("unknown_value", f"{path}.stages", "names no stage of this ladder", stage)
        for reason in part.get("skip") or ():
            if reason not in skips:
                self.doc.fault("unknown_value", f"{path}.skip", "names no condition under `skips`", reason)
        after = tuple(part.get("after") or ())
        for earlier in after:
            if earlier not in CHANNELS:
                self.doc.fault("unknown_value", f"{path}.after", "is not a channel", earlier)
        self.read.update(f"last_attempt_on_{earlier}" for earlier in after)
        if channel is not None:
            self.read.update(
                (f"opted_out_{channel}", f"last_attempt_on_{channel}", f"days_since_last_attempt_{channel}")
            )
        when = "true" if part.get("when") in (None, True) else str(part["when"])
        amount = part.get("min_amount")
        return Action(
            id=str(part.get("id")),
            name=part.get("name") or {},
            channel=channel,
            stages=reach,
            when=self.condition(f"{path}.when", when),
            when_sql=when,
            repeat_days=self.whole(f"{path}.repeat_days", part.get("repeat_days", 0)),
            after=after,
            cost=self.amount(f"{path}.cost", part.get("cost", "0")),
            cost_sql=str(part.get("cost", "0")),
            gain=self.amount(f"{path}.gain", part.get("gain", "0")),
            gain_sql=str(part.get("gain", "0")),
            min_amount=None if amount is None else self.amount(f"{path}.min_amount", amount),
            min_amount_sql="" if amount is None else str(amount),
            skip=tuple(part.get("skip") or ()),
        )

    def capacity(self, actions: tuple[Action, ...]) -> dict[str, int]:
        found: dict[str, int] = {}
        for name, part in (self.top.get("capacity") or {}).items():
            if name not in {action.id for action in actions}:
                self.doc.fault("unknown_value", f"capacity.{name}", "names no action of this ladder")
            value = part.get("a_night") if isinstance(part, dict) else part
            found[name] = self.whole(f"capacity.{name}", value)
        return found

    def condition(self, path: str, sql: str) -> pl.Expr:
        expression = self.expression(path, sql, pl.Boolean)
        return expression.fill_null(False)

    def amount(self, path: str, sql: Any) -> pl.Expr:
        return self.expression(path, str(sql), pl.Float64).cast(pl.Float64)

    def expression(self, path: str, sql: str, kind: type[pl.DataType]) -> pl.Expr:
        """An SQL expression that reads only known columns and parameters and gives `kind`; a fault otherwise."""
        nothing = pl.lit(False) if kind == pl.Boolean else pl.lit(0.0)
        try:
            expression = pl.sql_expr(sql)
        except Exception as error:
            self.doc.fault("sql", path, f"is not an SQL expression: {_first_line(error)}", sql)
            return nothing
        named = set(expression.meta.root_names())
        unknown = sorted(named - set(columns()) - set(self.parameters))
        if unknown:
            self.doc.fault(
                "unknown_column", path, "names no column or parameter", ", ".join(unknown), _near(unknown[0])
            )
            return nothing
        self.read.update(named - set(self.parameters))
        expression = with_parameters(expression, self.parameters)
        try:
            given = _empty().select(expression).to_series().dtype
        except Exception as error:
            self.doc.fault("sql", path, f"cannot be computed: {_first_line(error)}", sql)
            return nothing
        if (kind == pl.Boolean) != (given == pl.Boolean):
            self.doc.fault(
                "sql", path, f"gives {given}, not {'true or false' if kind == pl.Boolean else 'a number'}", sql
            )
            return nothing
        return expression


def with_parameters(expression: pl.Expr, parameters: Mapping[str, float]) -> pl.Expr:
    """The expression with the ladder's parameters put in."""
    used = [name for name in expression.meta.root_names() if name in parameters]
    for name in dict.fromkeys(used):
        expression = _replace(expression, name, parameters[name])
    return expression


def _replace(expression: pl.Expr, name: str, value: float) -> pl.Expr:
    """`expression` with column `name` replaced by a constant."""
    # polars has no substitution of columns; the serialized tree is the documented way to rewrite one
    import json

    tree = json.loads(expression.meta.serialize(format="json"))
    literal = json.loads(pl.lit(value).meta.serialize(format="json"))

    def walk(node: Any) -> Any:
        if node == {"Column": name}:
            return literal
        if isinstance(node, dict):
            return {key: walk(part) for key, part in node.items()}
        if isinstance(node, list):
            return [walk(part) for part in node]
        return node

    from io import StringIO

    return pl.Expr.deserialize(StringIO(json.dumps(walk(tree))), format="json")


@cache
def _empty() -> pl.DataFrame:
    """No rows of every column, money in major units as conditions see it."""
    frame = pl.DataFrame(schema=columns())
    return frame.with_columns(pl.col(name).cast(pl.Float64) for name in MONEY)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__


def _near(name: str) -> str:
    import difflib

    near = difflib.get_close_matches(name, list(columns()), 1)
    return f"did you mean `{near[0]}`?" if near else "docs/reference/ladders.md lists the columns"
