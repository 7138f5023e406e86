"""`dispatch`: what is in the outbox leaves."""

from __future__ import annotations

import argparse
import logging
import sys
from datetime import UTC, datetime
from pathlib import Path

from arrears.cli.out import print_json, print_table, tell
from arrears.cli.rehearsal import now_of
from arrears.dispatch.claim import Clock, database_clock
from arrears.dispatch.outbox import NightList, enqueue, latest_night, read_night
from arrears.dispatch.reasons import Why
from arrears.dispatch.report import Report, report
from arrears.dispatch.running import Run, channels_of, supervise, work
from arrears.installation import Installation, load_installation
from arrears.store.connect import Store, open_store


def dispatch(arguments: argparse.Namespace) -> int:
    """`arrears dispatch`."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s", stream=sys.stderr)
    installation = load_installation(Path(arguments.config) if arguments.config else None)
    channels = channels_of(installation, arguments.channel)
    clock = _clock(installation, arguments.at)
    store = open_store(installation.database)
    try:
        with store.read() as connection:
            begun = clock(connection)
        night = read_night(Path(arguments.night), _rehearses(installation)) if arguments.night else None
        enqueued = _enqueue(store, night, clock) if night else None
        if arguments.workers == 1:
            work(Run(installation, store, channels, arguments.until_empty, arguments.share, clock))
        else:
            supervise(_one_worker(arguments, installation, begun), arguments.workers, arguments.until_empty)
        with store.read() as connection:
            found = report(connection, begun, night.name if night else latest_night(connection))
    finally:
        store.close()
    if arguments.json:
        print_json({"enqueued": enqueued, **found.as_json()})
    else:
        _print(found, enqueued, arguments.lang)
    return 0


def _clock(installation: Installation, at: datetime | None) -> Clock:
    """The store's clock, or in a rehearsal one that starts at `at`."""
    if at is None:
        return database_clock
    shift = now_of(installation, at) - datetime.now(UTC)
    return lambda connection: datetime.now(UTC) + shift


def _rehearses(installation: Installation) -> bool:
    return installation.settings.get("rehearsal") is True


def _enqueue(store: Store, night: NightList, clock: Clock) -> dict[str, int]:
    """The work list of a night into the outbox."""
    with store.begin() as connection:
        return enqueue(connection, night, clock(connection)).as_json()


def _one_worker(arguments: argparse.Namespace, installation: Installation, begun: datetime) -> list[str]:
    """The command of one worker process of several."""
    command = [sys.executable, "-m", "arrears", "dispatch", "--json", "--config", str(installation.path)]
    command += ["--share", str(arguments.share / arguments.workers)]
    command += [word for name in arguments.channel or () for word in ("--channel", name)]
    command += ["--until-empty"] if arguments.until_empty else []
    return command + (["--at", begun.isoformat()] if arguments.at else [])


_WORDS = {
    "zh-CN": {"enqueued": "入队", "channel": "渠道", "state": "状态", "count": "条数", "why": "未发送的原因", "clauses": "条款",
              "nothing": "待发队列为空",
              "states": {"ready": "待发", "leased": "处理中", "sent": "已发出", "held": "未发（留待下一晚）", "unknown": "结果不明",
                         "parked": "转人工", "expired": "时段已过"}},
    "en": {"enqueued": "enqueued", "channel": "channel", "state": "state", "count": "messages", "why": "why not sent", "clauses": "clauses",
           "nothing": "the outbox is empty",
           "states": {"ready": "ready", "leased": "in hand", "sent": "sent", "held": "held back", "unknown": "end unknown",
                      "parked": "for a person", "expired": "window over"}},
}  # fmt: skip


def _print(found: Report, enqueued: dict[str, int] | None, language: str) -> None:
    """What left, what was held back and why, for people."""
    say = _WORDS[language]
    states: dict[str, str] = say["states"]  # type: ignore[assignment]
    if enqueued is not None:
        tell(f"{say['enqueued']}: " + ", ".join(f"{name} {count:,}" for name, count in enqueued.items() if count))
    rows = [
        (channel, states[state], f"{count:,}") for channel, own in found.states.items() for state, count in own.items()
    ]
    if not rows:
        print(say["nothing"])
        return
    print_table([str(say[name]) for name in ("channel", "state", "count")], rows, right=(2,))
    reasons = [
        (states[state], _in_words(reason, found, language), f"{count:,}")
        for state, counts in found.reasons.items()
        for reason, count in counts.items()
    ]
    if reasons:
        print()
        print_table([str(say[name]) for name in ("state", "why", "count")], reasons, right=(2,))


def _in_words(reason: str, found: Report, language: str) -> str:
    """A counted reason with its facts and clauses."""
    name, _, kinds = reason.partition(":")
    clauses = tuple((clause, "") for clause in found.clauses.get(name, {}))
    return Why(name, tuple(kinds.split("+")) if kinds else (), clauses).text(language)
