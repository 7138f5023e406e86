"""`queue`: what waits for a person."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from arrears.cli.out import print_json, print_table
from arrears.dispatch.parking import finish, waiting
from arrears.installation import Installation, load_installation
from arrears.store.connect import Store, open_store
from arrears.store.personal import open_personal


def list_(arguments: argparse.Namespace) -> int:
    """`arrears queue list`."""
    installation = load_installation(Path(arguments.config) if arguments.config else None)
    store = open_store(installation.database)
    try:
        rows = _rows(store, installation, arguments.queue, arguments.show)
    finally:
        store.close()
    if arguments.json:
        for row in rows:
            print_json(row)
        return 0
    head = ["number", "queue", "sort", "account", "person", "since"] + (["text"] if arguments.show else [])
    print_table(head, [[row.get(name) or "–" for name in head] for row in rows])
    return 0


def _rows(store: Store, installation: Installation, queue: str | None, show: bool) -> list[dict[str, Any]]:
    """What waits; with sender and text only where they are asked for."""
    with store.read() as connection:
        found: list[Any] = list(waiting(connection, queue))
        opened: list[Any] = [None] * len(found)
        if show and found:
            personal = open_personal(store, installation.keys)
            people = [row.person_id or "" for row in found]
            opened = list(personal.unseal_many(connection, "queue", people, [row.sealed for row in found]))
    return [
        {"number": row.number, "queue": row.queue, "sort": row.sort, "account": row.account_id, "person": row.person_id,
         "since": f"{row.queued_at:%Y-%m-%d %H:%M} UTC", "content": json.loads(row.content) if row.content else {},
         **({"sender": (said or {}).get("number"), "text": (said or {}).get("text")} if show else {})}
        for row, said in zip(found, opened, strict=True)
    ]  # fmt: skip


def done(arguments: argparse.Namespace) -> int:
    """`arrears queue done`."""
    store = open_store(load_installation(Path(arguments.config) if arguments.config else None).database)
    try:
        with store.begin() as connection:
            finish(connection, arguments.number, arguments.by, arguments.how, datetime.now(UTC))
    finally:
        store.close()
    if arguments.json:
        print_json({"number": arguments.number, "state": "done"})
    return 0
