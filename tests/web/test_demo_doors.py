"""The end of the demo: both doors open, with sign-ins that work, and closed again where CI is set."""

import re
from datetime import timedelta

import httpx
import polars as pl
import pytest

from arrears.cli import demo_doors
from tests.web.conftest import NOW


@pytest.fixture
def night(tmp_path):
    """A work list with one account that gets a text."""
    folder = tmp_path / "night"
    folder.mkdir()
    work = pl.DataFrame(
        {"account_id": ["LN-000123", "LN-000124", "LN-000125"], "channel": ["sms"] * 3, "days_past_due": [3] * 3}
    )
    work.write_parquet(folder / "worklist.parquet")
    return folder


def test_in_ci_the_pages_are_tried_and_the_doors_closed_again(installation, night, monkeypatch, capsys):
    monkeypatch.setenv("CI", "true")

    demo_doors.doors(installation.path.parent, night, NOW)

    said = capsys.readouterr().out
    address = re.search(r"http://localhost:\d+", said)[0]
    assert "LN-000125" in said and "8 pages answered" in said
    with pytest.raises(httpx.ConnectError):
        httpx.get(address, trust_env=False)


def test_a_member_of_the_demo_signs_in_with_password_and_a_recovery_code(
    installation, store, night, monkeypatch, capsys
):
    from arrears.store.personal import open_personal
    from arrears.web.staff_accounts import try_password, try_second

    monkeypatch.setenv("CI", "true")
    demo_doors.doors(installation.path.parent, night, NOW)
    name, password, code = re.search(r"desk/sign-in  (\w+)  (\S+)  (\S+)", capsys.readouterr().out).groups()
    later = NOW + timedelta(minutes=1)

    right = try_password(store, name, password, later)
    with store.begin() as connection:
        second = [try_second(connection, open_personal(store, installation.keys), name, code, later) for _ in range(2)]

    assert right and second == [True, False]


@pytest.mark.parametrize(("lang", "other"), [("zh-CN", "Behind with a loan"), ("en", "贷款逾期了")])
def test_the_front_page_leads_to_everything_in_one_language(client, lang, other):
    found = client.get("/", params={"lang": lang})

    assert found.status_code == 200 and other not in found.text
    for path in ("/verify", "/account", "/stand", "/questions", "/desk"):
        assert f'href="{path}?lang={lang}"' in found.text
