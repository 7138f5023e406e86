"""Decorators for the fold: plain Python when it explains one account, compiled when it runs a book.

The modules of the fold are written once. Imported as they stand, the decorators leave their functions alone: they run step by step,
without loading a compiler. `arrears.replay.compiled` loads the same source files a second time with the switch on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])

_sources: str | None = None


def compile_from_here(sources: str | None) -> None:
    """Switch compiling of the functions decorated from now on: `sources` names what they are compiled from; None: off."""
    global _sources
    _sources = sources


def compiled(function: Function) -> Function:
    """The function itself, or (while the switch is on) its compiled form, put into the compiled code that calls it.

    A call costs more than most of these functions do: it hands on each array as seven numbers.
    """
    if _sources is None:
        return function
    from numba import njit

    # without reference counts: the arrays belong to the caller, and counting each of them up and down in every call took
    # five times as long as everything else. So these cannot allocate (`entry` does), nor be called from Python.
    dispatcher = njit(
        error_model="numpy", _nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True, forceinline=True
    )(function)
    return _once(dispatcher)  # type: ignore[no-any-return]


def _once(dispatcher: Any) -> Any:
    """Compile for a number, not again for each constant that a caller writes in its place."""
    from numba import types

    template = dispatcher.get_call_template
    dispatcher.get_call_template = lambda args, kws: template(tuple(map(types.unliteral, args)), kws)
    return dispatcher


def entry(function: Function) -> Function:
    """As `compiled`, for the function that Python calls: it may allocate, runs beside other threads, and is kept on disk."""
    if _sources is None:
        return function
    from numba import njit

    dispatcher = njit(error_model="numpy", nogil=True)(function)
    dispatcher._cache = _cache_of(function, _sources)
    return dispatcher  # type: ignore[no-any-return]


def _cache_of(function: Function, sources: str) -> Any:
    """A cache on disk that knows all sources: numba's own looks only at the file of the function itself."""
    from numba.core.caching import FunctionCache

    class SourcesCache(FunctionCache):  # type: ignore[misc]
        def _index_key(self, sig: Any, codegen: Any) -> Any:
            return (*super()._index_key(sig, codegen), sources)

    return SourcesCache(function)
