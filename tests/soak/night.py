"""A night of the soak: over a made book, in a process that is killed and begun again in the same folder."""

import os
from datetime import date
from pathlib import Path

from arrears import night
from arrears.facts.book import open_book

AS_OF = date(2026, 11, 23)


def live(book, out):
    """Run the night of `book` into the folder `out`, going on with what is there."""
    os.nice(10)
    night.run(night.prepare(open_book(Path(book)), AS_OF), Path(out))
