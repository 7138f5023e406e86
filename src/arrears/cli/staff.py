"""`staff`: local accounts of the desk. A password is never an argument, where other users of the machine would see it."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from arrears.cli.out import print_json, print_table
from arrears.errors import refuse
from arrears.installation import Installation, load_installation
from arrears.store.connect import Store, open_store
from arrears.web import staff_accounts

_HEAD = {
    "zh-CN": ("用户名", "姓名", "角色", "登录方式", "停用时间"),
    "en": ("name", "shown name", "roles", "signs in by", "disabled at"),
}
_BY = {
    "zh-CN": {"provider": "统一登录", "totp": "密码和动态码", "password": "密码（动态码未设置）"},
    "en": {"provider": "the provider", "totp": "password and TOTP", "password": "password (TOTP not set up)"},
}


def add(arguments: argparse.Namespace) -> int:
    """`arrears staff add`."""
    password = _password()
    installation = _installation(arguments)
    with _store(installation) as store, store.begin() as connection:
        staff_accounts.add_member(
            connection,
            arguments.name,
            arguments.shown_name,
            arguments.role,
            password,
            datetime.now(UTC),
            installation.lender,
        )
    return _say(arguments, "added", "the second factor is set up at the first sign-in")


def reset(arguments: argparse.Namespace) -> int:
    """`arrears staff reset`."""
    password = _password()
    installation = _installation(arguments)
    with _store(installation) as store, store.begin() as connection:
        staff_accounts.reset_member(connection, arguments.name, password, datetime.now(UTC), installation.lender)
    return _say(arguments, "reset", "the second factor is set up at the next sign-in")


def disable(arguments: argparse.Namespace) -> int:
    """`arrears staff disable`."""
    with _store(_installation(arguments)) as store, store.begin() as connection:
        staff_accounts.disable_member(connection, arguments.name, datetime.now(UTC))
    return _say(arguments, "disabled", "all its sessions have ended")


def list_(arguments: argparse.Namespace) -> int:
    """`arrears staff list`."""
    with _store(_installation(arguments)) as store, store.read() as connection:
        found = staff_accounts.members(connection)
    if arguments.json:
        for one in found:
            print_json({"name": one.name, "shown_name": one.shown_name, "roles": list(one.roles), "signs_in_by": _by(one),
                        "disabled_at": one.disabled_at.isoformat() if one.disabled_at else None})  # fmt: skip
        return 0
    rows = [
        (one.name, one.shown_name, ", ".join(one.roles), _BY[arguments.lang][_by(one)],
         f"{one.disabled_at:%Y-%m-%d %H:%M} UTC" if one.disabled_at else "")
        for one in found
    ]  # fmt: skip
    print_table(_HEAD[arguments.lang], rows)
    return 0


def _by(one: staff_accounts.Member) -> str:
    return "provider" if one.issuer else "totp" if one.has_totp else "password"


def _installation(arguments: argparse.Namespace) -> Installation:
    return load_installation(Path(arguments.config) if arguments.config else None)


@contextmanager
def _store(installation: Installation) -> Iterator[Store]:
    store = open_store(installation.database)
    try:
        yield store
    finally:
        store.close()


def _password() -> str:
    """Typed twice without being shown; or the first line of standard input, where that is no terminal."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if password != getpass.getpass("Once more: "):
        raise refuse("staff", "is not the same twice", field="password", exit_code=2)
    return password


def _say(arguments: argparse.Namespace, state: str, note: str) -> int:
    if arguments.json:
        print_json({"name": arguments.name, "state": state})
    else:
        print(f"{arguments.name}: {state}; {note}")
    return 0
