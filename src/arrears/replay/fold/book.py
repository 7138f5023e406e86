"""Many accounts at once, in ranges that run side by side."""

from numba import njit, prange

from .kernel import fold_range


@njit(cache=True, parallel=True)
def fold_book(n, known_at, p, out, chunks):
    """Fold `n` accounts; each chunk has scratch room of its own."""
    for chunk in prange(chunks):
        fold_range(n * chunk // chunks, n * (chunk + 1) // chunks, known_at, p, out)
