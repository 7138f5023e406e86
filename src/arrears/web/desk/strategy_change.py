"""Who would be treated differently under another ladder, and a ladder that two people agreed on."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from arrears.errors import Refusal, refuse
from arrears.installation import Installation
from arrears.replay import replay_typed
from arrears.replay.terms import Terms
from arrears.store.book import open_database_book
from arrears.store.connect import Store
from arrears.strategy import Ladder, load_ladder
from arrears.strategy.show import difference

#: So many accounts are looked at, in whole parts of the book: a preview answers while somebody waits.
LOOKED_AT = 20_000
CHANGES = ("stage_before", "stage_after", "action_before", "action_after")
FOLDER = "ladders"


@dataclass(frozen=True)
class Preview:
    """What would change: accounts looked at, of all in the book; how many would be treated differently, by change, and the first of them."""

    looked_at: int
    accounts: int
    changed: int
    counts: tuple[dict[str, Any], ...]
    first: tuple[str, ...]


def read_ladder(text: str) -> Ladder:
    """A ladder from the text of its file. Refusal with every fault, naming no path of this machine."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "ladder.yaml"
        file.write_text(text, "utf-8")
        try:
            return load_ladder(file)
        except Refusal as refusal:
            findings = [
                type(one)(one.code, one.what, "ladder.yaml", one.line, one.field, one.value, one.todo)
                for one in refusal.findings
            ]
            raise Refusal(*findings) from None


def preview(store: Store, terms: dict[str, tuple[Terms, ...]], before: Ladder, after: Ladder, now: datetime) -> Preview:
    """Compare two ladders on the book as it stands now, law aside (the night asks it)."""
    wanted = before.columns | after.columns
    changed: list[pl.DataFrame] = []
    looked_at = 0
    with open_database_book(store, None) as book:
        for part in range(book.parts):
            typed = book.typed(part)
            if typed.accounts.height:
                changed.append(difference(replay_typed(typed, terms, now, None, wanted), before, after))
            looked_at += typed.accounts.height
            if looked_at >= LOOKED_AT:
                break
        every = book.accounts
    if not changed:
        return Preview(0, every, 0, (), ())
    found = pl.concat(changed)
    counts = found.group_by(CHANGES).len("accounts").sort("accounts", *CHANGES, descending=[True, *[False] * 4])
    return Preview(
        looked_at, every, found.height, tuple(counts.to_dicts()), tuple(found["account_id"].head(20).to_list())
    )


def keep_ladder(installation: Installation, text: str) -> Path:
    """Put an agreed ladder into the installation's folder `ladders`, under its name and digest; gives the file. Refusal if it cannot be."""
    ladder = read_ladder(text)
    folder = installation.folder / FOLDER
    file = folder / f"{ladder.name}-{ladder.digest[:12]}.yaml"
    try:
        folder.mkdir(exist_ok=True)
        fresh = file.with_name(f".{file.name}.{os.getpid()}")
        fresh.write_text(text, "utf-8")
        fresh.replace(file)
    except OSError as error:
        raise refuse("strategy", f"cannot be kept: {error.strerror}", field=FOLDER) from None
    return file
