"""Stand-ins for an SMSC and an SMTP server: processes of the tests that take messages and reach nobody.

They stand in the source tree (`tests/peers`), not in the installed package.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from arrears.errors import refuse

#: The login that the stand-in SMSC knows.
SMSC_LOGIN, SMSC_PASSWORD = "arrears", "secret"
_PORT = re.compile(r"(\d+)\s*$")


def source_tree() -> Path | None:
    """The folder of the source tree; None where only the package is installed."""
    root = Path(__file__).parents[3]
    return root if (root / "tests" / "peers" / "smsc.py").exists() else None


@contextmanager
def stand_in(root: Path, module: str, *arguments: str) -> Iterator[int]:
    """The stand-in as a process until the block ends; gives its port. Refusal if it does not start."""
    command = [sys.executable, "-m", f"tests.peers.{module}", *arguments]
    path = os.pathsep.join([str(root), str(root / "src")])
    with subprocess.Popen(
        command, cwd=root, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path}
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            found = _PORT.search(process.stdout.readline())
            if found is None:
                raise refuse("demo", "did not start", file=f"tests/peers/{module}.py", todo="run `make setup`")
            yield int(found[1])
        finally:
            process.terminate()


def texts(journal: Path) -> list[str]:
    """The texts that the stand-in SMSC took, long ones put together again, in the order of their first parts."""
    parts: dict[tuple[str, int], dict[int, bytes]] = {}
    codings: dict[tuple[str, int], int] = {}
    for number, line in enumerate(journal.read_text("utf-8").rpartition("\n")[0].splitlines()):
        taken = json.loads(line)
        octets = bytes.fromhex(taken["octets"])
        part, key = 1, (taken["to"], -number)
        if taken["esm_class"] & 0x40:  # a header: length, 00 03, reference, parts, part
            key, part = (taken["to"], octets[3]), octets[5]
            octets = octets[octets[0] + 1 :]
        parts.setdefault(key, {})[part] = octets
        codings[key] = taken["data_coding"]
    whole = {key: b"".join(own[part] for part in sorted(own)) for key, own in parts.items()}
    return [text.decode("utf-16-be" if codings[key] == 8 else "latin-1") for key, text in whole.items()]
