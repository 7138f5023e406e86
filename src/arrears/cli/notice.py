"""`notice preview`: what a message would say."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from arrears import calendar
from arrears.account import Account, borrower_of, look_at
from arrears.cli.account import accounts
from arrears.cli.keys import installation_of
from arrears.cli.out import print_json, tell, today
from arrears.errors import refuse
from arrears.facts.schema import Facts
from arrears.installation import Installation
from arrears.notice.language import language_of
from arrears.notice.occasion import Occasion, Step
from arrears.notice.preview import Preview, preview, previews
from arrears.notice.templates import laws, template_set
from arrears.notice.writer import house_of, templates_file
from arrears.strategy import Ladder


def preview_(arguments: argparse.Namespace) -> int:
    """`arrears notice preview`: 0, or 1 if a wording clause blocks a text."""
    installation = installation_of(arguments)
    blocked = False
    for one in _every(installation, arguments) if arguments.all else _of_account(installation, arguments):
        blocked = blocked or one.blocked
        if arguments.html:
            _write_page(one, arguments.html)
        if arguments.json:
            print_json(one.as_json())
        else:
            _show(one)
    return 1 if blocked else 0


def _every(installation: Installation, arguments: argparse.Namespace) -> Iterator[Preview]:
    house, file = house_of(installation), templates_file(installation)
    for law in (arguments.pack,) if arguments.pack else laws():
        for one in previews(template_set(law, file), house, arguments.on or today()):
            if arguments.channel in (None, one.channel) and arguments.lang in (None, one.words.language):
                yield one


def _of_account(installation: Installation, arguments: argparse.Namespace) -> Iterator[Preview]:
    arguments.cases, arguments.known_at = [arguments.case or arguments.account], None
    for facts, account_id, ladder, as_of, _ in accounts(arguments):
        account = look_at(facts, account_id, ladder, as_of)
        occasion, language = _occasion(account, facts, ladder, as_of, arguments)
        templates = template_set(occasion.law, templates_file(installation))
        position = account.replayed.position
        yield preview(templates, occasion, position, house_of(installation), language)


def _occasion(
    account: Account, facts: Facts, ladder: Ladder, as_of: date | datetime, arguments: argparse.Namespace
) -> tuple[Occasion, str]:
    """What the message would be written about, and its language."""
    row, decision, borrower = account.replayed.position, account.decision, borrower_of(facts, account.account_id)
    action, channel = _action(account, ladder, arguments)
    step = Step(decision.next_step.name, decision.next_step.on) if decision.next_step else None
    on = arguments.on or (calendar.local_day(as_of, account.zone) if isinstance(as_of, datetime) else as_of)
    occasion = Occasion(str(row["law"]), action, decision.stage, channel, account.account_id, on, borrower.get("name"),
                        arguments.binds, step)  # fmt: skip
    return occasion, arguments.lang or language_of(row["language"], str(row["law"]))


def _action(account: Account, ladder: Ladder, arguments: argparse.Namespace) -> tuple[str, str]:
    """The action and the channel: as told, else as the ladder decides. An action that is none of the ladder's needs its channel told."""
    named, taken = arguments.action, account.decision.action
    known = next((one for one in ladder.actions if one.id == named), taken if named is None else None)
    channel = arguments.channel or (known.channel if known else None)
    if named is None and known is None and channel is None:
        raise refuse("action", "is not told, and the ladder takes none for this account", account=account.account_id, exit_code=2,
                     todo="give --action or --channel: " + ", ".join(ladder.ids))  # fmt: skip
    if channel is None:
        raise refuse(
            "channel", "is not told, and the action has none", value=named or "", exit_code=2, todo="give --channel"
        )
    return named or (known.id if known and known.channel == channel else channel), channel


def _show(one: Preview) -> None:
    words, length = one.words, one.length
    size = f", {length.units} units of {length.encoding} in {length.parts} parts" if length else ""
    print(f"== {words.template} ({one.channel}, {words.language}{size}) {one.place}")
    if words.subject is not None:
        print(f"{words.subject}\n")
    print(words.text)
    for finding in one.findings:
        quoted = f" “{finding.text}”" if finding.text else ""
        print(f"  {finding.severity}: {finding.says(words.language)}{quoted} [{finding.clause.id}]")
    print()


def _write_page(one: Preview, file: str) -> None:
    if one.words.html is None:
        tell(f"{one.words.template} has no HTML part: only e-mails do")
        return
    Path(file).write_text(one.words.html, "utf-8")
