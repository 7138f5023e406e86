"""`stop`: stop switches."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from arrears.cli.out import print_json, print_table, tell
from arrears.dispatch.stops import lift_stop, set_stop, stops
from arrears.errors import refuse
from arrears.installation import load_installation
from arrears.store.connect import Store, open_store

_HEAD = {
    "zh-CN": ("编号", "范围", "对象", "设置时间", "设置人", "原因"),
    "en": ("number", "scope", "subject", "set at", "by", "why"),
}
_SET = {
    "zh-CN": "停发开关{number}已开启：自此刻起不再发送",
    "en": "stop switch {number} is on: nothing it names leaves from now on",
}
_LIFTED = {"zh-CN": "停发开关{number}已解除", "en": "stop switch {number} is lifted"}
_NONE = {"zh-CN": "没有开启的停发开关", "en": "no stop switch is on"}


def stop(arguments: argparse.Namespace) -> int:
    """`arrears stop`."""
    store = open_store(load_installation(Path(arguments.config) if arguments.config else None).database)
    try:
        if arguments.list:
            return _list(store, arguments)
        if not arguments.by or (not arguments.why and arguments.lift is None):
            raise refuse("stop", "says who sets it and why", field="--by, --why", exit_code=2)
        return _lift(store, arguments) if arguments.lift is not None else _set(store, arguments)
    finally:
        store.close()


def _set(store: Store, arguments: argparse.Namespace) -> int:
    scopes = ("channel", "strategy", "person", "account")
    scope = next((name for name in scopes if getattr(arguments, name)), "all")
    subject = getattr(arguments, scope, None) or ""
    with store.hold_all(), store.begin() as connection:
        number = set_stop(connection, scope, subject, arguments.by, arguments.why, datetime.now(UTC))
    return _say(arguments, _SET, number, "on")


def _lift(store: Store, arguments: argparse.Namespace) -> int:
    with store.begin() as connection:
        lift_stop(connection, arguments.lift, arguments.by, datetime.now(UTC))
    return _say(arguments, _LIFTED, arguments.lift, "lifted")


def _say(arguments: argparse.Namespace, words: dict[str, str], number: int, state: str) -> int:
    if arguments.json:
        print_json({"number": number, "state": state})
    else:
        tell(words[arguments.lang].format(number=number))
    return 0


def _list(store: Store, arguments: argparse.Namespace) -> int:
    with store.read() as connection:
        found = stops(connection)
    if arguments.json:
        for one in found:
            print_json({"number": one.number, "scope": one.scope, "subject": one.subject, "set_at": one.set_at.isoformat(),
                        "set_by": one.set_by, "reason": one.reason})  # fmt: skip
    elif found:
        rows = [(o.number, o.scope, o.subject, f"{o.set_at:%Y-%m-%d %H:%M} UTC", o.set_by, o.reason) for o in found]
        print_table(_HEAD[arguments.lang], rows)
    else:
        print(_NONE[arguments.lang])
    return 0
