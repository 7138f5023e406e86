"""A borrower's own pages in a real browser, from the code that arrives on a phone to the file of everything that is held."""

import json

from tests.browser.made import SAID, loan_of, phone_of
from tests.web.peers import code_in, waited

QUOTED = ("section:has(> .clauses)", ".beside", ".grounds")
#: Everything that is held, as it is held: codes of the store and what others wrote.
READ = ("pre", "table", "dl")
BUDGET = {"income.wages": "6000", "spending.rent": "1500", "spending.food": "1800"}
SEND = "main form:not(.inline) button[type=submit]"


def sign_in(visitor, smsc):
    """By the code that the SMSC really got for this reader's number."""
    visitor.go("/account/sign-in")
    visitor.look("sign-in")
    visitor.page.locator("#who").fill(loan_of(visitor.reader))
    visitor.page.locator(SEND).click()
    visitor.look("code")
    number = phone_of(visitor.reader)[1:]
    (sent,) = waited(lambda: [one for one in smsc.submitted if one.to == number])
    text = sent.octets.decode("utf-16-be" if visitor.reader.language == "zh-CN" else "latin-1")
    visitor.page.locator("#code").fill(code_in(text))
    visitor.page.locator(SEND).click()
    visitor.page.wait_for_url("**/account?**")


def test_a_borrower_signs_in_promises_pays_reads_and_takes_everything(visitor, smsc, tmp_path):
    page, loan = visitor.page, loan_of(visitor.reader)
    sign_in(visitor, smsc)
    visitor.look("loans")
    page.locator(f"main a[href^='/account/loans/{loan}?']").first.click()
    visitor.look("loan", QUOTED)

    visitor.go(f"/account/loans/{loan}/say/promise")
    visitor.look("promise")
    page.locator("#amount").fill("100.00")
    page.locator("#by").fill("2026-11-30")
    page.locator(SEND).click()
    page.wait_for_url("**/account/recorded/**")
    visitor.look("promised", QUOTED)

    visitor.go(f"/account/loans/{loan}/penalty")
    page.locator("main summary").first.click()
    visitor.look("penalty", QUOTED)
    page.locator("button[value=send]").click()
    page.wait_for_selector(".special")
    visitor.look("penalty-asked", QUOTED, is_further=True)

    visitor.go(f"/account/loans/{loan}/pay")
    visitor.look("pay")
    page.locator("#amount-own").check()
    page.locator("#own").fill("50.00")
    page.locator(SEND).click()
    visitor.look("to-the-provider")
    page.locator("main a.button").click()
    visitor.look("test-provider")
    page.locator("main form button").click()
    page.wait_for_url("**/pay/back/**")
    visitor.look("paid")
    assert "50.00" in page.locator(".answer h1").inner_text()

    visitor.go(f"/account/loans/{loan}/plan")
    visitor.look("plan", QUOTED)
    for name, amount in BUDGET.items():
        page.locator(f"[name='{name}']").fill(amount)
    page.locator(SEND).last.click()
    page.wait_for_selector("section.step")
    visitor.look("plans", QUOTED)
    page.get_by_role("button", name=visitor.reader.said("同意这个方案", "Agree to this plan")).first.click()
    page.wait_for_url("**/plan/agreed**")
    visitor.look("agreed", QUOTED)

    visitor.go(f"/account/loans/{loan}/say/hardship")
    page.locator("#reason").select_option("job")
    page.locator(SEND).click()
    page.wait_for_url("**/account/recorded/**")
    visitor.go(f"/account/loans/{loan}/standing")
    page.locator("main summary").first.click()
    visitor.look("standing", QUOTED)

    visitor.go("/account/messages")
    visitor.look("messages")
    page.locator("main a[href^='/account/messages/']").first.click()
    visitor.look("message")
    assert page.locator(".message-text").inner_text().startswith(SAID[visitor.reader.language])

    for name in ("contact", "help", "held/read", "held"):
        visitor.go(f"/account/{name}")
        visitor.look(name.replace("/", "-"), READ)
    visitor.refused("/account/loans/of-nobody", 404)
    visitor.look("not-here", is_further=True)
    visitor.go("/account/held")
    with page.expect_download() as coming:
        page.locator("main a[download]").click()
    coming.value.save_as(tmp_path / "held.json")
    assert loan in json.dumps(json.loads((tmp_path / "held.json").read_text("utf-8")))
