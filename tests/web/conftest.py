"""A service over a store with two accounts and one message that was really registered, served by the application itself."""

import ssl
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx
import pytest
import uvicorn

from tests.payments import conftest as payments
from tests.stores import BACKENDS

lender = payments.lender
#: What a client over plain http is given, so that not each of them reads the certificates of the machine.
PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
CONFIG = """
lender: {id: demo, name: {zh: 示例银行, en: Example Bank}, phone: "95500", site: bank.example}
database: "DATABASE"
keys: keys
payments: {reference: "K000(?P<account>[0-9]{6})Z"}
api:
  tokens:
    - {name: feed, scopes: [payments], token_env: FEED_TOKEN}
    - {name: gateway, scopes: [returned], token_env: GATEWAY_TOKEN}
channels:
  email:
    host: 127.0.0.1
    tls: none
    from: notice@bank.example
    unsubscribe: {url: "https://bank.example/unsubscribe/{token}", key_env: LEAVE_KEY}
  wechat: {by: webhook, carries: sms, url: "https://gateway.example/"}
"""
GATEWAY = "another-token-of-the-tests-012345"
LEAVE_KEY = "a-key-of-the-tests-0123456789"
TOKEN = "a-token-of-the-tests-0123456789"


@pytest.fixture
def installation(lender, store_url, tmp_path, monkeypatch):
    """The installation of the store, with keys."""
    from arrears.installation import load_installation
    from arrears.notice.keys import make_keys

    monkeypatch.setenv("FEED_TOKEN", TOKEN)
    monkeypatch.setenv("GATEWAY_TOKEN", GATEWAY)
    monkeypatch.setenv("LEAVE_KEY", LEAVE_KEY)
    path = tmp_path / "arrears.yaml"
    path.write_text(CONFIG.replace("DATABASE", store_url), "utf-8")
    found = load_installation(path)
    make_keys(found.keys, "demo", NOW, bytes(range(64)))
    return found


#: What these modules try of the database is tried on both backends elsewhere (`tests/store`, and the modules not named here); theirs are
#: the pages, which are the same over either. With both, the pages alone would take longer than everything else.
ON_SQLITE_ALONE = (
    "test_stand", "test_stand_plan", "test_questions", "test_verify_pages", "test_desk_sign_in", "test_provider_sign_in", "test_demo_doors",
    "test_loans", "test_penalty", "test_statements", "test_roles", "test_odd_ids", "test_adjustments", "test_faults",
)  # fmt: skip


@pytest.fixture
def backend_of_module(request):
    """Each backend of the module in turn (`pytest_generate_tests`)."""
    return request.param


@pytest.fixture
def store_url(backend_of_module, request, tmp_path):
    """The URL of an empty database, on the backends of the module in turn."""
    if backend_of_module == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    return request.getfixturevalue("postgres_url")


def pytest_generate_tests(metafunc):
    if "backend_of_module" in metafunc.fixturenames:
        alone = metafunc.module.__name__.rpartition(".")[2] in ON_SQLITE_ALONE
        metafunc.parametrize("backend_of_module", BACKENDS[:1] if alone else BACKENDS, indirect=True)


@contextmanager
def serving(installation, now=lambda: NOW):
    """A browser, or a program, before a running service of its own; redirections are not followed."""
    from arrears.web.app import create_app

    app = create_app(installation, now, loopback=True)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.005)
        port = server.servers[0].sockets[0].getsockname()[1]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20, verify=PLAIN) as found:
            found.app = app
            yield found
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def client(installation):
    """A browser, or a program, before the running service."""
    with serving(installation) as found:
        yield found


#: The rooms below take everything from here but the hook, which would run twice.
__all__ = [name for name in globals() if not name.startswith(("_", "pytest_"))]
