"""How freed memory is kept for the next part of a book, rather than handed back to the system and asked for again."""

from __future__ import annotations

import os

#: Of jemalloc, the allocator that Polars brings: how long it keeps freed pages.
KEPT = "dirty_decay_ms:60000"


def keep_freed() -> None:
    """Let Polars keep the pages that it frees for a minute; a setting of the user's own stands. Call before Polars is imported.

    A night asks for the same hundreds of megabytes for every part. Polars gives them back after half a second, and while two parts run
    beside each other each giving back and asking again stops both: a sixth of all processor time was spent there.
    """
    os.environ.setdefault("_RJEM_MALLOC_CONF", KEPT)
