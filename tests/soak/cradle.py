"""Where processes that are to be killed are born: one process has everything loaded and forks, so that a birth costs milliseconds.

One JSON object a line on standard input, `{"role": "worker" | "writer" | "night", …}`; the number of the new process on standard output.
Polars makes its threads at first use and a fork does not take threads along, so nothing here uses it before the fork.
"""

import contextlib
import ctypes
import importlib
import json
import os
import signal
import subprocess
import sys
import time
import traceback

from tests.soak.processes import ROOT, environment

ROLES = ("worker", "writer", "night")
PR_SET_PDEATHSIG = 1


class Cradle:
    """The cradle from outside: `born` starts a process, `end` kills one and waits until it is no more."""

    def __init__(self, errors):
        """`errors`: the file that takes what the processes say on standard error."""
        self.errors = os.open(errors, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.soak.cradle"], env=environment(), cwd=ROOT, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=self.errors, text=True,
        )  # fmt: skip
        if self.process.stdout.readline() != "ready\n":
            raise RuntimeError(f"the cradle did not start, see {errors}")

    def born(self, role, **told):
        """Start a process in a role; gives its number."""
        self.process.stdin.write(json.dumps({"role": role, **told}) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def end(self, process, how=signal.SIGKILL, seconds=90.0):
        """Signal a process and wait until it is no more; after `seconds` it is killed. Whether it ended by itself in time."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, how)
        if wait_for_end([process], seconds):
            return True
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        wait_for_end([process], 10.0)
        return False

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        os.close(self.errors)


def is_alive(process):
    """Whether there still is such a process."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def wait_for_end(processes, seconds):
    """Whether all of them were gone within so many seconds."""
    until = time.monotonic() + seconds
    while any(is_alive(process) for process in processes):
        if time.monotonic() > until:
            return False
        time.sleep(0.002)
    return True


# --- inside -----------------------------------------------------------------------------------------------------


def _load():
    """What takes longest to load: the modules, the patterns of the wording check and of answers, and the compiled fold."""
    from arrears.dispatch.sorting import sort_text
    from arrears.law.wording.families import families
    from arrears.replay.compiled import warm

    for role in ROLES:
        importlib.import_module(f"tests.soak.{role}")
    families()
    sort_text("STOP")
    warm()


def _live(told):
    """A forked process in its role, to its end, or to the end of the cradle."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    code = 1
    try:
        importlib.import_module(f"tests.soak.{told.pop('role')}").live(**told)
        code = 0
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    os._exit(code)


def main():
    _load()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are buried by the kernel
    print("ready", flush=True)
    for line in sys.stdin:
        told = json.loads(line)
        child = os.fork()
        if not child:
            _live(told)
        print(child, flush=True)


if __name__ == "__main__":
    main()
