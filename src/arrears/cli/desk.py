"""`desk`: a night onto the pages of staff."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from arrears.cli.out import print_json
from arrears.dispatch.rules import rules_of
from arrears.installation import Installation, load_installation
from arrears.store.connect import Store, open_store
from arrears.web.desk.taking import take_night


def take(arguments: argparse.Namespace) -> int:
    """`arrears desk`."""
    installation = load_installation(Path(arguments.config) if arguments.config else None)
    store = open_store(installation.database)
    previous = Path(arguments.previous) if arguments.previous else None
    try:
        listed = onto_desk(installation, store, Path(arguments.night), previous)
    finally:
        store.close()
    if arguments.json:
        print_json({"listed": listed})
    else:
        print(f"{listed:,} accounts on the list")
    return 0


def onto_desk(installation: Installation, store: Store, night: Path, previous: Path | None) -> int:
    """Take the finished night in a folder onto the desk of an installation, now; gives the accounts on the list (`take_night`)."""
    return take_night(store, night, dict(rules_of(installation, {}).ladders), datetime.now(UTC), previous)
