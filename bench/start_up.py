"""The rows of starting: how long a command takes from the shell, with warm caches, and once with the compiler's cache empty."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import book
from measured import Measured, Task, peak_bytes, repeat, timed

FEW = 50


def show_help(task: Task) -> Measured:
    """`arrears --help`."""
    return _command(task, "--help")


def explain(task: Task) -> Measured:
    """`arrears explain CASE`, on the story that comes with arrears."""
    import arrears

    story = Path(arrears.__file__).parent / "lab" / "stories" / "sms-but-no-visit.yaml"
    return _command(task, "explain", str(story))


def _command(task: Task, *arguments: str) -> Measured:
    """A command run once to warm the caches, then measured."""
    _run(*arguments)
    return Measured(1, repeat(lambda: _run(*arguments), task.quick), peak_bytes(of_children=True))


def night_warm(task: Task) -> Measured:
    """`arrears night` on fifty accounts: what a night costs before its first account, the compiled code being cached."""
    return _small_night(task, os.environ, warm=True)


def night_cold(task: Task) -> Measured:
    """The same with the compiler's cache empty: the fold is compiled."""
    cache = task.scratch / "empty-cache"
    shutil.rmtree(cache, ignore_errors=True)
    cache.mkdir(parents=True)
    try:
        return _small_night(task, {**os.environ, "NUMBA_CACHE_DIR": str(cache)}, warm=False)
    finally:
        shutil.rmtree(cache)


def _small_night(task: Task, environment: os._Environ[str] | dict[str, str], warm: bool) -> Measured:
    folder, out = task.scratch / "small-book", task.scratch / "small-night"
    book.make_apart(folder, FEW)

    def act() -> None:
        shutil.rmtree(out, ignore_errors=True)
        _run("night", "--book", str(folder), "--as-of", task.as_of, "--out", str(out), environment=environment)

    if warm:
        act()
    seconds = repeat(act, task.quick) if warm else (timed(act),)
    shutil.rmtree(folder)
    shutil.rmtree(out)
    return Measured(1, seconds, peak_bytes(of_children=True))


def _run(*arguments: str, environment: os._Environ[str] | dict[str, str] | None = None) -> None:
    """An arrears command in a process of its own; CalledProcessError if it fails."""
    told = {name: value for name, value in (environment or os.environ).items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run([sys.executable, "-m", "arrears", *arguments], check=True, capture_output=True, env=told)
