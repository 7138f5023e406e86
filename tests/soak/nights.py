"""Nights that are killed and begun again while everything else goes on: each must end with the same bytes as one that nobody disturbed."""

import shutil

from arrears.facts import book as books
from arrears.lab.made import make_book
from arrears.night.files import hashes
from tests.soak.cradle import is_alive, wait_for_end
from tests.soak.night import AS_OF

ACCOUNTS, PARTS = 800, 200


class Nights:
    """One night at a time. `finished` counts those that ended, `different` those that did not end as they should."""

    def __init__(self, cradle, folder):
        self.cradle, self.folder = cradle, folder
        self.finished = self.killed = 0
        self.different = []
        self.running, self.number = None, 0

    def begin(self):
        """Make the book, and run one night undisturbed."""
        before, books.ACCOUNTS_A_PART = books.ACCOUNTS_A_PART, PARTS
        try:
            self.book = make_book(self.folder / "book", ACCOUNTS, 7, AS_OF).path
        finally:
            books.ACCOUNTS_A_PART = before
        self._start()
        wait_for_end([self.running], 120.0)
        self.right = hashes(self._out())
        self.number += 1
        self._start()

    def kill(self):
        """Kill the night, and go on with it; one that had ended is looked at, and another begun."""
        if is_alive(self.running):
            self.cradle.end(self.running)
            self.killed += 1
        else:
            self._look_at()
        self._start()

    def finish(self):
        """The last night runs to its end."""
        wait_for_end([self.running], 120.0)
        self._start()  # goes on, should it have been killed
        wait_for_end([self.running], 120.0)
        self._look_at()

    def close(self):
        if self.running and is_alive(self.running):
            self.cradle.end(self.running)

    def _start(self):
        self.running = self.cradle.born("night", book=str(self.book), out=str(self._out()))

    def _look_at(self):
        self.finished += 1
        if not self._out().is_dir() or hashes(self._out()) != self.right:
            self.different.append(self.number)
        shutil.rmtree(self._out(), ignore_errors=True)
        self.number += 1

    def _out(self):
        return self.folder / f"night-{self.number}"
