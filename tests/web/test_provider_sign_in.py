"""Staff sign in by a real OpenID Connect provider; whatever it, or somebody between, does wrong opens nothing."""

import httpx
import pytest
import sqlalchemy as sa

from arrears.store.tables import SignedIn, StaffMember
from tests.peers.provider import WRONGS, running_provider
from tests.web.conftest import NOW, serving
from tests.web.peers import installation_with

BACK = "https://arrears.bank.example/desk/sign-in/back"
SECTION = """
sign_in:
  local: false
  provider:
    name: {{zh: 统一登录, en: Single sign-on}}
    issuer: {issuer}
    client_id: arrears
    client_secret_env: OIDC_SECRET
    redirect_uri: {back}
    roles_claim: realm.groups
    roles: {{collector: [collectors], supervisor: [leads, bosses]}}
"""


@pytest.fixture
def provider(monkeypatch):
    monkeypatch.setenv("OIDC_SECRET", "secret-of-the-tests")
    with running_provider("arrears", "secret-of-the-tests", BACK, lambda: NOW) as found:
        found.claims = {"sub": "u-1", "name": "李娜", "realm": {"groups": ["collectors", "leads", "others"]}}
        yield found


@pytest.fixture
def door(lender, store_url, tmp_path, monkeypatch, provider):
    more = SECTION.format(issuer=provider.issuer, back=BACK)
    with serving(installation_with(tmp_path, store_url, monkeypatch, 2775, 2525, more)) as client:
        yield client


def through(door):
    """To the provider and back, as a browser goes."""
    away = door.get("/desk/sign-in/provider")
    back = httpx.get(away.headers["location"])
    return door.get(back.headers["location"].removeprefix("https://arrears.bank.example"))


def rows(lender, *columns):
    with lender.read() as connection:
        return connection.execute(sa.select(*columns)).all()


def test_a_member_of_the_provider_gets_the_roles_of_the_claim(door, lender):
    answer = through(door)

    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
    ((name, shown, roles, subject),) = rows(lender, StaffMember.name, StaffMember.shown_name, StaffMember.roles, StaffMember.provider_subject)  # fmt: skip
    assert (shown, roles, subject) == ("李娜", '["collector", "supervisor"]', "u-1")
    assert rows(lender, SignedIn.kind, SignedIn.subject) == [("staff", name)]


def test_a_second_sign_in_is_the_same_member_with_the_roles_of_that_day(door, provider, lender):
    through(door)
    provider.claims = {"sub": "u-1", "name": "李娜", "realm": {"groups": "bosses"}}
    through(door)

    assert rows(lender, StaffMember.roles) == [('["supervisor"]',)]


def test_a_member_who_was_disabled_here_stays_out(door, lender):
    through(door)
    with lender.begin() as connection:
        connection.execute(sa.update(StaffMember).values(disabled_at=NOW))

    assert through(door).status_code == 403


def test_whoever_has_no_role_gets_in_nowhere(door, provider, lender):
    provider.claims = {"sub": "u-2", "realm": {"groups": ["others"]}}

    answer = through(door)

    assert answer.status_code == 403 and rows(lender, SignedIn.kind) == rows(lender, StaffMember.name) == []


@pytest.mark.parametrize("wrong", WRONGS)
def test_whatever_the_provider_does_wrong_opens_nothing(door, provider, lender, wrong):
    if wrong == "metadata":
        provider.wrong = wrong
        answer = door.get("/desk/sign-in/provider")
    else:
        away = door.get("/desk/sign-in/provider")
        provider.wrong = wrong
        back = httpx.get(away.headers["location"])
        answer = door.get(back.headers["location"].removeprefix("https://arrears.bank.example"))

    assert answer.status_code == 502
    assert rows(lender, SignedIn.kind) == rows(lender, StaffMember.name) == []


def test_a_code_of_somebody_elses_sign_in_opens_nothing(door, lender):
    away = door.get("/desk/sign-in/provider")
    theirs = httpx.get(away.headers["location"]).headers["location"].removeprefix("https://arrears.bank.example")
    door.cookies.clear()
    without = door.get(theirs)
    door.get("/desk/sign-in/provider")
    with_own = door.get(theirs)

    assert (without.status_code, with_own.status_code) == (502, 502) and rows(lender, SignedIn.kind) == []


def test_an_answer_is_good_once(door, provider, lender):
    away = door.get("/desk/sign-in/provider")
    handle = door.cookies["arrears-provider"]
    back = httpx.get(away.headers["location"]).headers["location"].removeprefix("https://arrears.bank.example")
    first = door.get(back)
    door.cookies.set("arrears-provider", handle)
    again = door.get(back)

    assert (first.status_code, again.status_code) == (303, 502) and len(provider.seen) == 1


def test_a_new_key_of_the_provider_is_asked_for(door, provider):
    through(door)
    provider.turn_key()

    assert through(door).status_code == 303


def test_where_local_accounts_are_off_no_password_is_taken(door):
    page = door.get("/desk/sign-in?lang=en").text

    assert "Sign in with Single sign-on" in page and 'type="password"' not in page
    assert door.post("/desk/sign-in", data={"name": "a", "password": "b"}).status_code == 404
