"""One night, top to bottom: facts → position → decision → lawful work.

A night looks at a book as it stood at `as_of` and plans the contacts of the next day. It goes part by part, so memory is bounded; each
finished part is a file, so a night that was killed goes on with the unfinished ones, and the result is the same to the byte.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from arrears import __version__
from arrears.errors import refuse
from arrears.facts.book import Book
from arrears.facts.parts import ACCOUNTS_FOLDED, EVENTS_FOLDED
from arrears.facts.schema import TABLES
from arrears.facts.typed import Typed
from arrears.law import PLAIN, Asking
from arrears.night import files
from arrears.night.capacity import Allotment, allot
from arrears.night.judge import columns_asked, judge_part, planned_on
from arrears.night.lines import join_work
from arrears.night.summary import summarise
from arrears.night.worklist import finish_part, settle_part
from arrears.replay.terms import Terms, parse_terms
from arrears.strategy import Ladder, default_ladder, load_ladder

Progress = Callable[[str, int, int], None]
PARTS_AT_ONCE = 2  # are computed: it bounds the memory, and each already uses all processors for its heaviest step
PARTS_FINISHED = 6  # at once: little is left to compute of each, so that they mostly wait for the disk
PARTS_WRITTEN = 1  # beside them: whoever waits for the disk keeps nobody from computing, and a judged part is small


@dataclass(frozen=True)
class Night:
    """What a night is: the book, the ladder of each law, up to when, and by whom and which rules the law is asked."""

    book: Book
    ladders: Mapping[str, Ladder]
    terms: Mapping[str, tuple[Terms, ...]]
    as_of: date | datetime
    known_at: datetime | None
    asking: Asking = PLAIN

    @property
    def key(self) -> str:
        """A name for everything the result depends on."""
        parts = [
            __version__, self.book.digest, str(self.as_of), str(self.known_at), self.asking.digest,
            *(f"{law}:{ladder.digest}" for law, ladder in sorted(self.ladders.items())),
        ]  # fmt: skip
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def prepare(
    book: Book, as_of: date | datetime, known_at: datetime | None = None, ladder: str | Path | None = None,
    asking: Asking = PLAIN,
) -> Night:  # fmt: skip
    """A night over `book`: with one ladder for all, or the included one of each account's law (`cn-consumer` where there is none)."""
    one = load_ladder(ladder) if ladder is not None else None
    ladders = {law: one or default_ladder(law) for law in LAWS_WITH_DEFAULT}
    return Night(book, ladders, terms_of(book), as_of, known_at, asking)


LAWS_WITH_DEFAULT = ("cn", "us", "uk", "in", "au", "none")


def terms_of(book: Book) -> dict[str, tuple[Terms, ...]]:
    """The terms of all products of a book."""
    return dict(parse_terms(text, f"{book.name}: terms of {product}") for product, text in book.terms().items())


def run(night: Night, out: Path, previous: Path | None = None, progress: Progress | None = None) -> dict[str, Any]:
    """Run the night into the folder `out` and return its summary. Refusal if `out` holds another night.

    `previous`: the folder of an earlier night, for what changed since. `progress` is told (step, done, total).
    """
    tell = progress or (lambda step, done, total: None)
    begin(night, out)
    judge_all(night, out, tell)
    allotment = allot(night.ladders, out, night.book.parts)
    finish_all(night, out, allotment, tell)
    with ThreadPoolExecutor() as pool:  # neither reads what the other writes
        joining = pool.submit(join_work, out, night.book.parts, night.ladders)
        summary = summarise(night, out, previous)
        joining.result()
    files.write_json(out / "summary.json", summary)
    files.write_json(out / "night.json", {**describe(night), "files": files.hashes(out)})
    return summary


def describe(night: Night) -> dict[str, Any]:
    """What the night was run on, JSON-ready."""
    return {
        "key": night.key,
        "version": __version__,
        "as_of": night.as_of.isoformat(),
        "known_at": night.known_at.isoformat() if night.known_at else None,
        "planned_for": planned_on(night.as_of).isoformat(),
        "book": night.book.digest,
        "law": {
            "binds": night.asking.binds,
            "house": [path.name for path in night.asking.house],
            "blocks": sorted(night.asking.policy.blocks),
            "sha256": night.asking.digest,
        },
        "ladders": {law: {"name": ladder.name, "sha256": ladder.digest} for law, ladder in night.ladders.items()},
    }


def begin(night: Night, out: Path) -> None:
    """Make the folder, or find in it the beginning of this very night, however early that was broken off."""
    started = out / "started.json"
    if started.exists():
        if json.loads(started.read_text("utf-8")).get("key") != night.key:
            raise refuse("night", "holds a night over another book, ladder or date", file=str(out), exit_code=2,
                         todo="give another folder with --out")  # fmt: skip
    elif out.exists() and any(path.name != files.unfinished(started).name for path in out.iterdir()):
        raise refuse("night", "is not empty and holds no night", file=str(out), exit_code=2, todo="give another folder")
    else:
        out.mkdir(parents=True, exist_ok=True)
        files.write_json(
            started, describe(night)
        )  # before anything else, so that whatever else is there is this night's
    (out / "judged").mkdir(exist_ok=True)
    (out / "decisions").mkdir(exist_ok=True)


def judge_all(night: Night, out: Path, tell: Progress) -> None:
    """Position, decision and law for every part, and what no capacity limits of its decisions and work."""

    computing = BoundedSemaphore(PARTS_AT_ONCE)

    def judge(part: int) -> None:
        with computing:
            judged = judge_part(
                _typed(night, part), night.terms, night.ladders, night.as_of, night.known_at, night.asking
            )
        settle_part(out, part, judged)

    waiting = [part for part in range(night.book.parts) if not files.judged(out, part).exists()]
    _side_by_side("judge", judge, waiting, night.book.parts, tell, PARTS_AT_ONCE + PARTS_WRITTEN)


def _typed(night: Night, part: int) -> Typed:
    """The facts of a part, as far as the night reads them.

    Where all that was ever learned counts, it is not read when: each event stands as if learned when it happened.
    """
    asked = columns_asked(night.ladders.values()) & TABLES["accounts"].keys()
    accounts = sorted(asked.union(ACCOUNTS_FOLDED))
    if night.known_at is not None:
        return night.book.typed(part, accounts=accounts)
    typed = night.book.typed(part, [name for name in EVENTS_FOLDED if name != "recorded_at"], accounts=accounts)
    return replace(typed, events=typed.events.with_columns(recorded_at="at"))


def finish_all(night: Night, out: Path, allotment: Allotment, tell: Progress) -> None:
    """Decisions and work of the accounts that competed for capacity, for every part."""
    waiting = [part for part in range(night.book.parts) if not files.work(out, part, limited=True).exists()]
    _side_by_side(
        "finish", lambda part: finish_part(out, part, night.ladders, allotment), waiting, night.book.parts, tell,
        PARTS_FINISHED,
    )  # fmt: skip


def _side_by_side(
    step: str, work: Callable[[int], None], waiting: list[int], total: int, tell: Progress, at_once: int
) -> None:
    """Do the work of the waiting parts, a few at a time: while one is read or written, another is computed."""
    done = total - len(waiting)
    tell(step, done, total)
    with ThreadPoolExecutor(at_once) as pool:
        for _ in pool.map(work, waiting):
            done += 1
            tell(step, done, total)
