"""CI fails for a library with a known fault, and says so plainly where the advisory service cannot be asked."""

import json
import runpy
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.conftest import ROOT

LOCK = "".join(f"{name} \\\n    --hash=sha256:{'0' * 64}\n" for name in ("sound==1.0", "faulty==1.2"))
FAULT = {"vulns": [{
    "id": "GHSA-0000", "summary": "a fault", "published": "2026-01-01T00:00:00Z",
    "affected": [{"package": {"name": "faulty", "ecosystem": "PyPI"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.3"}]}]}],
}]}  # fmt: skip


@contextmanager
def service(known, status=200, seconds=0.0):
    """An advisory service that knows of faults by library; gives its address."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            time.sleep(seconds if asked["package"]["name"] != "pip" else 0)
            body = json.dumps(known.get(asked["package"]["name"], {})).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/query"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def audited(tmp_path, capsys):
    """Runs what CI runs over a lock file of two libraries; gives exit code and words."""
    main = runpy.run_path(str(ROOT / ".ci/advisories.py"))["main"]

    def run(address, *more):
        (tmp_path / "lock.txt").write_text(LOCK, "utf-8")
        code = main([str(tmp_path / "lock.txt"), "--service", address, *more])
        return code, capsys.readouterr().out.strip()

    return run


def test_a_library_with_a_known_fault_fails_and_is_named_with_the_version_that_mends_it(audited):
    with service({"faulty": FAULT}) as address:
        code, said = audited(address)

    assert code == 1
    assert said == "known fault: faulty 1.2: GHSA-0000, mended in 1.3\nlibraries checked for known faults: 2, faults: 1"


def test_libraries_without_a_known_fault_pass(audited):
    with service({}) as address:
        assert audited(address) == (0, "libraries checked for known faults: 2, faults: 0")


def test_a_service_that_is_away_fails_nothing_and_nothing_is_said_to_be_checked(audited):
    with service({}) as address:
        gone = address

    code, said = audited(gone)

    assert (code, said) == (
        0,
        "libraries NOT CHECKED for known faults: the advisory service could not be asked (ConnectError)",
    )


def test_a_service_that_answers_with_a_fault_or_too_late_is_as_one_that_is_away(audited):
    with service({"faulty": FAULT}, status=503) as address:
        broken = audited(address)
    with service({"faulty": FAULT}, seconds=1) as address:
        late = audited(address, "--seconds", "0.5")

    assert broken == (
        0,
        "libraries NOT CHECKED for known faults: the advisory service could not be asked (HTTPStatusError)",
    )
    assert late == (
        0,
        "libraries NOT CHECKED for known faults: the advisory service could not be asked (no end after 0.5 seconds)",
    )


def test_ci_asks_before_it_runs_the_tests():
    steps = [line for line in (ROOT / ".ci/run").read_text("utf-8").splitlines() if line and not line.startswith("#")]

    assert steps[-2:] == [".venv/bin/python .ci/advisories.py", "make test"]
