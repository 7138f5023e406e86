"""The stand-ins for SMSC and SMTP server, and an installation that sends sign-in codes through them."""

import asyncio
import re
import threading
import time
from contextlib import contextmanager

from arrears.installation import load_installation
from arrears.notice.keys import make_keys
from tests.peers.smtp import Spool, listen
from tests.web.conftest import NOW

CONFIG = """
lender: {{id: demo, name: {{zh: 示例银行, en: Example Bank}}, phone: "95500", site: bank.example}}
database: "{database}"
keys: keys
channels:
  sms: {{host: 127.0.0.1, port: {smsc}, system_id: arrears, password_env: SMSC_PASSWORD, source: "10690000", closing_seconds: 0.2}}
  email: {{host: 127.0.0.1, port: {smtp}, tls: none, from: notice@bank.example, unsubscribe: {{mailbox: out@bank.example, key_env: LEAVE_KEY}}}}
"""


def installation_with(tmp_path, store_url, monkeypatch, smsc, smtp, more=""):
    """An installation of these ports, with keys."""
    monkeypatch.setenv("SMSC_PASSWORD", "secret")
    monkeypatch.setenv("LEAVE_KEY", "a-key-of-the-tests-0123456789")
    path = tmp_path / "arrears.yaml"
    path.write_text(CONFIG.format(database=store_url, smsc=smsc, smtp=smtp) + more, "utf-8")
    found = load_installation(path)
    make_keys(found.keys, "demo", NOW, bytes(range(64)))
    return found


@contextmanager
def mail_server(folder):
    """A stand-in SMTP server in a thread; gives its port."""
    folder.mkdir()
    loop = asyncio.new_event_loop()
    server, port = loop.run_until_complete(listen(Spool(folder)))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield port
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


def waited(found, seconds=20):
    """What `found` gives, as soon as it gives something."""
    until = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < until, "nothing came"
        time.sleep(0.01)
    return value


def code_in(text):
    """The code in a message."""
    return re.search(r"(?<![0-9])[0-9]{6}(?![0-9])", text).group()
