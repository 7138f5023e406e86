"""How many messages a second leave: outbox → asked again → attempt on disk → provider's acknowledgement → recorded.

    python bench/dispatch.py [--messages N] [--workers N] [--backend sqlite|postgresql] [--batch N] [--smpp]

Borrowers are made, each with one SMS in the outbox; the provider is a TCP server that stores each message on disk before it answers,
or (`--smpp`) a stand-in for an SMSC that does the same, and the channel is the one that speaks SMPP.
PostgreSQL is started for the run with its settings as they come: every commit is on disk. CPU is that of all workers and of all
processes of PostgreSQL from the start signal on, in milliseconds a message.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, text

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.dispatch import debtors  # noqa: E402
from tests.soak.databases import BACKENDS  # noqa: E402
from tests.soak.processes import PASSWORD, environment, smsc_settings, start_line_provider, start_smsc  # noqa: E402

from arrears.store.connect import open_store  # noqa: E402
from arrears.store.personal import open_personal  # noqa: E402
from arrears.store.tables import Attempt, Work  # noqa: E402


def server_ms(store):
    """Milliseconds of CPU that the processes of PostgreSQL have used so far; those that have ended count with their parent. 0 on SQLite."""
    if store.dialect == "sqlite":
        return 0.0
    with store.read() as connection:
        folder = Path(connection.execute(text("SHOW data_directory")).scalar())
    parent = (folder / "postmaster.pid").read_text().split()[0]
    found = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it ended meanwhile
            number, fields = stat.parent.name, stat_of(stat)
            if number == parent:
                found += cpu_ms(fields[11:15])
            elif fields[1] == parent:
                found += cpu_ms(fields[11:13])
    return found


def stat_of(file):
    """The fields of a process after its name (proc(5): the first is its state)."""
    return file.read_text().rpartition(")")[2].split()


def cpu_ms(ticks):
    return 1e3 * sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def start_worker(told, **more):
    return subprocess.Popen(
        [sys.executable, str(ROOT / "bench" / "dispatch_worker.py"), json.dumps(told)], env={**environment(), **PASSWORD}, cwd=ROOT,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **more,
    )  # fmt: skip


def measure(backend, messages, workers, batch, profile=None, smpp=False):
    with tempfile.TemporaryDirectory() as name, closing(BACKENDS[backend](Path(name))) as found:
        folder, url = Path(name), found.url
        store = open_store(url, create=True)
        personal = open_personal(store, folder / "keys")
        debtors.fill(store, personal, range(messages))
        provider, reached = start_smsc(folder) if smpp else start_line_provider(folder)
        if smpp:
            reached = smsc_settings(reached, window=1000, per_second=20_000.0)
        shift = debtors.MORNING - datetime.now(UTC)
        told = {"url": url, "keys": str(folder / "keys"), "sms" if smpp else "port": reached, "shift": shift // timedelta(microseconds=1),
                "until_empty": True, "wait": True, "lease": 60.0, "settings": {"batch": batch}}  # fmt: skip
        running = [
            start_worker({**told, "name": f"w{n}", **({"profile": profile} if profile and n == 0 else {})})
            for n in range(workers)
        ]
        for process in running:
            process.stdout.readline()
        start_ms = sum(cpu_ms(stat_of(Path(f"/proc/{process.pid}/stat"))[11:13]) for process in running)
        begun, spent, server = time.monotonic(), os.times(), server_ms(store)
        for process in running:
            process.stdin.write("go\n")
            process.stdin.flush()
        for process in running:
            process.wait()
        seconds, after, server = time.monotonic() - begun, os.times(), server_ms(store) - server
        worker_ms = 1e3 * (after.children_user + after.children_system - spent.children_user - spent.children_system)
        provider.terminate()
        with store.read() as connection:
            states = dict(connection.execute(select(Work.state, func.count()).group_by(Work.state)).all())
            first, last = connection.execute(select(func.min(Attempt.started_at), func.max(Attempt.answered_at))).one()
        store.close()
        span = (last - first).total_seconds()
        return {"backend": backend, "provider": "smpp" if smpp else "line", "messages": messages, "workers": workers, "batch": batch, "states": states,
                "seconds_first_attempt_to_last_answer": round(span, 2), "a_second": round(messages / span),
                "worker_cpu_ms_a_message": round((worker_ms - start_ms) / messages, 3),
                "server_cpu_ms_a_message": round(server / messages, 3), "seconds_with_start": round(seconds, 2)}  # fmt: skip


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--batch", type=int, default=500)
    parser.add_argument("--backend", choices=("sqlite", "postgresql"))
    parser.add_argument("--profile")
    parser.add_argument("--smpp", action="store_true")
    given = parser.parse_args()
    for backend in [given.backend] if given.backend else ["postgresql", "sqlite"]:
        print(json.dumps(measure(backend, given.messages, given.workers, given.batch, given.profile, given.smpp)))


if __name__ == "__main__":
    main()
