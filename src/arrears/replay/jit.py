"""One decorator for the fold: plain Python when it explains one account, compiled when it runs a book.

The modules of the fold are written once. Imported as they stand, `compiled` leaves their functions alone: they run step by step,
without loading a compiler. `arrears.replay.compiled` loads the same source files a second time with the switch on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])

_on = False


def compile_from_here(on: bool) -> None:
    """Switch compiling of the functions decorated from now on."""
    global _on
    _on = on


def compiled(function: Function) -> Function:
    """The function itself, or (while the switch is on) its compiled form, cached on disk."""
    if not _on:
        return function
    from numba import njit

    return njit(cache=True, error_model="numpy", boundscheck=False)(function)  # type: ignore[no-any-return]
