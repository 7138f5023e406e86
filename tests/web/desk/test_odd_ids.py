"""An id may have any character: every link of the desk and of the borrower's pages to an account, a case or a letter leads where it says."""

import html
import re
from urllib.parse import urlsplit

import pytest

from arrears.web.links import address, segment
from tests.dispatch.field import fact, put_accounts
from tests.web.signed_in import as_borrower, as_staff

ACCOUNT, CASE = "LN/7 #?%&2F", "D/1 #?"
#: Where nothing is to be pressed: signing out, and what streams without an end.
NOT_FOLLOWED = ("sign-out", "/live", "/assets/", "sessions")


@pytest.fixture
def odd(store, personal, installation):
    """A loan and cases whose ids have the signs of an address in them."""
    put_accounts(store, personal, [ACCOUNT])
    fact(store, personal, ACCOUNT, "fee", event_id="F/1", amount=10_000)
    fact(store, personal, ACCOUNT, "dispute_opened", event_id=CASE, data={"reason": "amount"})
    fact(store, personal, ACCOUNT, "hardship_requested", event_id="H/1?")


def links_of(page):
    """Every address that a page links to or sends a form to."""
    return {html.unescape(found) for found in re.findall(r'(?:href|action|hx-sse:connect)="([^"]+)"', page)}


def wrong_links(client, starts, most=60):
    """Links of the pages from `starts` on that hold the odd id and lead to no page; and how many were followed."""
    waiting, seen, wrong = list(starts), set(), []
    while waiting and len(seen) < most:
        here = waiting.pop(0)
        if here in seen or any(part in here for part in NOT_FOLLOWED):
            continue
        seen.add(here)
        answer = client.get(here)
        if answer.status_code in (404, 422) or answer.status_code >= 500:
            wrong.append((here, answer.status_code))
        elif "html" in answer.headers.get("content-type", ""):
            waiting += sorted(one for one in links_of(answer.text) if segment(ACCOUNT) in one or "messages" in one)
    return wrong, seen


@pytest.mark.parametrize("text", ["LN-000123", ACCOUNT, "%2F", "a%252Fb", "贷款/一", "a b"])
def test_an_id_is_one_segment_and_is_read_back_as_it_was(text):
    from urllib.parse import unquote

    from pydantic import TypeAdapter

    from arrears.web.links import Id

    path = address("/desk/accounts/{}/penalty", text)
    read_once = unquote(urlsplit(path).path).split("/")

    assert len(read_once) == 5 and TypeAdapter(Id).validate_python(read_once[3]) == text


def test_every_link_of_the_desk_with_such_an_id_leads_to_its_page(client, store, odd):
    csrf = as_staff(client, store, "supervisor", "compliance", "collector", "auditor")
    case = address("/desk/accounts/{}/cases/{}", ACCOUNT, CASE)
    form = {"csrf": csrf, "case": CASE, "category": "fee", "amount": "10.00", "reason": "miscalculated", "note": "x"}
    grant = {"csrf": csrf, "do": "grant", "from": "2026-11-24", "until": "2026-12-24", "note": "x"}

    found = client.get("/desk/find", params={"id": ACCOUNT}).headers["location"]
    posted = [
        client.post(path, data=data).headers["location"]
        for path, data in (
            (address("/desk/accounts/{}/adjustment", ACCOUNT), form),
            (address("/desk/accounts/{}/cases/{}", ACCOUNT, "H/1?"), grant),
        )
    ]
    wrong, seen = wrong_links(
        client, ["/desk/cases/disputes", "/desk/cases/hardship", "/desk/approvals", found, *posted]
    )

    assert wrong == [] and {case, found, *posted} <= {one.partition("?")[0] for one in seen}


def test_every_link_of_the_borrowers_pages_with_such_an_id_leads_to_its_page(client, store, odd):
    csrf = as_staff(client, store, "compliance")
    client.post(address("/desk/accounts/{}/cases/{}", ACCOUNT, CASE), data={"csrf": csrf, "reason": "upheld"})
    as_borrower(client, store, f"P-{ACCOUNT}")

    wrong, seen = wrong_links(client, ["/account", "/account/help", "/account/messages"])

    pages = {one.partition("?")[0] for one in seen}
    parts = ("", "/standing", "/penalty", "/plan", "/pay", "/say/dispute", "/say/hardship")
    assert wrong == [] and {address("/account/loans/{}" + part, ACCOUNT) for part in parts} <= pages
