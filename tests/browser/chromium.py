"""Chromium for the tests: the one of the machine, else the one that Playwright or the system's package manager installs now.

A machine without any fails the tests and says what was tried: they are never skipped.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
INSTALL_SECONDS = 600


def chromium_path(playwright):
    """Where the browser's program is. `playwright`: the running one, which knows where its own installer puts it. AssertionError: nowhere."""
    own = Path(playwright.chromium.executable_path)
    tried = []
    for install in (None, *_ways()):
        if install is not None:
            tried.append(_said(install))
        found = next(filter(None, map(shutil.which, NAMES)), None) or (str(own) if own.exists() else None)
        if found:
            return found
    raise AssertionError(
        f"no Chromium: none of {', '.join(NAMES)} is on the PATH, and it could not be installed:\n" + "\n".join(tried)
    )


def _ways():
    """The commands that install it, one after the other."""
    yield [sys.executable, "-m", "playwright", "install", "chromium"]
    if shutil.which("apt-get") and os.geteuid() == 0:
        yield ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]


def _said(command):
    """Run a command; gives it with the end of what it said."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=INSTALL_SECONDS)
    except subprocess.TimeoutExpired:
        return f"{' '.join(command)}: not done after {INSTALL_SECONDS} seconds"
    return f"{' '.join(command)}: {(done.stdout + done.stderr).strip()[-500:]}"
