"""Gives birth to workers that are to be killed: a process that has everything loaded and forks, so that a worker starts in no time.

One JSON object a line on standard input, the number of the new process on standard output. Polars makes its threads at first use, so
nothing here uses it before the fork.
"""

import asyncio
import json
import os
import signal
import sys
import traceback

from arrears.replay.compiled import warm
from tests.soak import worker_main


def load():
    """What takes a worker longest to load: the compiled fold. (The law packs would use Polars.)"""
    warm()


def main():
    load()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are buried by the kernel
    print("ready", flush=True)
    for line in sys.stdin:
        told = json.loads(line)
        child = os.fork()
        if child:
            print(child, flush=True)
            continue
        try:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(2, 1)
            asyncio.run(worker_main.work(told))
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)


if __name__ == "__main__":
    sys.setswitchinterval(0.0005)
    main()
