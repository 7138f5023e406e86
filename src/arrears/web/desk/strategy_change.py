"""Who would be treated differently under another ladder, and a ladder that two people agreed on."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from arrears.errors import Refusal, refuse
from arrears.installation import Installation
from arrears.replay import replay_typed
from arrears.replay.terms import Terms
from arrears.strategy import Ladder, load_ladder
from arrears.strategy.show import difference
from arrears.web.desk.sample import Sample

CHANGES = ("stage_before", "stage_after", "action_before", "action_after")
FOLDER = "ladders"


@dataclass(frozen=True)
class Preview:
    """What would change: accounts looked at, as they stood `at` an instant, of all in the book; how many would be treated differently, by
    change, and the first of them.
    """

    at: datetime
    looked_at: int
    accounts: int
    about: bool
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


def preview(sample: Sample, terms: dict[str, tuple[Terms, ...]], before: Ladder, after: Ladder) -> Preview:
    """Compare two ladders on a sample of the book, law aside (the night asks it)."""
    if not sample.typed.accounts.height:
        return Preview(sample.at, 0, sample.accounts, sample.about, 0, (), ())
    frame = replay_typed(sample.typed, terms, sample.at, None, before.columns | after.columns)
    found = difference(frame, before, after)
    counts = found.group_by(CHANGES).len("accounts").sort("accounts", *CHANGES, descending=[True, *[False] * 4])
    return Preview(
        sample.at, frame.height, sample.accounts, sample.about, found.height, tuple(counts.to_dicts()),
        tuple(found["account_id"].head(20).to_list()),
    )  # fmt: skip


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
