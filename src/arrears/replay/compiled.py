"""The fold in compiled form, over whole books: the same source files as `arrears.replay.fold`, loaded with the compiler on."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from arrears.replay import fold as _plain
from arrears.replay import jit

NAME = "arrears.replay.fold_compiled"
CHUNKS_A_THREAD = 8


def _load() -> ModuleType:
    """The package `fold` under a second name, its functions compiled."""
    directory = Path(_plain.__file__).parent
    spec = importlib.util.spec_from_file_location(
        NAME, directory / "__init__.py", submodule_search_locations=[str(directory)]
    )
    assert spec is not None and spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules[NAME] = package
    jit.compile_from_here(True)
    try:
        spec.loader.exec_module(package)
        return importlib.import_module(f"{NAME}.book")
    finally:
        jit.compile_from_here(False)


def threads() -> int:
    """Processors this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def fold_book(packed: Any, known_at: int, out: Any) -> None:
    """Fold every account of `packed` into the columns of `out` (int64, len(layout.OUT) rows), on all processors."""
    _BOOK.fold_book(len(packed.opened_on), known_at, packed, out, threads() * CHUNKS_A_THREAD)


_BOOK: Any = _load()
