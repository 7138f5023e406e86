"""Who may what, tried on every route that the service has: nobody, a borrower, another borrower's things, and each role of staff.

The routes are those of the application itself: a new one that is not in `routes.yaml` fails here, and one that is there is tried.
"""

import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from fastapi.routing import iter_route_contexts
from sqlalchemy import func, select
from starlette.routing import Mount

from arrears.store.tables import View
from arrears.web import session_rows
from arrears.web.roles import roles, who_may
from arrears.web.tokens import SCOPES, Token
from tests.web.conftest import NOW, TOKEN, serving
from tests.web.others import others
from tests.web.peers import installation_with
from tests.web.signed_in import as_borrower, as_staff, with_session

TABLE = yaml.safe_load((Path(__file__).parent / "routes.yaml").read_text("utf-8"))
DOORS = ("/account/sign-in", "/desk/sign-in")
MINE = "P-LN-000123"
EVERYTHING = "a-token-for-everything-0123456789"


@pytest.fixture
def store_url(tmp_path):
    """Who may what is the same on both databases, and there is much to try."""
    return f"sqlite:///{tmp_path / 'store.db'}"


@pytest.fixture
def door(lender, store_url, tmp_path, monkeypatch):
    """The service, with things of both borrowers (`tests.web.others`) to which paths can lead."""
    monkeypatch.setenv("FEED_TOKEN", TOKEN)
    monkeypatch.setenv("ALL_TOKEN", EVERYTHING)
    more = "api: {tokens: [{name: feed, scopes: [payments], token_env: FEED_TOKEN}, "
    more += f"{{name: all, scopes: [{', '.join(SCOPES)}], token_env: ALL_TOKEN}}]}}\n"
    with serving(installation_with(tmp_path, store_url, monkeypatch, 2775, 2525, more)) as client:
        others(lender, client.app.state.served)
        yield client


def routes_of(door):
    """METHOD and path of every route; files of `/assets` are public by their nature."""
    return sorted(
        f"{method} {route.path}"
        for route in iter_route_contexts(door.app.routes)
        if not isinstance(route.route, Mount)
        for method in route.methods - {"HEAD", "OPTIONS"}
    )


def listed(kind):
    return TABLE[kind] if isinstance(TABLE[kind], list) else list(TABLE[kind])


def asked(door, route, values, csrf="", **headers):
    """The status and where it leads; of an answer that streams only its beginning is read."""
    method, path = route.split(" ")
    path = re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: str(values[found[1]]), path)
    data = {"csrf": csrf} if csrf else None
    with door.stream(method, path, data=data if method != "GET" else None, headers=headers) as answer:
        return answer.status_code, answer.headers.get("location", "").partition("?")[0]


def own(route):
    """The values of a path that lead to what is there."""
    return {name: TABLE["own"][name] for name in re.findall(r"\{(\w+)", route)}


def kept_out(answer, door=None):
    """Whether an answer is no more than the way to a sign-in page."""
    status, to = answer
    return status == 303 and to == door if door else status in (401, 403) or (status == 303 and to in DOORS)


def test_every_route_stands_in_the_table_once_and_every_one_of_the_table_is_there(door):
    kinds = ("public", "token", "borrower", "enrolling", "staff")
    table = sorted(route for kind in kinds for route in listed(kind))

    assert table == routes_of(door)


def test_nobody_gets_in_without_signing_in(door):
    wrong = [
        (route, answer)
        for kind, to in (("borrower", DOORS[0]), ("staff", DOORS[1]), ("enrolling", DOORS[1]))
        for route in listed(kind)
        if not kept_out(answer := asked(door, route, own(route)), None if route.startswith("POST") else to)
        and not (route.partition(" ")[2].startswith("/api/") and answer[0] == 401)
    ]

    assert wrong == []


def test_the_public_routes_are_answered_for_everybody_without_a_fault(door):
    wrong = [(route, answer) for route in listed("public") if (answer := asked(door, route, own(route)))[0] >= 500]

    assert wrong == []


def test_a_program_needs_its_token_and_a_session_is_none(door, lender):
    csrf = as_borrower(door, lender, MINE)
    as_staff(door, lender, *roles())

    wrong = [
        (route, answer)
        for route, scope in TABLE["token"].items()
        for headers, expected in (({}, 401), ({"authorization": "Bearer x"}, 401), ({"authorization": f"Bearer {TOKEN}"}, 403))
        if not (expected == 403 and scope == "payments")
        and (answer := asked(door, route, own(route), csrf, **headers))[0] != expected
    ]  # fmt: skip

    assert wrong == []


