"""The settings of the SMS channel: what is wrong is one clear refusal, and no secret stands in it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from arrears.dispatch.channels.smpp_answers import states
from arrears.dispatch.channels.smpp_pace import Pace
from arrears.dispatch.channels.sms import Sms, open_channel
from arrears.dispatch.channels.sms_settings import read_settings
from arrears.dispatch.sorting import kinds
from arrears.errors import Refusal
from arrears.installation import Installation, Lender
from tests.conftest import ROOT

GOOD: dict[str, Any] = {
    "host": "smsc.example.net",
    "system_id": "arrears",
    "password_env": "SMSC_PASSWORD",
    "source": "10690000",
}
WRONG = [
    ({"host": None}, "channels.sms.host: is missing"),
    ({"system_id": None}, "channels.sms.system_id: is missing"),
    ({"source": None}, "channels.sms.source: is missing"),
    ({"source": 10690000}, "channels.sms.source: must be ASCII text"),
    ({"source": "A name too long"}, "channels.sms.source: may have at most 11"),
    ({"system_id": "x" * 16}, "channels.sms.system_id: must be ASCII text of at most 15"),
    ({"port": "2775"}, "channels.sms.port: must be a whole number"),
    ({"port": 0}, "channels.sms.port: must be a whole number"),
    ({"window": True}, "channels.sms.window: must be a whole number"),
    ({"window": 2, "most_parts": 3}, "channels.sms.most_parts: must not be above window"),
    ({"per_second": 0}, "channels.sms.per_second: must be a number above 0"),
    ({"long": "split"}, "channels.sms.long: must be one of udh, payload"),
    ({"registered_delivery": 1}, "channels.sms.registered_delivery: must be one of none, all, failed"),
    ({"tls": {"ca": "x"}}, "channels.sms.tls: must be true, false, or a mapping"),
    ({"tls": {"ca_file": "none.pem"}}, "channels.sms.tls.ca_file: cannot be read"),
    ({"windw": 5}, "channels.sms.windw: is not a setting of this channel"),
    ({"password_env": None}, "password_env"),
    ({"password_env": "NOT_THERE"}, "NOT_THERE, which is not set"),
    ({"password": "p4ssw0rd"}, "must not stand in the file"),
]
SOURCES = [("10690000", (3, 0)), ("+8613800000001", (1, 1)), ("106900001234", (0, 1)), ("MyBank", (5, 0))]


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMSC_PASSWORD", "p4ssw0rd")


@pytest.mark.parametrize(("change", "said"), WRONG)
def test_a_wrong_setting_is_refused_by_name(change: dict[str, Any], said: str, tmp_path: Path) -> None:
    given = {name: value for name, value in (GOOD | change).items() if value is not None}

    with pytest.raises(Refusal) as refused:
        read_settings(given, tmp_path / "arrears.yaml")

    assert said in str(refused.value)
    assert "p4ssw0rd" not in str(refused.value)
    assert refused.value.exit_code == 2


@pytest.mark.parametrize(("source", "kind"), SOURCES)
def test_the_kind_of_the_source_is_seen_from_how_it_is_written(source: str, kind: tuple[int, int]) -> None:
    found = read_settings(GOOD | {"source": source}, Path("arrears.yaml")).sender

    assert (found.ton, found.npi) == kind
    assert found.address == source.lstrip("+")


def test_the_password_is_not_shown_where_settings_are_printed() -> None:
    found = read_settings(GOOD, Path("arrears.yaml"))

    assert found.peer.who.password == "p4ssw0rd"
    assert "p4ssw0rd" not in repr(found)


def test_a_channel_is_opened_from_an_installation(tmp_path: Path) -> None:
    lender = Lender("bank", {"en": "Bank"}, "+861095000", "https://bank.example")
    installation = Installation(tmp_path / "arrears.yaml", lender, "sqlite://", tmp_path, {"sms": GOOD}, {})

    channel = open_channel(installation.channels["sms"] | {"per_second": 80, "window": 20}, installation, None)

    assert isinstance(channel, Sms)
    assert (channel.name, channel.per_second, channel.window) == ("sms", 80, 20)


def test_every_setting_kind_and_default_answer_is_documented(tmp_path: Path) -> None:
    page = (ROOT / "docs/reference/channels/sms.md").read_text("utf-8")

    with pytest.raises(Refusal) as refused:
        read_settings(GOOD | {"not_one": 1}, tmp_path / "arrears.yaml")

    settings = set(str(refused.value).rpartition("known: ")[2].split(", ")) - {"password"}
    words = {state.word for state in states().values() if state.outcome}
    assert {name for name in settings | set(kinds()) | words if f"`{name}`" not in page} == set()
    assert set(re.findall(r"^\| `([a-z_]+)`", page.partition("## Answers")[0], re.M)) <= settings


def test_the_pace_is_halved_once_a_second_and_comes_back() -> None:
    pace = Pace(100.0)

    seen = [pace.at(0.0), pace.slower(10.0), pace.slower(10.5), pace.slower(11.5), pace.at(20.0), pace.at(1000.0)]

    assert seen == pytest.approx([100.0, 50.0, 51.0, 26.5, 43.5, 100.0])


def test_the_pace_never_stands_still() -> None:
    pace = Pace(100.0)

    for second in range(100):
        pace.slower(float(second))

    assert pace.at(100.0) >= 5.0
