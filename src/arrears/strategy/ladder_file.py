"""A ladder's file, read: every fault with its line, and every condition tried before any night runs.

Conditions are parsed with `polars.sql_expr` and tried on an empty frame, so an unknown column or function, or a condition that is no
condition, is an error with file and line.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import polars as pl

from arrears.errors import refuse
from arrears.facts.schema import CHANNELS, LAWS
from arrears.facts.yaml_text import Document, parse_yaml, read_yaml
from arrears.replay.columns import MONEY, columns
from arrears.strategy.ladder import Action, Ladder, Stage, included, reasons

#: Column that every ladder needs beside those its conditions name.
ALWAYS = (
    "days_past_due", "due_total", "past_due_total", "payoff", "settled", "refused", "oldest_due_on", "time_zone",
    "language", "person_id",
)  # fmt: skip


KEYS = ("ladder", "law", "version", "name", "buckets", "parameters", "stages", "skips", "actions", "capacity", "staff")
ACTION_KEYS = ("id", "name", "channel", "stages", "when", "repeat_days", "after", "cost", "gain", "min_amount", "skip")
STAFF_KEYS = ("id", "actions", "languages", "a_night")


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


def default_ladder(law: str) -> Ladder:
    """The included ladder for a law; `cn-consumer` where there is none of its own."""
    name = f"{law}-consumer"
    return _included(name if name in included() else "cn-consumer")


@cache
def _included(name: str) -> Ladder:
    """One that comes with arrears: several laws share a ladder, and its file does not change while arrears runs."""
    return load_ladder(name)


class _LadderReader:
    """Reads a ladder document and keeps every fault."""

    def __init__(self, document: Document) -> None:
        self.doc = document
        self.top: dict[str, Any] = document.value if isinstance(document.value, dict) else {}
        self.parameters: dict[str, float] = {}
        self.read: set[str] = set(ALWAYS)

    def ladder(self, content: bytes) -> Ladder:
        if not isinstance(self.doc.value, dict):
            raise refuse("form", "is not a ladder", file=self.doc.file, line=1,
                         todo="write `ladder`, `law`, `stages`, `actions`; docs/reference/ladders.md has the form")  # fmt: skip
        self.expect_keys("", self.top, KEYS)
        for name, value in self.mapping("parameters").items():
            if name in columns():
                self.doc.fault("repeated", f"parameters.{name}", "is the name of a column", todo="give it another name")
            self.parameters[name] = self.number(f"parameters.{name}", value)
        skips_sql = {name: str(sql) for name, sql in self.mapping("skips").items()}
        for name in skips_sql:
            if name not in reasons():
                self.doc.fault("unknown_reason", f"skips.{name}", "has no words", todo="known: " + ", ".join(reasons()))
        skips = {name: self.condition(f"skips.{name}", sql) for name, sql in skips_sql.items()}
        stages = tuple(self.stage(i, part) for i, part in enumerate(self.listed("stages")))
        actions = tuple(self.action(i, part, stages, skips) for i, part in enumerate(self.listed("actions")))
        self.once("stages", [stage.id for stage in stages])
        self.once("actions", [action.id for action in actions])
        buckets, capacity, staff = self.buckets(), self.capacity(actions), self.staff(actions)
        if self.top.get("law") not in LAWS:
            self.doc.fault("law", "law", "is not one of " + ", ".join(LAWS), self.top.get("law"))
        title = self.named("name", self.top.get("name"))
        self.doc.raise_findings()
        return Ladder(
            str(self.top.get("ladder")), str(self.top.get("law")), title, stages, actions, skips, skips_sql, buckets,
            self.parameters, capacity, staff, frozenset(self.read), hashlib.sha256(content).hexdigest(), self.doc.file,
        )  # fmt: skip

    def mapping(self, name: str) -> dict[str, Any]:
        part = self.top.get(name)
        if part is not None and not isinstance(part, dict):
            self.doc.fault("form", name, "is not a mapping")
        return part if isinstance(part, dict) else {}

    def named(self, path: str, value: Any) -> dict[str, str]:
        """A name in both languages."""
        if isinstance(value, dict) and set(value) == {"zh", "en"}:
            return {tongue: str(text) for tongue, text in value.items()}
        self.doc.fault("form", path, "is not a name in both languages", todo="write {zh: …, en: …}")
        return {"zh": "", "en": ""}

    def texts(self, path: str, value: Any) -> tuple[str, ...]:
        """A list of words; nothing there is an empty one."""
        if value is None or isinstance(value, list):
            return tuple(str(item) for item in value or ())
        self.doc.fault("form", path, "is not a list", value)
        return ()

    def once(self, name: str, ids: list[str]) -> None:
        for index, found in enumerate(ids):
            if found in ids[:index]:
                self.doc.fault("duplicate", f"{name}[{index}].id", "stands twice", found)

    def buckets(self) -> tuple[tuple[str, int], ...]:
        """Names and first days, from 0 upwards."""
        found = [
            (str(part.get("name")), self.whole(f"buckets[{i}].from", part.get("from")))
            for i, part in enumerate(self.listed("buckets"))
        ]
        days = [begins for _, begins in found]
        if days and (days[0] != 0 or days != sorted(set(days))):
            self.doc.fault("number", "buckets", "do not begin at 0 and go upwards", ", ".join(map(str, days)))
        return tuple(found)

    def staff(self, actions: tuple[Action, ...]) -> tuple[Mapping[str, Any], ...]:
        """Members of staff: what they do, in which languages, and how much a night."""
        if self.top.get("staff") is None:
            return ()
        known = {action.id for action in actions}
        members = self.listed("staff")
        for index, part in enumerate(members):
            path = f"staff[{index}]"
            self.expect_keys(path, part, STAFF_KEYS)
            if not part.get("id"):
                self.doc.fault("missing", f"{path}.id", "is missing")
            for name in self.texts(f"{path}.actions", part.get("actions")):
                if name not in known:
                    self.doc.fault("unknown_value", f"{path}.actions", "names no action of this ladder", name)
            self.texts(f"{path}.languages", part.get("languages"))
            self.whole(f"{path}.a_night", part.get("a_night", 0))
        self.once("staff", [str(part.get("id")) for part in members])
        return tuple(members)

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
            number = float(str(value))
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            self.doc.fault("number", path, "is not a number", value)
            return 0.0
        return number

    def whole(self, path: str, value: Any) -> int:
        number = self.number(path, value)
        if number != int(number) or number < 0:
            self.doc.fault("number", path, "is not a whole number of 0 or more", value)
        return int(number)

    def identity(self, path: str, part: Mapping[str, Any]) -> str:
        if not part.get("id"):
            self.doc.fault("missing", f"{path}.id", "is missing")
        return str(part.get("id"))

    def stage(self, index: int, part: dict[str, Any]) -> Stage:
        path = f"stages[{index}]"
        self.expect_keys(path, part, ("id", "name", "when"))
        sql = _sql(part.get("when"))
        name = self.named(f"{path}.name", part.get("name"))
        return Stage(self.identity(path, part), name, self.condition(f"{path}.when", sql), sql)

    def action(
        self, index: int, part: dict[str, Any], stages: tuple[Stage, ...], skips: Mapping[str, pl.Expr]
    ) -> Action:
        path = f"actions[{index}]"
        self.expect_keys(path, part, ACTION_KEYS)
        channel, after = self.channels(path, part)
        when, amount = _sql(part.get("when", True)), part.get("min_amount")
        cost, gain = str(part.get("cost", "0")), str(part.get("gain", "0"))
        known = tuple(stage.id for stage in stages)
        return Action(
            id=self.identity(path, part), name=self.named(f"{path}.name", part.get("name")), channel=channel, after=after,
            stages=self.among(f"{path}.stages", part.get("stages"), known, "names no stage of this ladder"),
            when=self.condition(f"{path}.when", when), when_sql=when,
            repeat_days=self.whole(f"{path}.repeat_days", part.get("repeat_days", 0)),
            cost=self.amount(f"{path}.cost", cost), cost_sql=cost, gain=self.amount(f"{path}.gain", gain), gain_sql=gain,
            min_amount=None if amount is None else self.amount(f"{path}.min_amount", amount),
            min_amount_sql="" if amount is None else str(amount),
            skip=self.among(f"{path}.skip", part.get("skip"), tuple(skips), "names no condition under `skips`"),
        )  # fmt: skip

    def among(self, path: str, value: Any, known: tuple[str, ...], what: str) -> tuple[str, ...]:
        """A list of words that are known; `what` is said of one that is not."""
        found = self.texts(path, value)
        for item in found:
            if item not in known:
                self.doc.fault("unknown_value", path, what, item)
        return found

    def channels(self, path: str, part: Mapping[str, Any]) -> tuple[str | None, tuple[str, ...]]:
        """The channel of an action and those that come before it; what `decide` asks of them is noted as read."""
        channel = part.get("channel")
        if channel is not None and channel not in CHANNELS:
            self.doc.fault("unknown_value", f"{path}.channel", "is not a channel", channel, ", ".join(CHANNELS))
            channel = None
        after = self.among(f"{path}.after", part.get("after"), CHANNELS, "is not a channel")
        self.read.update(f"last_attempt_on_{earlier}" for earlier in after)
        if channel is not None:
            of_channel = ("opted_out", "last_attempt_on", "days_since_last_attempt")
            self.read.update(f"{name}_{channel}" for name in of_channel)
        return channel, after

    def capacity(self, actions: tuple[Action, ...]) -> dict[str, int]:
        found: dict[str, int] = {}
        for name, part in self.mapping("capacity").items():
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
        if given != pl.Boolean if kind == pl.Boolean else not given.is_numeric():
            self.doc.fault(
                "sql",
                path,
                f"gives {given.base_type()}, not {'true or false' if kind == pl.Boolean else 'a number'}",
                sql,
            )
            return nothing
        return expression


def _sql(value: Any) -> str:
    """A condition as it was written; YAML has made true and false of two of them."""
    return str(value).lower() if isinstance(value, bool) else str(value)


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
