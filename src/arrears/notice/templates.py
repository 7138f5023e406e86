"""Templates of messages: YAML files of strict named slots, read once, every fault told with its line.

A template says for which action, channel, stage and occasion it is, and its words in zh-CN and English as paragraphs. `{name}` is a slot
(`slots.SLOTS`) or a part: a named text of the file (or of `templates/common.yaml`) that many templates share.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Any

from arrears.errors import refuse
from arrears.facts.schema import CHANNELS, LAWS
from arrears.facts.yaml_text import Document, parse_yaml, read_yaml
from arrears.law import load_pack, packs
from arrears.law.wording import load_wording
from arrears.notice.language import LANGUAGES
from arrears.notice.slots import SLOTS

TOP_KEYS = ("law", "version", "clauses", "parts", "templates")
ABOUT = ("past_due", "next_due", "answer")
BINDS = ("lender", "agency")
KEYS = ("id", "actions", "channel", "about", "stages", "binds", "clauses", "parts_at_most", *LANGUAGES)
#: Channels whose messages are read, not said: they carry the code. E-mail and letter have a subject, portal and push a title.
WRITTEN = ("sms", "email", "letter", "push", "portal")
SUBJECT = ("email", "letter", "push", "portal")
#: Parts of a text message unless its template says otherwise.
SMS_PARTS_AT_MOST = 5
_SLOT = re.compile(r"\{([a-z_]*)\}")
_DEPTH_LIMIT = 4
#: More words than this are not listed in an error.
_FEW = 20


@dataclass(frozen=True)
class Text:
    """Paragraphs of one language, parts put in, slots still open; `subject` where the channel has one."""

    paragraphs: tuple[str, ...]
    subject: str | None = None

    @cached_property
    def slots(self) -> frozenset[str]:
        """The slots that it names."""
        return frozenset(_SLOT.findall("\n".join((*self.paragraphs, self.subject or ""))))


@dataclass(frozen=True)
class Template:
    """One template. `actions` empty: any action of the channel; `stages` empty: any stage. `place`: file and line."""

    id: str
    actions: tuple[str, ...]
    channel: str
    about: str
    stages: tuple[str, ...]
    binds: tuple[str, ...]
    clauses: tuple[str, ...]
    parts_at_most: int
    texts: Mapping[str, Text]
    place: str


@dataclass(frozen=True)
class TemplateSet:
    """The templates of one law, those of the house first."""

    law: str
    templates: tuple[Template, ...]

    def find(self, action: str, channel: str, stage: str, about: str, binds: str = "lender") -> Template:
        """The template for a message: the first that names the action, else the first for the channel. Refusal if there is none."""
        asked = (action, channel, stage, about, binds)
        found = self._found.get(asked)
        if found is None:
            found = self._found[asked] = self._find(*asked)
        return found

    @cached_property
    def _found(self) -> dict[tuple[str, ...], Template]:
        """What was asked for before: a night asks the same of every account."""
        return {}

    def _find(self, action: str, channel: str, stage: str, about: str, binds: str) -> Template:
        fit = [one for one in self.templates if (one.channel, one.about) == (channel, about) and binds in one.binds
               and (not one.stages or stage in one.stages)]  # fmt: skip
        named = [one for one in fit if action in one.actions]
        for one in (*named, *(one for one in fit if not one.actions)):
            return one
        what = f"there is no template for {action} by {channel} about {about} under the law {self.law}"
        raise refuse("template", what, field="templates", todo="add one to the file that the installation names")


def template_set(law: str, house: Path | None = None) -> TemplateSet:
    """The templates of a law with those of a house file before them. Refusal for a law without templates, or with every fault of the file."""
    if law not in _included():
        raise refuse("template", "there are no templates for this law", value=law, exit_code=2,
                     todo="known: " + ", ".join(_included()))  # fmt: skip
    own = house_templates(law, house).templates if house else ()
    return TemplateSet(law, (*own, *_of_law(law)))


def house_templates(law: str, file: Path) -> TemplateSet:
    """The templates of a house file alone. Refusal with every fault of the file."""
    document = read_yaml(file)
    top = document.value if isinstance(document.value, dict) else {}
    parts = top.get("parts") if isinstance(top.get("parts"), dict) else {}
    if "clauses" in top:
        document.fault("template", "clauses", "is not for a file of the house", todo="name clauses in a template")
    return TemplateSet(law, _read(document, law, {**_parts(law), **(parts or {})}))


def laws_of(file: Path) -> tuple[str, ...]:
    """The laws that a house file is for: the one it names, else every law. Refusal if it cannot be read."""
    content = read_yaml(file).value
    named = content.get("law") if isinstance(content, dict) else None
    return (str(named),) if named in _included() else _included()


@cache
def _included() -> tuple[str, ...]:
    folder = resources.files("arrears.notice").joinpath("templates")
    names = (entry.name.removesuffix(".yaml") for entry in folder.iterdir())
    return tuple(sorted(name for name in names if name in LAWS))


def laws() -> tuple[str, ...]:
    """The laws that have templates."""
    return _included()


@cache
def _of_law(law: str) -> tuple[Template, ...]:
    return (*_read(_file(law), law, _parts(law)), *_read(_file("common"), law, _parts(law)))


def _file(name: str) -> Document:
    file = resources.files("arrears.notice").joinpath("templates", f"{name}.yaml")
    return parse_yaml(file.read_text("utf-8"), f"notice/templates/{name}.yaml")


@cache
def _parts(law: str) -> dict[str, Mapping[str, str]]:
    """The parts of the common file with those of the law in their place."""
    return {**(_file("common").value.get("parts") or {}), **(_file(law).value.get("parts") or {})}


@cache
def _clauses(law: str) -> dict[str, tuple[str, ...]]:
    """What the messages of each channel follow under a law. Refusal if the file names a clause that there is not."""
    document = _file(law)
    named = {channel: tuple(ids) for channel, ids in (document.value.get("clauses") or {}).items()}
    for channel, ids in named.items():
        for one in ids:
            if one not in clause_ids(law):
                document.fault("template", f"clauses.{channel}", "is no clause", one)
    document.raise_findings()
    return named


def _read(document: Document, law: str, parts: Mapping[str, Any]) -> tuple[Template, ...]:
    """The templates of one file that are for a law, with the parts that they may use. Refusal with every fault."""
    top = document.value if isinstance(document.value, dict) else {}
    for key in set(top) - set(TOP_KEYS):
        document.fault("template", key, "is not known", todo="known: " + ", ".join(TOP_KEYS))
    entries = top.get("templates")
    if not isinstance(entries, list) or not isinstance(top.get("parts") or {}, dict):
        document.fault("template", "templates", "needs a list of templates, and parts (if any) as a mapping")
        entries = []
    for name in set(parts) & set(SLOTS):
        document.fault("template", f"parts.{name}", "has the name of a slot", name)
    if top.get("law") is not None and top["law"] not in LAWS:
        document.fault("template", "law", "is no law", top["law"], "known: " + ", ".join(_included()))
    wanted = top.get("law") in (law, None)
    found = [_Reader(document, f"templates[{at}]", entry, law, parts).template() for at, entry in enumerate(entries)]
    document.raise_findings()
    return tuple(one for one in found if one is not None) if wanted else ()


class _Reader:
    """Reads one template and keeps every fault."""

    def __init__(self, document: Document, path: str, entry: Any, law: str, parts: Mapping[str, Any]) -> None:
        self.doc, self.path, self.law, self.parts = document, path, law, parts
        self.entry: dict[str, Any] = entry if isinstance(entry, dict) else {}

    def fault(self, name: str, what: str, value: object = "", todo: str = "") -> None:
        self.doc.fault("template", f"{self.path}.{name}", what, value, todo)

    def words(self, name: str, allowed: tuple[str, ...] | None, otherwise: tuple[str, ...] = ()) -> tuple[str, ...]:
        found = self.entry.get(name)
        listed = (
            otherwise
            if found is None
            else tuple(str(one) for one in found)
            if isinstance(found, list)
            else (str(found),)
        )
        for one in listed:
            if allowed is not None and one not in allowed:
                what = (
                    "is not one of " + ", ".join(allowed) if len(allowed) < _FEW else f"is none of the law {self.law}"
                )
                self.fault(name, what, one)
        return listed

    def template(self) -> Template | None:
        before = len(self.doc.findings)
        for key in set(self.entry) - set(KEYS):
            self.fault(key, "is not known", key, todo="known: " + ", ".join(KEYS))
        for key in ("id", "channel", "about", *LANGUAGES):
            if not self.entry.get(key):
                self.fault(key, "is missing")
        (channel, *_) = (*self.words("channel", CHANNELS), "")
        (about, *_) = (*self.words("about", ABOUT), "")
        most = str(self.entry.get("parts_at_most", SMS_PARTS_AT_MOST))
        if not most.isdecimal() or not 1 <= int(most) <= 10:
            self.fault("parts_at_most", "is not a whole number from 1 to 10", most)
        made = Template(
            str(self.entry.get("id")), self.words("actions", None), channel, about, self.words("stages", None),
            self.words("binds", BINDS, BINDS), self.cited(channel), int(most) if most.isdecimal() else 1,
            {language: self.text(language, channel) for language in LANGUAGES},
            f"{self.doc.file}:{self.doc.lines.get(self.path, 1)}",
        )  # fmt: skip
        return made if len(self.doc.findings) == before else None

    def cited(self, channel: str) -> tuple[str, ...]:
        """The clauses that the template names, and those that its law names for the channel."""
        own = self.words("clauses", clause_ids(self.law))
        found = tuple(dict.fromkeys((*own, *_clauses(self.law).get(channel, ()))))
        if not found:
            self.fault("clauses", "names no clause that it follows")
        return found

    def text(self, language: str, channel: str) -> Text:
        found = self.entry.get(language)
        content: dict[str, Any] = found if isinstance(found, dict) else {}
        for key in set(content) - {"subject", "text"}:
            self.fault(f"{language}.{key}", "is not known", key, todo="known: subject, text")
        listed = content.get("text")
        if not isinstance(listed, list) or not listed or not all(isinstance(one, str) for one in listed):
            self.fault(f"{language}.text", "needs a list of paragraphs")
            listed = []
        if (content.get("subject") is not None) != (channel in SUBJECT):
            self.fault(f"{language}.subject", "belongs to " + ", ".join(SUBJECT) + ", and to each of them")
        paragraphs = tuple(self.filled(one, language, f"{language}.text[{at}]") for at, one in enumerate(listed))
        subject = content.get("subject")
        made = Text(paragraphs, None if subject is None else self.filled(str(subject), language, f"{language}.subject"))
        for slot in ("lender", *(("code",) if channel in WRITTEN else ())):
            if listed and slot not in Text(paragraphs).slots:
                self.fault(f"{language}.text", f"does not name {{{slot}}}, which every such message carries")
        return made

    def filled(self, text: str, language: str, path: str, depth: int = 0) -> str:
        """The text with its parts put in. A fault for a name that is neither part nor slot, and for a brace that is neither."""
        if re.search(r"[{}]", _SLOT.sub("", text)):
            self.fault(path, "has a brace that belongs to no slot", text)
        for name in _SLOT.findall(text):
            if name not in SLOTS and (name not in self.parts or depth == _DEPTH_LIMIT):
                self.fault(
                    path,
                    "names a slot that there is not",
                    f"{{{name}}}",
                    "known: " + ", ".join(sorted((*SLOTS, *self.parts))),
                )
        return _SLOT.sub(lambda match: self.part(match.group(1), language, path, depth), text)

    def part(self, name: str, language: str, path: str, depth: int) -> str:
        if name in SLOTS or name not in self.parts or depth == _DEPTH_LIMIT:
            return f"{{{name}}}" if name in SLOTS else ""
        words = self.parts[name]
        if not isinstance(words, dict) or not isinstance(words.get(language), str):
            self.fault(path, f"uses the part {name}, which has no text in {language}", name)
            return ""
        return self.filled(words[language], language, path, depth + 1)


@cache
def clause_ids(law: str) -> tuple[str, ...]:
    """The ids of every clause of a law's packs: what a template may cite."""

    def ids() -> Iterator[str]:
        for pack in packs():
            if pack.partition("-")[0] == law:
                yield from (clause.id for clause in load_pack(pack).clauses)
        yield from (clause.id for clause in load_wording(law))

    return tuple(ids())
