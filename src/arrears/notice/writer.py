"""All that an installation needs to write, sign and register messages, opened once and used for each of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from arrears.errors import refuse
from arrears.facts.schema import CHANNELS
from arrears.installation import Installation
from arrears.notice import canonical, codes
from arrears.notice.checking import check_words, refuse_blocked
from arrears.notice.keys import code_key, signer
from arrears.notice.occasion import Occasion
from arrears.notice.preview import check_set
from arrears.notice.signing import Signer, without_signature
from arrears.notice.slots import House, subject_of
from arrears.notice.templates import Template, TemplateSet, house_templates, laws_of, template_set
from arrears.notice.words import SIGNED, Words, words_for

SETTINGS = ("templates", "pay", "verify_at", "creditor", "sign")


class Writer:
    """Writes messages of one installation. Not for two threads at once: it remembers which templates passed the check."""

    def __init__(
        self, house: House, templates: Path | None = None, signing: Signer | None = None, key: bytes = b"",
        signed: tuple[str, ...] = SIGNED,
    ) -> None:  # fmt: skip
        self.house, self._templates, self._signer, self._key, self._signed = house, templates, signing, key, signed
        self._sets: dict[str, TemplateSet] = {}
        self._passed: set[tuple[object, ...]] = set()

    def templates(self, law: str) -> TemplateSet:
        """The templates of a law with the house's own. Refusal where there are none."""
        if law not in self._sets:
            self._sets[law] = template_set(law, self._templates)
        return self._sets[law]

    def words(self, occasion: Occasion, position: Mapping[str, Any], language: str, code: str) -> Words:
        """The words of a message, signed where its channel is, and passed by the wording check. Refusal as `words_for`, or for what blocks.

        The check of one text takes milliseconds, so words that differ from words that passed by figures and dates of the position alone
        are not checked again; those with a name in them are.
        """
        signing = self._signer if occasion.channel in self._signed else None
        words = words_for(self.templates(occasion.law), occasion, position, self.house, language, code, signing)
        template = self._template(occasion, position)
        like = (template.place, language, occasion.law, occasion.binds, occasion.on, occasion.stage, _next(occasion),
                occasion.answer)  # fmt: skip
        named = bool(occasion.name) and "customer" in template.texts[language].slots
        if named or like not in self._passed:
            refuse_blocked(check_words(words, occasion, position, self.house), words, template.place)
            self._passed.add(like)
        return words

    def code_hash(self, code: str) -> str:
        """The keyed hash under which a sent message is registered and found."""
        return codes.code_hash(code, self._key)

    def text_hash(self, text: str) -> str:
        """The keyed hash of a message's text without its signature line."""
        return canonical.text_hash(without_signature(text), self._key)

    def _template(self, occasion: Occasion, position: Mapping[str, Any]) -> Template:
        about = subject_of(occasion, position) or ""
        return self.templates(occasion.law).find(
            occasion.action, occasion.channel, occasion.stage, about, occasion.binds
        )


def house_of(installation: Installation) -> House:
    """What the installation says of itself in its `notice` section. Refusal if that is unfit."""
    section = installation.section("notice")
    for name in section:
        if name not in SETTINGS:
            raise _unfit(installation, name, "is not known", "known: " + ", ".join(SETTINGS))
    for name in ("pay", "creditor"):
        told = section.get(name) or {}
        if not isinstance(told, Mapping) or not set(told) <= {"zh", "en"}:
            raise _unfit(installation, name, "must be words by language (zh, en)")
    words = {name: {key: str(text) for key, text in (section.get(name) or {}).items()} for name in ("pay", "creditor")}
    return House(installation.lender, words["pay"], str(section.get("verify_at") or ""), words["creditor"])


def signed_channels(installation: Installation) -> tuple[str, ...]:
    """The channels whose messages carry a signature: `sign` of the `notice` section, else those with room for it."""
    told = installation.section("notice").get("sign")
    if told is None:
        return SIGNED
    if not isinstance(told, list) or not set(told) <= set(CHANNELS):
        raise _unfit(installation, "sign", "must be a list of channels", "known: " + ", ".join(CHANNELS))
    return tuple(told)


def templates_file(installation: Installation) -> Path | None:
    """The house's own templates, if the installation names a file."""
    told = installation.section("notice").get("templates")
    return installation.folder / str(told) if told else None


def open_writer(installation: Installation, on: date) -> Writer:
    """The writer of an installation, with its keys. Refusal for unfit settings, keys, or templates of its own.

    Templates of the house are held to the same checks as those that come with arrears, by the wording clauses of the day `on`.
    """
    house, own = house_of(installation), templates_file(installation)
    key = code_key(installation.keys)
    if own is not None:
        for law in laws_of(own):
            check_set(house_templates(law, own), house, on)
    return Writer(house, own, signer(installation.keys, installation.lender.id), key, signed_channels(installation))


def _next(occasion: Occasion) -> object:
    step = occasion.next_stage
    return tuple(step.name.items()) if step else occasion.again_on is None


def _unfit(installation: Installation, name: str, what: str, todo: str = "") -> Exception:
    return refuse("installation", what, file=str(installation.path), field=f"notice.{name}", todo=todo, exit_code=2)