def test_a_scope_opens_its_own_operations_and_no_other(door):
    tokens = [Token(scope, frozenset({scope}), hashlib.sha256(scope.encode()).digest()) for scope in SCOPES]
    door.app.state.served = replace(door.app.state.served, tokens=tokens)

    wrong = [
        (route, scope, answer)
        for route, needed in TABLE["token"].items()
        for scope in SCOPES
        if ((answer := asked(door, route, own(route), authorization=f"Bearer {scope}"))[0] == 403) == (scope == needed)
        or answer[0] in (401, 429) or answer[0] >= 500
    ]  # fmt: skip

    assert wrong == []


def test_a_borrower_reaches_their_own_pages(door, lender):
    wrong = []
    for route in listed("borrower"):
        csrf = as_borrower(door, lender, MINE)
        answer = asked(door, route, own(route), csrf)
        if answer[0] in (401, 403, 404) or answer[0] >= 500 or (kept_out(answer) and "sign-out" not in route):
            wrong.append((route, answer))

    assert wrong == []


def test_a_borrower_reaches_nothing_of_another_and_is_not_told_that_it_is_there(door, lender):
    named = [route for route in listed("borrower") if "{" in route]
    wrong = []
    for route in named:
        for values in (TABLE["of_another"], dict.fromkeys(TABLE["of_another"], "not-there")):
            csrf = as_borrower(door, lender, MINE)
            answer = asked(door, route, values, csrf)
            if answer[0] != 404:
                wrong.append((route, values, answer))

    assert wrong == []


def test_a_borrower_reaches_nothing_of_the_desk(door, lender):
    csrf = as_borrower(door, lender, MINE)

    wrong = [
        (route, answer)
        for kind in ("staff", "enrolling")
        for route in listed(kind)
        if not kept_out(answer := asked(door, route, own(route), csrf))
    ]

    assert wrong == []


@pytest.mark.parametrize("role", roles())
def test_a_role_reaches_what_is_its_own_and_nothing_else(door, lender, role):
    wrong = []
    for route, deed in TABLE["staff"].items():
        csrf = as_staff(door, lender, role)
        answer = asked(door, route, own(route), csrf)
        may = deed == "any" or role in who_may(deed)
        is_out = kept_out(answer) and not (may and "sign-out" in route)
        if is_out == may or answer[0] >= 500 or (not may and answer[0] != 403):
            wrong.append((route, answer))

    assert wrong == []


def test_a_page_about_somebody_is_kept_as_a_look_before_it_is_shown(door, lender):
    wrong = []
    for kind in ("borrower", "staff", "token"):
        for route in listed(kind):
            if route.startswith("POST") or not (kind == "borrower" or re.search("account_id|attempt_id", route)):
                continue
            as_borrower(door, lender, MINE)
            as_staff(door, lender, *roles())
            before = looks(lender)
            status, _ = asked(door, route, own(route), authorization=f"Bearer {EVERYTHING}")
            if status == 200 and looks(lender) == before:
                wrong.append(route)

    assert wrong == []


def looks(store):
    with store.read() as connection:
        return connection.execute(select(func.count()).select_from(View)).scalar_one()


def test_staff_reach_nothing_of_the_borrowers_own_pages(door, lender):
    csrf = as_staff(door, lender, *roles())

    assert [route for route in listed("borrower") if not kept_out(asked(door, route, own(route), csrf))] == []


def test_a_password_alone_reaches_nothing_but_the_second_factor(door, lender):
    as_staff(door, lender, *roles())
    with_session(door, lender, "enrolling", "zhang.wei")

    wrong = [route for kind in ("staff", "borrower") for route in listed(kind) if not kept_out(asked(door, route, own(route)))]  # fmt: skip

    assert wrong == []


def test_no_form_behind_a_sign_in_is_taken_without_its_value_or_from_elsewhere(door, lender):
    wrong = []
    for kind in ("borrower", "staff"):
        for route in listed(kind):
            if route.startswith("GET") or " /api/" in route:
                continue
            csrf = as_borrower(door, lender, MINE) if kind == "borrower" else as_staff(door, lender, *roles())
            for value, headers in (("", {}), ("0" * 64, {}), (csrf, {"origin": "https://evil.example"}),
                                   (csrf, {"sec-fetch-site": "cross-site"})):  # fmt: skip
                answer = asked(door, route, own(route), value, **headers)
                if answer[0] != 403:
                    wrong.append((route, value, headers, answer))

    assert wrong == []


def test_a_session_that_has_ended_reaches_nothing(door, lender):
    as_borrower(door, lender, MINE)
    as_staff(door, lender, *roles())
    with lender.begin() as connection:
        for kinds, subject in ((("borrower",), MINE), (("staff",), "zhang.wei")):
            session_rows.end_all(connection, kinds, subject, NOW)

    wrong = [route for kind in ("borrower", "staff") for route in listed(kind) if not kept_out(asked(door, route, own(route)))]  # fmt: skip

    assert wrong == []
