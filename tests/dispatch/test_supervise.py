"""The processes of dispatch, watched over by the one that started them."""

import sys

from arrears.dispatch import running

#: Ends as the digits of a file say, one a start; 9 is a kill.
CHILD = """
import os, pathlib, signal, sys
script = pathlib.Path(sys.argv[1])
left = script.read_text()
script.write_text(left[1:])
if left[0] == "9":
    os.kill(os.getpid(), signal.SIGKILL)
sys.exit(int(left[0]))
"""


def ends(tmp_path, monkeypatch, script):
    """What is left of the script when the supervisor has ended."""
    monkeypatch.setattr(running, "AGAIN_AFTER", 0.01)
    file = tmp_path / "script"
    file.write_text(script)
    running.supervise([sys.executable, "-c", CHILD, str(file)], 1, until_empty=True)
    return file.read_text()


def test_a_worker_that_finds_the_database_away_when_it_is_started_again_is_started_until_it_is_back(
    tmp_path, monkeypatch
):
    script = "9220"

    left = ends(tmp_path, monkeypatch, script)

    assert left == ""


def test_a_first_worker_that_ends_as_misused_ends_all(tmp_path, monkeypatch):
    script = "20"

    left = ends(tmp_path, monkeypatch, script)

    assert left == "0"
