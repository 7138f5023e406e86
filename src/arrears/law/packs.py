"""Packs of clauses, and the stack of packs that an account is under.

A pack is a folder of YAML files: `pack.yaml` and one file a subject. A stack is the pack of the account's law, the packs on top of
it for the person's region, and the lender's own stricter rules (a house pack, from files).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Any

from arrears.errors import Finding, Refusal, refuse
from arrears.facts.fields import Fields
from arrears.facts.yaml_text import Document, parse_yaml, read_yaml
from arrears.law.calendars import Calendar, calendars, load_calendar
from arrears.law.clauses import Clause, read_clauses

KEYS = ("pack", "name", "on_top_of", "regions", "zone", "calendar", "not_confirmed")
#: Files of a pack with a form of their own.
OTHER_FORMS = ("pack.yaml", "wording.yaml")


@dataclass(frozen=True)
class Pack:
    """The clauses of one law. `zone` is where its own calendar days are counted, and the law of a day is found."""

    name: str
    title: Mapping[str, str]
    on_top_of: str | None
    regions: frozenset[str]
    zone: str
    calendar_name: str | None
    not_confirmed: tuple[Mapping[str, str], ...]
    clauses: tuple[Clause, ...]

    def __hash__(self) -> int:
        return hash((self.name, len(self.clauses)))

    @property
    def calendar(self) -> Calendar | None:
        """The business-day calendar, if the pack has one."""
        return load_calendar(self.calendar_name) if self.calendar_name else None

    def clause(self, clause_id: str) -> Clause:
        """The clause of that id. KeyError if there is none."""
        for clause in self.clauses:
            if clause.id == clause_id:
                return clause
        raise KeyError(clause_id)


@dataclass(frozen=True)
class Stack:
    """Packs that hold together, the base first. The strictest verdict of all their clauses decides."""

    packs: tuple[Pack, ...]

    @cached_property
    def clauses(self) -> tuple[tuple[Clause, Pack], ...]:
        """Every clause with its pack."""
        return tuple((clause, pack) for pack in self.packs for clause in pack.clauses)

    @cached_property
    def kept(self) -> dict[Any, Any]:
        """What the guard worked out once for questions that are alike."""
        return {}

    @property
    def zone(self) -> str:
        """The zone of the base pack."""
        return self.packs[0].zone


@cache
def packs() -> tuple[str, ...]:
    """Names of the packs that come with arrears."""
    folder = resources.files("arrears.law").joinpath("packs")
    return tuple(sorted(entry.name for entry in folder.iterdir() if entry.joinpath("pack.yaml").is_file()))


@cache
def load_pack(name: str) -> Pack:
    """The pack of that name. Refusal if there is none, or with every fault of its files."""
    if name not in packs():
        raise refuse(
            "no_pack", "there is no law pack of this name", value=name, exit_code=2, todo="known: " + ", ".join(packs())
        )
    folder = resources.files("arrears.law").joinpath("packs", name)
    documents = [
        parse_yaml(entry.read_text("utf-8"), f"packs/{name}/{entry.name}")
        for entry in sorted(folder.iterdir(), key=lambda item: item.name)
        if entry.name.endswith(".yaml") and entry.name not in OTHER_FORMS
    ]
    head = parse_yaml(folder.joinpath("pack.yaml").read_text("utf-8"), f"packs/{name}/pack.yaml")
    return read_pack(head, documents, name)


def read_pack(head: Document, documents: Iterable[Document], name: str) -> Pack:
    """A pack from its `pack.yaml` and its files of clauses. Refusal with every fault of all of them."""
    findings: list[Finding] = []
    clauses: list[Clause] = []
    pack: Pack | None = None
    try:
        pack = _head(head, name)
    except Refusal as refusal:
        findings += refusal.findings
    for document in documents:
        try:
            clauses += read_clauses(document, name)
        except Refusal as refusal:
            findings += refusal.findings
    findings += _repeated(clauses)
    if findings or pack is None:
        raise Refusal(*findings)
    return replace(pack, clauses=tuple(clauses))


def _head(document: Document, name: str) -> Pack:
    fields = Fields(document)
    top: dict[str, Any] = fields.mapping("", document.value) or {}
    fields.known_keys("", top, KEYS)
    if top.get("pack") != name:
        fields.fault("form", "pack", "is not the name of its folder", top.get("pack"), name)
    title = _tongues(fields, "name", top.get("name"))
    calendar = fields.optional("calendar", top.get("calendar"), calendars())
    zone = fields.zone("zone", top.get("zone"))
    if zone is None:
        fields.missing("zone", todo="such as Asia/Shanghai")
    regions = frozenset(fields.texts("regions", top.get("regions")))
    if regions and not top.get("on_top_of"):
        fields.fault("form", "regions", "stand in a pack that is on top of none", todo="write `on_top_of`")
    not_confirmed = tuple(
        _tongues(fields, f"not_confirmed[{index}]", item)
        for index, item in enumerate(fields.listed("not_confirmed", top.get("not_confirmed")))
    )
    on_top_of = fields.text("on_top_of", top.get("on_top_of"))
    document.raise_findings()
    return Pack(name, title, on_top_of, regions, str(zone), calendar, not_confirmed, ())


def _tongues(fields: Fields, path: str, value: Any) -> dict[str, str]:
    said = fields.mapping(path, value) or {}
    fields.known_keys(path, said, ("zh", "en"))
    for tongue in ("zh", "en"):
        if not fields.text(f"{path}.{tongue}", said.get(tongue)):
            fields.missing(f"{path}.{tongue}")
    return {tongue: str(said.get(tongue) or "") for tongue in ("zh", "en")}


def _repeated(clauses: Sequence[Clause]) -> list[Finding]:
    """Ids that stand twice in a pack, across its files."""
    first: dict[str, Clause] = {}
    found = []
    for clause in clauses:
        if clause.id in first:
            where = f"{first[clause.id].file}:{first[clause.id].line}"
            found.append(
                Finding(
                    "duplicate", f"is the id of another clause ({where})", clause.file, clause.line, "id", clause.id
                )
            )
        first.setdefault(clause.id, clause)
    return found


def load_house(path: Path, base: Pack) -> Pack:
    """A lender's own stricter rules from a file of clauses with `force: house`; days are counted as in `base`."""
    clauses = read_clauses(read_yaml(path), house=True)
    if findings := _repeated(clauses):
        raise Refusal(*findings)
    title = {"zh": "本机构规则", "en": "House rules"}
    return Pack(path.name, title, base.name, frozenset(), base.zone, base.calendar_name, (), tuple(clauses))


