"""The page about telling other systems holds what it says: its settings, its example of a call, and the receiver as it stands."""

import base64
import json
import re
import threading
from dataclasses import replace
from http.server import HTTPServer
from importlib.resources import files

import jsonschema
import pytest
import yaml

from arrears.dispatch.subscribers import subscriptions_of
from arrears.errors import Refusal
from arrears.store.facts import record, record_events
from arrears.store.news import register
from tests.conftest import ROOT
from tests.dispatch.channels.made import installation
from tests.dispatch.test_news import tell, waiting
from tests.store.facts import NOON, account, event

PAGE = (ROOT / "docs/reference/webhooks.md").read_text("utf-8")
SECRET = f"whsec_{base64.b64encode(b'c' * 32).decode()}"


def block(language):
    return re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL).group(1)


@pytest.fixture(autouse=True)
def _secret(monkeypatch):
    monkeypatch.setenv("CRM_SECRET", SECRET)


@pytest.fixture
def store_url(tmp_path):
    """What a page says does not depend on the database."""
    return f"sqlite:///{tmp_path / 'store.db'}"


def test_the_settings_are_read_and_every_setting_is_on_the_page(tmp_path):
    shown = yaml.safe_load(block("yaml"))
    found = subscriptions_of(replace(installation(tmp_path), settings=shown))["crm"]

    shown["webhooks"]["crm"]["no_such_setting"] = 1
    with pytest.raises(Refusal) as refused:
        subscriptions_of(replace(installation(tmp_path), settings=shown))

    known = refused.value.findings[0].todo.removeprefix("known: ").split(", ")
    assert found.kinds == ("payment", "promise", "opt_out", "plan") and found.webhook.idempotent
    assert [one for one in known if f"`{one}`" not in PAGE and one not in ("idempotent", "status_url")] == []


def test_the_example_of_a_call_has_the_form_of_its_schema():
    schema = json.loads(files("arrears.dispatch.channels").joinpath("webhook_event.schema.json").read_text("utf-8"))

    jsonschema.Draft202012Validator(schema).validate(json.loads(block("json")))


def test_the_receiver_runs_as_it_stands_and_takes_each_event_once(store, personal, tmp_path, capsys):
    names = {"__name__": "receiver"}
    exec(block("python"), names)
    names["Receiver"].log_message = lambda *_: None
    with store.begin() as connection:
        record(connection, account("A1"), personal)
        register(connection, {"crm": None}, NOON)
        record_events(connection, [event("A1", "E8", "payment", amount=12_00)], personal)

    with HTTPServer(("127.0.0.1", 0), names["Receiver"]) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        told = tell(store, tmp_path, f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
        thread.join()

    assert (told, waiting(store).waiting, capsys.readouterr().out) == (1, 0, "A1 payment 12.00\n")
    assert len(names["taken"]) == 1
