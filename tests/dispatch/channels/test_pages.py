"""The pages of these channels against the code: every setting, every example, and the receiver's few lines."""

import base64
import json
import re
from datetime import UTC, datetime
from importlib.resources import files

import jsonschema
import pytest
import yaml

from arrears.dispatch.channels import email, portal, push, webhook
from arrears.dispatch.channels.webhook import parse_returned
from arrears.dispatch.channels.webhook_signature import signed_headers
from arrears.errors import Refusal
from tests.conftest import ROOT
from tests.dispatch.channels.made import installation

CHANNELS = {"email": email, "portal": portal, "push": push, "webhook": webhook}
SECRET = f"whsec_{base64.b64encode(b'k' * 32).decode()}"


def page(name):
    return (ROOT / f"docs/reference/channels/{name}.md").read_text("utf-8")


def blocks(name, language):
    return re.findall(rf"```{language}\n(.*?)```", page(name), re.DOTALL)


@pytest.fixture
def there(tmp_path, monkeypatch):
    """What the settings on the pages refer to."""
    for name in ("MAIL_PASSWORD", "HOOK_SECRET", "PUSH_SECRET"):
        monkeypatch.setenv(name, SECRET)
    (tmp_path / "keys").mkdir()
    for name in ("unsubscribe.key", "hook.old"):
        (tmp_path / "keys" / name).write_text(SECRET)
    for part in ("new", "cur", "tmp"):
        (tmp_path / "mail" / part).mkdir(parents=True)
    return installation(tmp_path)


def settings_on(name):
    [(channel, settings)] = yaml.safe_load(blocks(name, "yaml")[0])["channels"].items()
    assert channel == settings.get("carries", name)
    return {key: value for key, value in settings.items() if key != "by"}


@pytest.mark.parametrize("name", CHANNELS)
def test_the_settings_on_a_page_open_the_channel(name, there, store):
    channel = CHANNELS[name].open_channel(settings_on(name), there, store)

    assert channel.name == settings_on(name).get("carries", name) and channel.window >= 1 and channel.per_second > 0


@pytest.mark.parametrize("name", CHANNELS)
def test_every_setting_is_on_its_page(name, there, store):
    with pytest.raises(Refusal) as refused:
        CHANNELS[name].open_channel({**settings_on(name), "no_such_setting": 1}, there, store)

    known = refused.value.findings[0].todo.removeprefix("known: ").split(", ")
    assert len(known) >= 2
    assert [one for one in known if f"`{one}`" not in page(name) and one != "password"] == []


def test_the_lines_for_a_receiver_work_as_they_stand():
    names = {}
    exec(blocks("webhook", "python")[0], names)
    body = b'{"type": "message"}'
    headers = signed_headers([b"k" * 32], "a1", body, datetime.now(UTC))

    assert names["receive"](SECRET, headers, body) == 202
    assert names["receive"](SECRET, headers, body + b" ") == 401


def test_the_examples_of_calls_have_the_form_of_their_schemas():
    out, back = blocks("webhook", "json")
    [pushed] = blocks("push", "json")

    for text, form in ((out, "webhook_message"), (back, "webhook_returned"), (pushed, "push")):
        schema = json.loads(files("arrears.dispatch.channels").joinpath(f"{form}.schema.json").read_text("utf-8"))
        jsonschema.Draft202012Validator(schema).validate(json.loads(text))
    assert parse_returned(back.encode(), "voicebot").outcome == "delivered"
