"""Opening what the commands of calls and visits need: store, keys, rules and words of an installation, and the time."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from arrears.cli.out import print_json, print_table, tell
from arrears.dispatch.ask import Asked
from arrears.dispatch.carried import InHand, Office
from arrears.dispatch.outbox import enqueue, read_night
from arrears.dispatch.outcome_file import read_form, read_outcomes
from arrears.dispatch.reasons import Why
from arrears.dispatch.rules import rules_of
from arrears.dispatch.running import terms_in
from arrears.dispatch.spoken import Speaker
from arrears.dispatch.telling import Recorded, tell_all
from arrears.errors import refuse
from arrears.installation import Installation, load_installation
from arrears.notice.writer import open_writer
from arrears.store.connect import open_store
from arrears.store.personal import open_personal


@dataclass(frozen=True)
class Opened:
    """An installation that was opened, and the time by which the command works."""

    installation: Installation
    office: Office
    now: datetime

    def settings(self, channel: str) -> Mapping[str, Any]:
        """The settings of a channel. Refusal if the installation has none."""
        if channel not in self.installation.channels:
            raise refuse(
                "installation",
                "is not set up",
                file=str(self.installation.path),
                field=f"channels.{channel}",
                exit_code=2,
            )
        return self.installation.channels[channel] or {}

    def speaker(self) -> Speaker:
        """What writes the words. Refusal for unfit keys or templates."""
        return Speaker(
            open_writer(self.installation, self.now.date()), self.office.personal, self.office.rules, os.urandom
        )


@contextmanager
def opened(arguments: argparse.Namespace) -> Iterator[Opened]:
    """The installation that the arguments name; with --night its work list is put into the outbox first."""
    installation = load_installation(Path(arguments.config) if arguments.config else None)
    now = _now(installation, arguments.at)
    store = open_store(installation.database)
    try:
        with store.read() as connection:
            terms = terms_in(connection)
        office = Office(store, open_personal(store, installation.keys), rules_of(installation, terms))
        if getattr(arguments, "night", None):
            night = read_night(Path(arguments.night), installation.settings.get("rehearsal") is True)
            with store.begin() as connection:
                enqueue(connection, night, now)
        yield Opened(installation, office, now)
    finally:
        store.close()


def _now(installation: Installation, at: datetime | None) -> datetime:
    """The clock's time, or in a rehearsal another one."""
    if at is not None and installation.settings.get("rehearsal") is not True:
        raise refuse("at", "is only for rehearsals: people are called and visited by the real clock", field="--at", exit_code=2,
                     todo="say `rehearsal: true` in an installation that reaches nobody")  # fmt: skip
    return at or datetime.now(UTC)


def reasons_text(reasons: tuple[Why, ...], language: str) -> str:
    """Reasons in words."""
    return ("；" if language == "zh-CN" else "; ").join(why.text(language) for why in reasons)


_WITHDRAWN = {
    "zh-CN": (("编号", "账户", "原因"), "全部仍可进行", "共{count}项不得进行"),
    "en": (("key", "account", "why"), "all of them may still be made", "{count} must not be made"),
}


def show_withdrawn(found: list[tuple[InHand, Asked]], arguments: argparse.Namespace) -> int:
    """What must not be done any more; exit code 1 where there is any."""
    head, none, some = _WITHDRAWN[arguments.lang]
    if arguments.json:
        for item, asked in found:
            ids = [why.id for why in asked.reasons]
            print_json(
                {"key": item.attempt_id, "account": item.work.account_id, "verdict": asked.verdict, "reasons": ids}
            )
    elif found:
        rows = [
            (item.attempt_id, item.work.account_id, reasons_text(asked.reasons, arguments.lang))
            for item, asked in found
        ]
        print_table(head, rows)
    if not arguments.json:
        tell(some.format(count=len(found)) if found else none)
    return 1 if found else 0


_OUTCOMES = {
    "zh-CN": ("新记录{new}条，已有{known}条，无法读取{bad}条，违反时段{breach}条", "{key}: 账户{account}：在允许时段之外（{breach}）"),
    "en": ("{new} recorded, {known} known before, {bad} refused, {breach} outside their hours",
           "{key}: account {account}: made outside what was allowed ({breach})"),
}  # fmt: skip


def take_in(arguments: argparse.Namespace) -> int:
    """Outcomes from a file: recorded, and everything wrong with them told; exit code 1 where something is."""
    form = read_form(Path(arguments.mapping) if arguments.mapping else None)
    rows, faults = read_outcomes(Path(arguments.file), form)
    with opened(arguments) as own:
        recorded, refused = tell_all(own.office, rows, arguments.file, own.now, form.codes)
    faults = faults + [finding for refusal in refused for finding in refusal.findings]
    for finding in faults:
        tell(f"arrears: {finding}")
    show_recorded(recorded, len(faults), arguments)
    return 1 if faults or any(one.breach for one in recorded) else 0


def show_recorded(recorded: list[Recorded], bad: int, arguments: argparse.Namespace) -> None:
    """What became of outcomes."""
    if arguments.json:
        for one in recorded:
            print_json(
                {
                    "key": one.key,
                    "account": one.account_id,
                    "code": one.code,
                    "new": one.new,
                    "breach": list(one.breach),
                }
            )
        return
    counts, breached = _OUTCOMES[arguments.lang]
    for one in recorded:
        if one.breach:
            print(breached.format(key=one.key, account=one.account_id, breach=", ".join(one.breach)))
    new, breach = sum(one.new > 0 for one in recorded), sum(bool(one.breach) for one in recorded)
    print(counts.format(new=new, known=len(recorded) - new, bad=bad, breach=breach))
