"""A message of the borrower's pages on paper: the same words as PDF, signed with the lender's key, for both doors."""

from __future__ import annotations

import re

from starlette.responses import Response

from arrears.calendar import local_day
from arrears.dispatch.channels.portal import PostedMessage
from arrears.notice.signing import without_signature
from arrears.notice.writer import house_of
from arrears.payments.take_in import targets_of
from arrears.plans.paper import Sheet
from arrears.web.served import Served
from arrears.web.signed_papers import signed_pdf


def message_pdf(served: Served, message: PostedMessage) -> Response:
    """The answer with the PDF, in the language of the message, dated by the account's own clock. Refusal if it has a character that the fonts cannot print, or there is no key."""
    words = message.words
    if words is None:
        raise ValueError("the person was erased")
    with served.store.read() as connection:
        zone = targets_of(connection, {message.account_id})[message.account_id].zone
    on = local_day(message.posted_at, zone)
    lender = house_of(served.installation).name(words.language)
    paragraphs = re.split(r"\n\s*\n", without_signature(words.text).strip())
    sheet = Sheet(
        words.language, on, words.subject or lender, lender, message.account_id, tuple(paragraphs), (), (), ()
    )
    headers = {"content-disposition": f'attachment; filename="{message.attempt_id}.pdf"'}
    return Response(signed_pdf(served.installation, sheet), media_type="application/pdf", headers=headers)
