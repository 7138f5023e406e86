"""The words of one message, ready to be carried by a channel, made from a template and an account's position."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from arrears.errors import refuse
from arrears.notice.language import LANGUAGES
from arrears.notice.occasion import Occasion
from arrears.notice.signing import Signer
from arrears.notice.slots import House, subject_of, values
from arrears.notice.sms_length import sms_length
from arrears.notice.templates import WRITTEN, Template, TemplateSet

#: Channels whose messages carry a signature unless the installation says otherwise: those with room for it.
SIGNED = ("email", "letter", "portal")
_SLOT = re.compile(r"\{([a-z_]+)\}")
#: What stands between paragraphs: a text message is one line, and Chinese needs no space between sentences.
_BETWEEN = {("sms", "zh-CN"): "", ("sms", "en"): " ", ("push", "zh-CN"): "", ("push", "en"): " "}


@dataclass(frozen=True)
class Words:
    """What one message says. `text` is always there (plain, no markup); `subject` and `html` where the channel has them.

    `template`: the id of the template it was made from. `code`: the short code under which it can be verified. `signature`: an
    Ed25519 signature (base64url) where length allows, else None; its line stands at the end of `text` and `html`. `language`: zh-CN or en.
    """

    template: str
    language: str
    text: str
    code: str
    subject: str | None = None
    html: str | None = None
    signature: str | None = None


def words_for(
    templates: TemplateSet, occasion: Occasion, position: Mapping[str, Any], house: House, language: str, code: str,
    signer: Signer | None = None,
) -> Words:  # fmt: skip
    """The words of a message about an account: `position` as replay gives it (money in minor units) on the day of the occasion.

    `language`: zh-CN or en. `signer`: the key to sign with, or None. Refusal if nothing is due and nothing answered, if no template fits, if a slot of it
    cannot be filled, or if a text message (without its signature line) grows too long. Whether the words may be sent is `checking.check_words`.
    """
    if language not in LANGUAGES:
        raise ValueError(f"{language} is none of {', '.join(LANGUAGES)}")
    about = subject_of(occasion, position)
    if about is None:
        raise refuse("nothing_due", "nothing is due on this account, now or next", account=occasion.account_id)
    template = templates.find(occasion.action, occasion.channel, occasion.stage, about, occasion.binds)
    paragraphs, subject = filled(
        template, language, values(template.texts[language].slots, occasion, position, house, language, code)
    )
    text = _BETWEEN.get((template.channel, language), "\n\n").join(paragraphs)
    _not_too_long(template, text)
    signature = signer.sign(text, code) if signer is not None and template.channel in WRITTEN else None
    if signer is not None and signature is not None:
        paragraphs = (*paragraphs, signer.line(signature))
        text += ("\n" if template.channel == "sms" else "\n\n") + signer.line(signature)
    page = page_of(paragraphs, subject or "", language) if template.channel == "email" else None
    return Words(template.id, language, text, code, subject, page, signature)


def filled(template: Template, language: str, known: Mapping[str, str]) -> tuple[tuple[str, ...], str | None]:
    """Paragraphs and subject of a template with every slot filled. Refusal for a slot without a value."""

    text = template.texts[language]
    paragraphs = tuple(_put_in(paragraph, known, template) for paragraph in text.paragraphs)
    return paragraphs, None if text.subject is None else _put_in(text.subject, known, template)


def _put_in(text: str, known: Mapping[str, str], template: Template) -> str:
    pieces = list(_pieces(text))
    for at in range(1, len(pieces), 2):
        value = known.get(pieces[at])
        if value is None:
            raise refuse(
                "template",
                f"needs {{{pieces[at]}}}, which is not known here",
                file=template.place,
                field=template.id,
            )
        pieces[at] = value
    return "".join(pieces)


@lru_cache(maxsize=4096)
def _pieces(text: str) -> tuple[str, ...]:
    """The text of a template in pieces: words and names of slots by turns, words first."""
    return tuple(_SLOT.split(text))


def page_of(paragraphs: tuple[str, ...], subject: str, language: str) -> str:
    """The same paragraphs as HTML, without a link: the message itself says not to trust links."""
    body = "\n".join(
        '<p style="overflow-wrap:anywhere">' + html.escape(paragraph, quote=False).replace("\n", "<br>\n") + "</p>"
        for paragraph in paragraphs
    )
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head><meta charset="utf-8">'
        f"<title>{html.escape(subject, quote=False)}</title></head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _not_too_long(template: Template, text: str) -> None:
    if template.channel != "sms":
        return
    length = sms_length(text)
    if length.parts > template.parts_at_most:
        what = f"takes {length.parts} parts ({length.units} units of {length.encoding}), more than {template.parts_at_most}"
        raise refuse(
            "sms_too_long",
            what,
            file=template.place,
            field=template.id,
            todo="shorten the template, or do not sign text messages",
        )
