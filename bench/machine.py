"""On what it was measured: processors, memory, system, versions."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

LIBRARIES = (
    "arrears", "polars", "numpy", "numba", "pandas", "pyarrow", "duckdb", "zen-engine", "trytond", "trytond-account-dunning",
)  # fmt: skip


def described() -> list[tuple[str, str]]:
    """Name and value of everything a reader needs to set the figures beside others."""
    return [
        ("processors", f"{len(os.sched_getaffinity(0))} × {_field(Path('/proc/cpuinfo'), 'model name')}"),
        ("memory", f"{int(_field(Path('/proc/meminfo'), 'MemTotal').split()[0]) / 2**20:.1f} GiB"),
        ("system", f"{platform.system()} {platform.machine()}"),
        ("Python", f"{platform.python_implementation()} {platform.python_version()}"),
        ("libraries", ", ".join(f"{name} {version(name)}" for name in LIBRARIES)),
    ]


def _field(path: Path, name: str) -> str:
    """The first value of a name in a file of `name: value` lines; `unknown 0` where there is none."""
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "0 unknown")