def stack(law: str, region: str | None = None, house: Sequence[Path] = ()) -> Stack:
    """The packs an account under `law` is judged by, for a person in `region` (ISO 3166-2), and the lender's own files.

    Refusal if the law has no pack.
    """
    return _stack(law, region, tuple((path, _content(path)) for path in house))


@cache
def _stack(law: str, region: str | None, house: tuple[tuple[Path, bytes], ...]) -> Stack:
    """Kept by what the house's files hold: a night asks for the same stack many times a part."""
    base = load_pack(law)
    on_top = [load_pack(name) for name in packs() if region is not None]
    own = [load_house(path, base) for path, _ in house]
    return Stack((base, *(pack for pack in on_top if pack.on_top_of == law and region in pack.regions), *own))


def _content(path: Path) -> bytes:
    """What a file holds; nothing where it cannot be read, which reading it as YAML then says."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def stack_of(names: Sequence[str], house: Sequence[Path] = ()) -> Stack:
    """A stack of packs named one by one (`arrears may --pack`)."""
    named = [load_pack(name) for name in names]
    return Stack((*named, *(load_house(path, named[0]) for path in house)))


def pack_stack(pack: Pack) -> Stack:
    """The stack in which a pack's own examples are asked: the pack, on top of the one it is on top of."""
    below = (load_pack(pack.on_top_of),) if pack.on_top_of in packs() else ()
    return Stack((*below, pack))
