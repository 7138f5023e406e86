"""`verify`: is this message genuine."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from arrears.cli.keys import installation_of, keys_of_lender
from arrears.cli.out import print_json, tell, today
from arrears.errors import Refusal, refuse
from arrears.installation import Installation
from arrears.notice.checks import remark
from arrears.notice.keys import PublicKeys, code_key, public_keys
from arrears.notice.language import date_text
from arrears.notice.register import sent_under
from arrears.notice.slots import House
from arrears.notice.verify import Verification, verify
from arrears.notice.writer import house_of
from arrears.store.connect import open_store
from arrears.strategy.ladder import words

#: Longest text that is verified, in characters; a letter has a few thousand.
LENGTH_LIMIT = 100_000


def verify_(arguments: argparse.Namespace) -> int:
    """`arrears verify`: 0 if the message is genuine, 1 if that cannot be confirmed."""
    text = _text(arguments.text)
    if not text.strip() and not arguments.code:
        raise refuse("text", "is missing", exit_code=2, todo="give the message, or --code")
    found = _offline(text, arguments) if arguments.keys else _at_home(text, arguments)
    if arguments.json:
        print_json(found.as_json(arguments.lang))
    else:
        _show(found, arguments.lang, bool(text.strip()))
    return 0 if found.verdict == "genuine" else 1


def _offline(text: str, arguments: argparse.Namespace) -> Verification:
    """By the lender's published keys alone: what a borrower's own machine can do."""
    keys, lender = keys_of_lender(arguments.keys)
    return verify(text, None, keys, House(lender), today(), code=arguments.code)


def _at_home(text: str, arguments: argparse.Namespace) -> Verification:
    """By the installation's keys and the notices of its store."""
    installation = installation_of(arguments)
    house, keys = house_of(installation), public_keys(installation.keys, installation.lender.id)
    try:
        return _looked_up(text, installation, keys, house, arguments.code)
    except Refusal as refusal:
        for finding in refusal.findings:
            tell(f"arrears: codes cannot be looked up: {finding}")
        return verify(text, None, keys, house, today(), code=arguments.code)


def _looked_up(text: str, installation: Installation, keys: PublicKeys, house: House, code: str | None) -> Verification:
    key, store = code_key(installation.keys), open_store(installation.database)
    try:
        with store.read() as connection:
            return verify(text, lambda hashed: sent_under(connection, hashed), keys, house, today(), key, code)
    finally:
        store.close()


def _show(found: Verification, language: str, read: bool) -> None:
    print(found.says.text(language))
    for one in (*found.proof, *found.reasons):
        print(f"  {one.text(language)}")
    if found.sent is not None:
        channel = words()["channels"][found.sent.channel]["zh" if language == "zh-CN" else "en"]
        on = date_text(found.sent.on, "", language)
        print("  " + remark("advice", "sent", channel=channel, on=on, account=found.sent.account).text(language))
    if found.verdict == "genuine":
        return
    if found.checks:
        print(remark("advice", "what_to_check").text(language))
        for one in found.checks:
            print(f"  - {one.text(language)}")
    elif read:
        print(remark("advice", "nothing_marked").text(language))
    print(found.reach.text(language))


def _text(told: str) -> str:
    """The message: standard input for ``-``, the content of a file of that name, else the words themselves."""
    if told == "-":
        content = sys.stdin.buffer.read()
    elif _is_file(told):
        content = Path(told).read_bytes()
    else:
        content = told.encode("utf-8", "surrogateescape")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise refuse("encoding", "is not UTF-8", field="TEXT", exit_code=2, todo="save it as UTF-8") from None
    if len(text) > LENGTH_LIMIT:
        what = f"has {len(text):,} characters, more than {LENGTH_LIMIT:,}"
        raise refuse("text", what, field="TEXT", exit_code=2, todo="verify one message at a time")
    return text


def _is_file(told: str) -> bool:
    try:
        return bool(told) and Path(told).is_file()
    except (OSError, ValueError):  # too long for a name, or with a character that no name has
        return False
