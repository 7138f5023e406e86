"""Known faults of the libraries in the lock file, asked of the advisory service: what CI may fail for, and what it may not wait for.

A known fault fails (exit 1). Where the service cannot be reached, or does not answer in time, that is said plainly and nothing fails: a
build must not depend on another house's service, and "not checked" must not look like "checked". `make audit` is the strict form.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

SERVICE = "https://api.osv.dev/v1/query"
#: Seconds for one answer of the service, and for all of it.
ANSWER_SECONDS, ALL_SECONDS = 4, 20
#: A library that is surely known to the service, to see whether it answers at all.
PROBE = {"package": {"name": "pip", "ecosystem": "PyPI"}, "version": "25.0"}


def main(arguments: list[str] | None = None) -> int:
    """Ask, and say what came of it. 1: a known fault; 0: none is known, or nobody could be asked."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("lock", nargs="?", type=Path, default=Path("requirements.lock"))
    parser.add_argument("--service", default=SERVICE, help="where an OSV service answers queries")
    parser.add_argument("--seconds", type=float, default=ALL_SECONDS, help="the longest that all of it may take")
    told = parser.parse_args(arguments)
    if why := away(told.service):
        return not_checked(why)
    return asked(told.lock, told.service, told.seconds)


def away(service: str) -> str:
    """Why the service cannot be asked; nothing ("") where it answers."""
    try:
        answer = httpx.post(service, json=PROBE, timeout=ANSWER_SECONDS)
        answer.raise_for_status().json()
    except (httpx.HTTPError, ValueError) as error:
        return type(error).__name__
    return ""


def asked(lock: Path, service: str, seconds: float) -> int:
    """Ask for every library of the lock file, by pip-audit."""
    command = [
        sys.executable, "-m", "pip_audit", "--vulnerability-service", "osv", "--osv-url", service, "--timeout", str(ANSWER_SECONDS),
        "--format", "json", "--desc", "off", "--disable-pip", "--require-hashes", "--requirement", str(lock), "--progress-spinner", "off",
    ]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds)
        libraries = json.loads(done.stdout)["dependencies"]
    except subprocess.TimeoutExpired:
        return not_checked(f"no end after {seconds:g} seconds")
    except (ValueError, KeyError):
        return not_checked((done.stderr.strip().splitlines() or ["no answer"])[-1])
    return told(libraries)


def told(libraries: list[dict[str, Any]]) -> int:
    """Say what is known of each library that has a fault."""
    faults = [(one["name"], one["version"], fault) for one in libraries for fault in one.get("vulns", ())]
    passed = [one["name"] for one in libraries if "skip_reason" in one]
    for name, version, fault in faults:
        print(
            f"known fault: {name} {version}: {fault['id']}, mended in {', '.join(fault['fix_versions']) or 'no version yet'}"
        )
    if passed:
        print(f"libraries not checked: {', '.join(passed)}")
    print(f"libraries checked for known faults: {len(libraries) - len(passed)}, faults: {len(faults)}")
    return 1 if faults else 0


def not_checked(why: str) -> int:
    """Say that nothing was checked."""
    print(f"libraries NOT CHECKED for known faults: the advisory service could not be asked ({why})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
