"""The page that checks a signature in the reader's own browser, as a file. What it can say is in the page; `check.js` only shows it.

Its answers are those of `notice.verify` where nothing can be looked up: a valid signature, or "cannot confirm". A code confirms nothing here.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from arrears.advise.answer import answer_of
from arrears.advise.questions import looked_at
from arrears.advise.said import Said
from arrears.notice.checks import remark
from arrears.notice.keys import PublicKeys
from arrears.notice.slots import House
from arrears.notice.verify import signed_by_words
from arrears.web.advice_page import advice_shown
from arrears.web.site_page import SitePage
from arrears.web.words import site_words

NAME = "check"
REASONS = ("bad_signature", "not_looked_up", "no_proof")


def check_file(page: SitePage, keys: PublicKeys | None) -> tuple[str, bytes]:
    """The page. Without keys it says how to check by hand alone."""
    said = {tongue: site_words(language)["check"]["title"] for tongue, language in (("zh", "zh-CN"), ("en", "en"))}
    by_hand = answer_of(looked_at("sms-no-visit"), Said(**said), [{"from": "authenticity"}, {"from": "help"}])
    return page.file(
        NAME, "check_file.html", advice=advice_shown(by_hand, page.language), said=_said(page, keys) if keys else {},
        keys=_embedded(keys) if keys else "",
    )  # fmt: skip


def _embedded(keys: PublicKeys) -> str:
    """The keys as the script takes them."""
    return json.dumps([
        {"kid": key.id, "x": base64.urlsafe_b64encode(key.raw).decode().rstrip("="), "revoked": key.revoked}
        for key in keys.keys.values()
    ])  # fmt: skip


def _said(page: SitePage, keys: PublicKeys) -> dict[str, Any]:
    """Every answer in words."""
    language, lender = page.language, page.lender
    assert lender is not None
    name = House(lender).name(language)
    return {
        "genuine": remark("advice", "genuine", lender=name).text(language),
        "cannot_confirm": remark("advice", "cannot_confirm", lender=name).text(language),
        "reach": remark("advice", "reach", phone=lender.phone, site=lender.site).text(language),
        "reasons": [(reason, remark("reasons", reason).text(language)) for reason in REASONS],
        "by_key": [(key.id, signed_by_words(key).text(language)) for key in keys.keys.values()],
    }
