"""The forms that arguments of commands share. Commands themselves are imported only when they run."""

from __future__ import annotations

import argparse
import importlib
import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from arrears.memory import keep_freed


def command(commands: Any, name: str, function: str, about: str, worded: bool = True) -> argparse.ArgumentParser:
    """A command `name` that runs `module:function` of `arrears.cli`, with --json, and --lang where it prints words."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=about, description=about)
    parser.set_defaults(run=later(function))
    parser.add_argument("--json", action="store_true", help="answer in JSON")
    if worded:
        parser.add_argument("--lang", choices=("zh-CN", "en"), default=language(), help="language of the words")
    return parser


def later(function: str) -> Callable[[argparse.Namespace], int]:
    """The function, imported only when it runs."""
    module, name = function.split(":")

    def run(arguments: argparse.Namespace) -> int:
        if module == "night":
            keep_freed()
        return int(getattr(importlib.import_module(f"arrears.cli.{module}"), name)(arguments))

    return run


def language() -> str:
    """The language of the terminal."""
    told = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "zh-CN" if told.startswith("zh") else "en"


def moment(text: str) -> date | datetime:
    """A day (its end is meant) or an instant with offset."""
    try:
        if len(text) == 10:
            return date.fromisoformat(text)
        at = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is neither YYYY-MM-DD nor an instant such as 2026-03-01T10:00:00+08:00"
        ) from None
    if at.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} has no offset from UTC, such as +08:00")
    return at.astimezone(UTC)


def instant(text: str) -> datetime:
    """An instant; a day means its end in UTC."""
    at = moment(text)
    return at if isinstance(at, datetime) else datetime(at.year, at.month, at.day, 23, 59, 59, 999999, tzinfo=UTC)


def positive(text: str) -> int:
    """A whole number of 1 or more."""
    if not text.isascii() or not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 1 or more")
    return int(text)


def configured(parser: argparse.ArgumentParser) -> None:
    """--config: the installation."""
    parser.add_argument(
        "--config", metavar="FILE", help="the installation (default: ARREARS_CONFIG, else arrears.yaml)"
    )
