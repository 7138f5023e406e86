"""`seal`, `verify-log`, `erase`, `rotate-keys`, `backup` and `restore`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from arrears.cli.out import print_json, tell
from arrears.errors import refuse
from arrears.installation import Installation, load_installation
from arrears.notice.log_keys import check_with, sign_with
from arrears.store import erasure, heads
from arrears.store.backup import backup, restore
from arrears.store.connect import Store, open_store
from arrears.store.masters import Masters
from arrears.store.rotation import destroy_old, rotate
from arrears.store.seals import Verified, heads_after, seal, verify_log
from arrears.store.token_rotation import rotate_tokens


def seal_(arguments: argparse.Namespace) -> int:
    """`arrears seal`."""
    with _opened(arguments) as (installation, store):
        head, file = seal_now(installation, store)
    if arguments.json:
        print_json({"sealed": head is not None, "number": head and head.number, "chain": head and head.chain})
    elif head is None:
        print("nothing was recorded since the last seal")
    else:
        print(f"seal {head.number}: {head.chain}")
        print(f"noted in {file}; keep a copy where nobody who can write to the database can write")
    return 0


def seal_now(installation: Installation, store: Store) -> tuple[heads.Head | None, Path]:
    """Seal, and note the head beside the installation; gives the head (None: nothing was recorded) and the file of heads."""
    head = seal(store, datetime.now(UTC), sign_with(installation))
    file = _file(installation, "heads", heads.DEFAULT_FILE)
    known = heads.read_heads(file)
    # of a seal whose process ended before it wrote its head as well
    heads.append_heads(file, heads_after(store, known[-1].number if known else 0))
    return head, file


def verify_log_(arguments: argparse.Namespace) -> int:
    """`arrears verify-log`: 0 intact, 1 not."""
    with _opened(arguments) as (installation, store):
        if arguments.heads and not Path(arguments.heads).is_file():
            raise refuse("heads", "is not there", file=arguments.heads, exit_code=2)
        file = Path(arguments.heads) if arguments.heads else _file(installation, "heads", heads.DEFAULT_FILE)
        known = heads.read_heads(file)
        result = verify_log(store, known, check_with(installation))
    _tell_log(result, arguments.json, {"heads": len(known)})
    return 0 if result.fault is None else 1


def erase_(arguments: argparse.Namespace) -> int:
    """`arrears erase`."""
    wanted = erasure.Erasure(arguments.person, datetime.now(UTC), arguments.why)
    with _opened(arguments) as (installation, store):
        done = erasure.erase(store, wanted)
        file = _file(installation, "erasures", erasure.DEFAULT_FILE)
        listed = erasure.read_erasures(file) if file.exists() else []
        if all(entry.person_id != wanted.person_id for entry in listed):
            erasure.note_erasure(file, wanted)
    if arguments.json:
        print_json({"person_id": wanted.person_id, "accounts": list(done.accounts), "destroyed": done.destroyed})
        return 0
    what = "erased" if done.destroyed else "was erased before"
    print(f"{wanted.person_id} {what}: {len(done.accounts)} accounts; money facts and the log stay as they are")
    print(f"noted in {file}; give it to `arrears restore --erasures` whenever an older backup is restored")
    return 0


def rotate_keys(arguments: argparse.Namespace) -> int:
    """`arrears rotate-keys`."""
    if arguments.tokens:
        return _rotate_tokens(arguments)
    with _opened(arguments) as (installation, store):
        masters = Masters(installation.keys)
        done = rotate(store, masters)
        destroyed = destroy_old(store, masters) if arguments.destroy_old else []
    if arguments.json:
        print_json(
            {"master": done.master, "rewrapped": done.rewrapped, "taken_up": done.taken_up, "destroyed": destroyed}
        )
        return 0
    if done.taken_up:
        print("an earlier rotation had not come to its end; it has now, and no further key was made")
    print(f"master key {done.master} wraps the keys of all persons, {done.rewrapped:,} of them anew")
    print(
        f"destroyed: {', '.join(destroyed)}" if destroyed else "keep the older master keys as long as backups need them"
    )
    return 0


def _rotate_tokens(arguments: argparse.Namespace) -> int:
    with _opened(arguments) as (installation, store):
        done = rotate_tokens(store, Masters(installation.keys), arguments.destroy_old)
    if arguments.json:
        print_json(
            {
                "hashed": done.hashed,
                "taken_out": done.taken_out,
                "taken_up": done.taken_up,
                "destroyed": list(done.destroyed),
            }
        )
        return 0
    if done.taken_up:
        print(
            "numbers and mailboxes were missing under the newest token key; they are there now, and no further key was made"
        )
    print(f"{done.hashed:,} numbers and mailboxes are found under the newest token key too")
    if arguments.destroy_old:
        print(
            f"destroyed: {', '.join(done.destroyed) or 'nothing, there was no older one'}; {done.taken_out:,} rows of older keys are gone"
        )
    else:
        print("the older ones are still asked; `arrears rotate-keys --tokens --destroy-old` ends that")
    return 0


def backup_(arguments: argparse.Namespace) -> int:
    """`arrears backup`."""
    with _opened(arguments) as (_, store):
        done = backup(store, Path(arguments.file), datetime.now(UTC))
    if arguments.json:
        print_json({"file": arguments.file, "rows": dict(done.rows), "head": done.head and list(done.head)})
        return 0
    print(f"{arguments.file}: {sum(done.rows.values()):,} rows, {Path(arguments.file).stat().st_size:,} bytes")
    print(f"head of the log: {done.head or 'none, it was never sealed'}")
    print("the master keys are not in it: keep a copy of the keys folder elsewhere")
    return 0


def restore_(arguments: argparse.Namespace) -> int:
    """`arrears restore`: 0 restored and the log intact, 1 restored but the log is not."""
    listed = erasure.read_erasures(Path(arguments.erasures)) if arguments.erasures else None
    if arguments.heads and not Path(arguments.heads).is_file():
        raise refuse("heads", "is not there", file=arguments.heads, exit_code=2)
    known = heads.read_heads(Path(arguments.heads)) if arguments.heads else []
    done = restore(Path(arguments.file), arguments.to, known)
    again = _erase_again(arguments.to, listed) if listed is not None else 0
    rows = sum(done.rows.values())
    if not arguments.json:
        print(f"restored {rows:,} rows as they were at {done.made_at}; erased again: {again}")
    _tell_log(done.log, arguments.json, {"made_at": done.made_at, "rows_restored": rows, "erased_again": again})
    if listed is None:
        tell("no list of erasures was given: whoever was erased after this backup is readable again")
    return 0 if done.log.fault is None else 1


@contextmanager
def _opened(arguments: argparse.Namespace) -> Iterator[tuple[Installation, Store]]:
    """The installation that --config names, and its store."""
    installation = load_installation(Path(arguments.config) if arguments.config else None)
    store = open_store(installation.database)
    try:
        yield installation, store
    finally:
        store.close()


def _file(installation: Installation, name: str, default: str) -> Path:
    """A file that the section `log` of the installation names, else the one of that name beside the installation's file."""
    return installation.folder / str(installation.section("log").get(name) or default)


def _erase_again(url: str, listed: list[erasure.Erasure]) -> int:
    store = open_store(url)
    try:
        return erasure.erase_again(store, listed)
    finally:
        store.close()


def _tell_log(result: Verified, as_json: bool, more: Mapping[str, Any]) -> None:
    head = f"up to seal {result.head.number} ({result.head.chain})" if result.head else "with no seal yet"
    if as_json:
        found = {name: value for name, value in vars(result).items() if name != "head"}
        print_json({"intact": result.fault is None, **found, "head": result.head and list(result.head), **more})
    elif result.fault is None:
        print(f"the log is intact {head}: {result.rows:,} rows sealed, {result.unsealed:,} not sealed yet")
        print(f"of {result.seals} seals {result.signed} are signed by a key of this installation")
    else:
        place = (
            f", {result.table} seq {result.after + 1} to {result.upto}"
            if result.table and result.after is not None
            else ""
        )
        print(f"the log does NOT hold: seal {result.seal}{place} {result.fault}")
        print(f"it is intact {head}")
