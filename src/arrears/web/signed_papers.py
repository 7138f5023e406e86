"""Papers of the lender as PDF, signed with the key that the installation has in use."""

from __future__ import annotations

from arrears.facts.beside import tongue_of
from arrears.installation import Installation
from arrears.notice.keys import public_keys, signer
from arrears.plans.paper import Sheet, certificate, sheet_pdf, sign


def signed_pdf(house: Installation, sheet: Sheet) -> bytes:
    """The sheet, signed. Refusal if it has a character that the fonts cannot print, or there is no key."""
    own = signer(house.keys, house.lender.id)
    begins = public_keys(house.keys, house.lender.id).keys[own.key_id].valid_from
    name = house.lender.name[tongue_of(sheet.language)]
    return sign(sheet_pdf(sheet), own.private, certificate(own.private, name, own.key_id, begins), sheet.title)
