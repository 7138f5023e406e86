"""The desk in a real browser: two factors, the list, an account, a call told with two keys, a stop, and every page that a supervisor reads."""

import pyotp

from tests.browser.made import PASSWORD, TOTP, UNTOLD, disputed_of, loan_of, staff_of

#: What stands on the desk in its own language: words to say to a borrower, how people are reached, sources of clauses.
QUOTED = (
    ".say",
    "section[aria-labelledby=people]",
    ".clauses",
    ".clauses ~ ul",
    "li .quiet",
    ".now details",
    ".grounds",
    ".beside",
)
SEND = "main form button[type=submit]"


def sign_in(visitor, clock):
    """With the password and the code of this moment."""
    visitor.go("/desk/sign-in")
    visitor.look("sign-in")
    visitor.page.locator("#name").fill(staff_of(visitor.reader))
    visitor.page.locator("#password").fill(PASSWORD)
    visitor.page.locator(SEND).click()
    visitor.page.wait_for_url("**/second?**")
    visitor.look("second-factor")
    visitor.page.locator("#code").fill(pyotp.TOTP(TOTP).at(clock.at))
    visitor.page.locator(SEND).click()
    visitor.page.wait_for_url("**/desk?**")


def call(visitor):
    """Take the next call, have it checked, and tell its end with two keys."""
    page = visitor.page
    visitor.go("/desk/call")
    visitor.look("no-call")
    page.locator(SEND).click()
    page.wait_for_selector(".outcomes")
    visitor.look("call", QUOTED)
    page.locator("form[action^='/desk/call/dial'] button").click()
    page.wait_for_selector("a[href^='tel:']")
    visitor.look("dialled", QUOTED)
    for key in page.locator("button[value=NA]").get_attribute("data-keys"):
        page.keyboard.press(key)
    page.wait_for_url("**told=NA**")
    visitor.look("told", QUOTED)


def test_staff_sign_in_and_work_at_the_desk(visitor, clock):
    page = visitor.page
    sign_in(visitor, clock)
    visitor.look("list", QUOTED)
    page.locator("main summary").first.click()
    page.locator(".facets a").first.click()
    page.wait_for_selector(".facets a[aria-current]")
    visitor.look("filtered", QUOTED)
    page.locator("table.stacked th a").first.click()
    page.wait_for_selector("#timeline")
    visitor.look("account", QUOTED)

    call(visitor)

    visitor.go("/desk/stops")
    page.locator("#scope").select_option("account")
    page.locator("#subject").fill(loan_of(visitor.reader))
    page.locator("form[action^='/desk/stops?'] #why, form[action='/desk/stops'] #why").fill(
        visitor.reader.said("住院", "in hospital")
    )
    page.locator(SEND).last.click()
    page.wait_for_selector(f"section.step:has-text('{loan_of(visitor.reader)}')")
    visitor.go("/desk/cases/disputes")
    visitor.look("disputes", QUOTED, is_further=True)
    page.locator(f"main a[href*='/accounts/{disputed_of(visitor.reader)}/cases/']").click()
    page.wait_for_url("**/cases/dispute_opened**")
    visitor.look("case", QUOTED)
    visitor.go("/desk/rounds")
    page.locator("main ol a").first.click()
    page.wait_for_selector(".outcomes")
    visitor.look("door", (*QUOTED, "p:has(> strong + br)"))
    visitor.refused(f"/desk/accounts/{UNTOLD}", 409)
    visitor.look("cannot", QUOTED, is_further=True)
    for name in ("password", "sessions"):
        visitor.go(f"/desk/{name}")
        visitor.look(name)
    penalty = f"accounts/{loan_of(visitor.reader)}/penalty"
    for name in (
        "figures",
        "law",
        "log",
        "approvals",
        "rounds",
        "strategy",
        "cases/promises",
        "cases/hardship",
        "cases/pauses",
        penalty,
        penalty.replace("penalty", "adjustment"),
        "stops",
    ):
        visitor.go(f"/desk/{name}")
        visitor.look(name.replace("/", "-"), (*QUOTED, ".step", "textarea"))


def test_a_new_member_sets_up_the_second_factor_on_a_desk_without_a_night(visitor, first_day, clock):
    page, visitor.address = visitor.page, first_day
    visitor.go("/desk/sign-in")
    visitor.look("first-sign-in", is_further=True)
    page.locator("#name").fill(staff_of(visitor.reader))
    page.locator("#password").fill(PASSWORD)
    page.locator(SEND).click()
    page.wait_for_url("**/set-up?**")
    page.locator("main summary").click()
    visitor.look("set-up")
    page.locator("#code").fill(pyotp.TOTP(page.locator("details code").inner_text()).at(clock.at))
    page.locator(SEND).click()
    page.wait_for_selector("ol.codes")
    visitor.look("recovery-codes")
    page.locator("main a.button").click()
    page.wait_for_url("**/desk?**")
    visitor.look("no-night")
