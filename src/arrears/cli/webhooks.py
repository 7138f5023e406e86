"""`webhooks`: other systems are told of facts that were recorded."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Mapping
from pathlib import Path

from arrears.cli.out import print_json, print_table
from arrears.dispatch.claim import database_clock
from arrears.dispatch.news import Waiting, tell_again, what_waits
from arrears.dispatch.subscribers import Subscription, chosen, subscriptions_of
from arrears.dispatch.telling_news import tell_all
from arrears.installation import load_installation
from arrears.store.connect import Store, open_store
from arrears.store.news import Registered, register


def webhooks(arguments: argparse.Namespace) -> int:
    """`arrears webhooks`."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s", stream=sys.stderr)
    installation = load_installation(Path(arguments.config) if arguments.config else None)
    there = subscriptions_of(installation)
    names = chosen(installation, there, arguments.names)
    store = open_store(installation.database)
    try:
        registered, again = Registered((), ()), 0
        if not arguments.list:
            registered, again = _begin(store, there, names if arguments.again else ())
        told = {} if arguments.list else tell_all(store, [there[name] for name in names], arguments.until_empty)
        with store.read() as connection:
            waiting = {name: what_waits(connection, name) for name in names}
    finally:
        store.close()
    if arguments.json:
        print_json(_as_json(registered, again, told, waiting))
    else:
        _print(registered, told, waiting, arguments.lang)
    return 0


def _begin(store: Store, there: Mapping[str, Subscription], again: tuple[str, ...]) -> tuple[Registered, int]:
    """All receivers of the file are subscribers from now on, and no others; what is parked of some is taken up again."""
    with store.begin() as connection:
        kinds = {name: one.kinds for name, one in there.items()}
        return register(connection, kinds, database_clock(connection)), tell_again(connection, again)


def _as_json(
    registered: Registered, again: int, told: Mapping[str, int], waiting: Mapping[str, Waiting]
) -> dict[str, object]:  # fmt: skip
    return {
        "began": list(registered.began), "ended": list(registered.ended), "again": again,
        "webhooks": {
            name: {"told": told.get(name, 0), "waiting": one.waiting, "parked": one.parked,
                   "oldest": one.oldest.isoformat() if one.oldest else None, "reason": one.reason}
            for name, one in waiting.items()
        },
    }  # fmt: skip


_WORDS = {
    "zh-CN": {"head": ("接收方", "已通知", "待通知", "其中已停止重试", "最早记录时间", "最近一次失败原因"),
              "began": "自此刻起通知：{}", "ended": "不再通知：{}", "nobody": "没有接收方（arrears.yaml 中没有 webhooks）", "between": "、"},
    "en": {"head": ("receiver", "told", "waiting", "of them parked", "oldest recorded", "why it failed last"),
           "began": "told from now on: {}", "ended": "told no more: {}", "nobody": "nobody is told: arrears.yaml has no webhooks", "between": ", "},
}  # fmt: skip


def _print(registered: Registered, told: Mapping[str, int], waiting: Mapping[str, Waiting], language: str) -> None:
    """Who began and ended, and for each receiver what was told and what waits, for people."""
    say = _WORDS[language]
    for word in ("began", "ended"):
        names: tuple[str, ...] = getattr(registered, word)
        if names:
            print(str(say[word]).format(str(say["between"]).join(names)))
    if not waiting:
        print(say["nobody"])
        return
    rows = [
        (name, f"{told.get(name, 0):,}", f"{one.waiting:,}", f"{one.parked:,}", f"{one.oldest:%Y-%m-%d %H:%M} UTC" if one.oldest else "",
         one.reason or "")
        for name, one in waiting.items()
    ]  # fmt: skip
    print_table(say["head"], rows, right=(1, 2, 3))
