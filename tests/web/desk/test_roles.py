"""Every route of the desk, for every role and for nobody."""

import pytest

from arrears.web.roles import roles, who_may
from tests.web.signed_in import as_staff

PAGES = {
    "/desk": "see_work_list", "/desk/accounts/A1": "see_accounts", "/desk/find?id=A1": "see_accounts", "/desk/call": "make_calls",
    "/desk/cases/promises": "see_accounts", "/desk/cases/disputes": "see_accounts", "/desk/cases/pauses": "see_accounts", "/desk/cases/death": "see_accounts", "/desk/approvals": "see_approvals",
    "/desk/rounds": "make_visits", "/desk/figures": "see_figures", "/desk/strategy": "see_strategy", "/desk/stops": "see_work_list",
    "/desk/law": "see_law", "/desk/log": "see_log",
}  # fmt: skip
POSTS = {
    "/desk/call/next": "make_calls", "/desk/call/dial": "make_calls", "/desk/call/outcome": "make_calls", "/desk/approvals/1": "see_approvals",
    "/desk/rounds/2026-11-24-000000/x": "make_visits", "/desk/strategy": "see_strategy", "/desk/stops": "set_stops",
    "/desk/stops/1/lift": "set_stops", "/desk/log/verify": "see_log",
}  # fmt: skip


@pytest.mark.parametrize("role", roles())
def test_a_role_sees_its_pages_and_no_other(client, store, role):
    as_staff(client, store, role)

    answers = {page: client.get(page).status_code for page in PAGES}

    assert {page: status for page, status in answers.items() if (status == 403) == (role in who_may(PAGES[page]))} == {}
    assert set(answers.values()) <= {200, 303, 403}


@pytest.mark.parametrize("role", roles())
def test_a_role_may_send_its_forms_and_no_other(client, store, role):
    csrf = as_staff(client, store, role)

    answers = {page: client.post(page, data={"csrf": csrf}).status_code for page in POSTS}

    assert {page for page, status in answers.items() if status == 403} == {
        page for page, deed in POSTS.items() if role not in who_may(deed)
    }


@pytest.mark.parametrize("page", [*PAGES, "/desk/live", "/desk/accounts/A1/live", "/desk/figures/1/stages.svg"])
def test_nobody_is_led_to_the_sign_in_page(client, page):
    answer = client.get(page)

    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/sign-in")


@pytest.mark.parametrize("page", POSTS)
def test_a_form_from_elsewhere_is_refused(client, supervisor, page):
    assert client.post(page, data={"csrf": "of another session"}).status_code == 403
