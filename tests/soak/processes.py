"""The providers as processes of their own, with the port that each listens on."""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: Where the SMSC's password stands in the environment of whoever binds.
PASSWORD = {"SOAK_SMSC": "secret"}


def environment():
    """Of every process of the soak: our sources, and one thread for Polars, since a fork takes no threads along."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")]), "POLARS_MAX_THREADS": "1"}


def start_line_provider(folder, misbehave=0.0):
    """The provider of the line protocol; what it takes stands in `provider.jsonl`."""
    port_file = folder / "port"
    told = [str(folder / "provider.jsonl"), str(port_file), str(misbehave)]
    process = subprocess.Popen([sys.executable, "-m", "tests.soak.provider", *told], env=environment(), cwd=ROOT)
    while not port_file.exists():
        time.sleep(0.01)
    return process, int(port_file.read_text())


def start_smsc(folder, *options):
    """The stand-in for an SMSC; what it takes stands in `smsc.jsonl`, each part of a message a line. `options`: as its command line takes them."""
    command = [sys.executable, "-m", "tests.peers.smsc", "--journal", str(folder / "smsc.jsonl"), *options]
    process = subprocess.Popen(command, env=environment(), cwd=ROOT, stdout=subprocess.PIPE, text=True)
    return process, int(process.stdout.readline().rpartition(":")[2])


def smsc_settings(port, **more):
    """Settings of the SMS channel for the stand-in."""
    found = {"host": "127.0.0.1", "port": port, "system_id": "arrears", "password_env": next(iter(PASSWORD)), "source": "106900001234"}  # fmt: skip
    return {**found, **more}
