"""The fold in compiled form, over whole books: the same source files as `arrears.replay.fold`, loaded with the compiler on."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

from arrears import calendar
from arrears.facts import schema
from arrears.replay import fold as _plain
from arrears.replay import jit, layout

NAME = "arrears.replay.fold_compiled"
RANGES_A_THREAD = 8  # so that no processor waits long for the last one
ACCOUNTS_A_RANGE = 500  # at least: fewer are not worth handing over


def _load() -> ModuleType:
    """The package `fold` under a second name, its functions compiled."""
    directory = Path(_plain.__file__).parent
    spec = importlib.util.spec_from_file_location(
        NAME, directory / "__init__.py", submodule_search_locations=[str(directory)]
    )
    assert spec is not None and spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules[NAME] = package
    jit.compile_from_here(_digest(directory))
    try:
        spec.loader.exec_module(package)
        return importlib.import_module(f"{NAME}.kernel")
    finally:
        jit.compile_from_here(None)


def _digest(directory: Path) -> str:
    """A name for everything that the compiled code is made from: the fold, and the modules whose constants it reads."""
    constants = [Path(str(module.__file__)) for module in (layout, schema, calendar, jit)]
    texts = [path.read_bytes() for path in (*sorted(directory.glob("*.py")), *constants)]
    return hashlib.sha256(b"\0".join(texts)).hexdigest()


def threads() -> int:
    """Processors this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def fold_book(packed: layout.Packed, known_at: int, out: layout.Results) -> None:
    """Fold every account of `packed` into the columns of `out` (zeros), on all processors."""
    n = packed.accounts.shape[1]
    ranges = max(1, min(threads() * RANGES_A_THREAD, n // ACCOUNTS_A_RANGE))

    def fold(part: int) -> None:
        _KERNEL.fold_range(n * part // ranges, n * (part + 1) // ranges, known_at, packed, *out)

    with ThreadPoolExecutor(threads()) as pool:
        list(pool.map(fold, range(ranges)))


def warm() -> None:
    """Load the fold, or compile it where this machine has not yet (a minute), before anything waits for it."""
    from arrears.replay.pack import KNOWN_ALWAYS, make_out, nothing

    fold_book(nothing(), KNOWN_ALWAYS, make_out(0))


_KERNEL: Any = _load()
