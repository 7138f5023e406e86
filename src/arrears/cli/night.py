"""`night` and `rolls`: a whole book."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arrears import money
from arrears import night as nights
from arrears.cli.account import asking_of
from arrears.cli.books import database_of, in_database, opened_book, opened_store
from arrears.cli.out import print_json, print_table, tell, today
from arrears.errors import Refusal
from arrears.facts.book import FolderBook
from arrears.night.summary import roll_rates
from arrears.strategy.ladder import reason_name

if TYPE_CHECKING:
    from arrears.installation import Installation
    from arrears.store.connect import Store


def night(arguments: argparse.Namespace) -> int:
    """`arrears night`."""
    with opened_book(arguments) as book:
        planned = nights.prepare(
            book, arguments.as_of or today(), arguments.known_at, arguments.ladder, asking_of(arguments)
        )
        home = book.path.parent if isinstance(book, FolderBook) else Path()
        out = Path(arguments.out) if arguments.out else home / "nights" / planned.as_of.isoformat().replace(":", "")
        summary = run_shown(planned, out, Path(arguments.since) if arguments.since else None)
    if in_database(arguments):
        _into_store(arguments, out)
    if arguments.json:
        print_json(summary)
    else:
        print_summary(summary, arguments.lang)
        tell(f"work list: {out / 'worklist.parquet'}")
    return 0


def _into_store(arguments: argparse.Namespace, out: Path) -> None:
    """Note the night's decisions in the log, seal it, and take the night onto the desk."""
    from arrears.cli.books import installation_named
    from arrears.store.nights import note_night

    with opened_store(arguments) as (store, _):
        told = json.loads((out / "night.json").read_text("utf-8"))
        with store.begin() as connection:
            note_night(connection, told["as_of"], told["key"], told["files"], datetime.now(UTC))
        installation = installation_named(arguments)
        if installation is None or installation.database != database_of(arguments):
            tell("the log was not sealed, and the desk is as it was: give --config of the store's own installation")
            return
        _seal(installation, store)
        if not arguments.no_desk and arguments.known_at is None:
            listed = _show(installation, store, out, arguments.since)
            if listed and not arguments.json:
                tell(f"on the desk: {listed:,} accounts")


def _seal(installation: Installation, store: Store) -> None:
    """A role that may only write facts leaves the sealing to the owner."""
    from arrears.cli.trust import seal_now

    try:
        seal_now(installation, store)
    except Refusal as refusal:
        tell(f"the log was not sealed: {refusal.findings[0].what}; run `arrears seal` as the owner")


def _show(installation: Installation, store: Store, out: Path, since: str | None) -> int:
    """Gives the accounts that are new on the desk. A night that looks back, behind the one on the desk, does not replace it."""
    from arrears.cli.desk import onto_desk

    try:
        return onto_desk(installation, store, out, Path(since) if since else None)
    except Refusal as refusal:
        tell(f"the night was not taken onto the desk: {refusal}")
        return 0


def run_shown(planned: nights.Night, out: Path, previous: Path | None) -> dict[str, Any]:
    """Run the night, with a progress bar where somebody watches."""
    if not sys.stderr.isatty():
        return nights.run(planned, out, previous)
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        tasks = {step: bar.add_task(step, total=planned.book.parts) for step in ("judge", "finish")}
        return nights.run(planned, out, previous, lambda step, done, total: bar.update(tasks[step], completed=done))


_WORDS = {
    "zh-CN": {"accounts": "账户", "stage": "阶段", "bucket": "逾期区间", "due": "到期应付", "past_due": "其中逾期", "action": "措施", "channel": "渠道",
              "lines": "条数", "gain": "预计收益", "cost": "成本", "why": "未采取的原因", "count": "户数", "changes": "与上一晚相比", "currency": "币种",
              "title": "截至{as_of}的作业清单，供{planned_for}执行：{accounts:,}户，{work:,}条", "refused": "无法精确计算、转人工的账户",
              "from": "之前", "to": "之后", "rate": "迁移率",
              "change": {"new": "新增", "gone": "移出", "fell_behind": "新逾期", "cured": "已还清逾期", "worse": "天数增加", "better": "天数减少"}},
    "en": {"accounts": "accounts", "stage": "stage", "bucket": "days past due", "due": "due", "past_due": "past due", "action": "action",
           "channel": "channel", "lines": "lines", "gain": "expected gain", "cost": "cost", "why": "why not taken", "count": "accounts",
           "changes": "since the last night", "currency": "currency", "title": "Work list as of {as_of}, for {planned_for}: {accounts:,} accounts, {work:,} lines of work",
           "refused": "accounts beyond exact computation, for a person", "from": "from", "to": "to", "rate": "roll rate",
           "change": {"new": "new", "gone": "gone", "fell_behind": "fell behind", "cured": "cured", "worse": "more days past due", "better": "fewer days past due"}},
}  # fmt: skip
REASONS_SHOWN = 6


def print_summary(summary: dict[str, Any], language: str) -> None:
    """The summary of a night for people."""
    say = _WORDS[language]
    print(say["title"].format(**summary))  # type: ignore[attr-defined]
    print()
    print_table([say["stage"], say["accounts"]], [(k, f"{v:,}") for k, v in summary["by_stage"].items()], right=(1,))  # type: ignore[list-item]
    print()
    rows = [
        (row["bucket"], row["currency"], f"{row['accounts']:,}", *(money.to_shown(row[f"{n}_minor"], row["currency"]) for n in ("due", "past_due")))
        for row in summary["by_bucket"]
    ]  # fmt: skip
    print_table([say[name] for name in ("bucket", "currency", "accounts", "due", "past_due")], rows, right=(2, 3, 4))  # type: ignore[misc]
    print()
    rows = [
        (r["action"], r["channel"] or "–", f"{r['lines']:,}", f"{r['gain']:,.2f}", f"{r['cost']:,.2f}")
        for r in summary["by_action"]
    ]
    print_table([say[name] for name in ("action", "channel", "lines", "gain", "cost")], rows, right=(2, 3, 4))  # type: ignore[misc]
    print()
    _print_reasons(summary, language)
    if summary["refused"]:
        print(f"\n{say['refused']}: " + ", ".join(row["account_id"] for row in summary["refused"][:20]))
    if summary["changes"]:
        names: Any = say["change"]
        print(f"\n{say['changes']}: " + ", ".join(f"{names[k]} {v:,}" for k, v in summary["changes"].items()))


def _print_reasons(summary: dict[str, Any], language: str) -> None:
    say, tongue = _WORDS[language], "zh" if language == "zh-CN" else "en"
    rows = []
    for action, counts in summary["not_taken"].items():
        for reason, count in sorted(counts.items(), key=lambda item: -item[1])[:REASONS_SHOWN]:
            rows.append((action, f"{count:,}", reason, reason_name(reason, tongue)))
    print_table([say["action"], say["count"], say["why"], ""], rows, right=(1,))  # type: ignore[list-item]


def rolls(arguments: argparse.Namespace) -> int:
    """`arrears rolls`."""
    table = roll_rates(Path(arguments.before), Path(arguments.after))
    if arguments.json:
        print_json(table)
        return 0
    say: Any = _WORDS[arguments.lang]
    rows = [(r["bucket_before"], r["bucket_after"], f"{r['accounts']:,}", f"{r['rate']:.1%}") for r in table]
    print_table([say["from"], say["to"], say["accounts"], say["rate"]], rows, right=(2, 3))
    return 0
