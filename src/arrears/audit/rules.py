"""The clauses as the auditor reads them: the YAML files of the packs, by a reader that shares nothing with the law room.

Faults of a pack are the law room's to find (`arrears test`); here a clause that cannot be read ends the audit with its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from arrears.audit.quote import listed, literal
from arrears.errors import refuse
from arrears.facts.yaml_text import parse_yaml, read_yaml

#: Kinds that a contact log can show broken. The others say what must be kept, told or counted elsewhere.
AUDITED = ("hours", "limit", "wait", "forbid", "require", "third_party")


@dataclass(frozen=True)
class Rule:
    """One clause: its header, and the part of its kind as it stands in the file. `law` and `regions` say whose contacts it is about."""

    id: str
    kind: str
    part: Mapping[str, Any]
    says: Mapping[str, str]
    source: str
    force: str
    head: Mapping[str, Any] = field(repr=False)
    law: str = ""
    zone: str = "UTC"
    regions: tuple[str, ...] = ()
    calendar: str | None = None

    def applies(self) -> str:
        """The SQL condition under which the clause speaks of an outbound contact `x`."""
        conditions = [
            "x.kind = 'contact'",
            "x.direction = 'out'",
            f"x.binds IN {listed(self.head.get('binds') or ('lender',))}",
        ]
        if self.law:
            conditions.append(f"x.law = {literal(self.law)}")
        for column, words in (
            ("region", self.regions), ("region", self.head.get("regions")), ("channel", self.head.get("channels")),
            ("role", self.head.get("roles")), ("purpose", self.head.get("purposes")),
            ("product", self.head.get("products")), ("lender_kind", self.head.get("lenders")),
        ):  # fmt: skip
            if words:
                conditions.append(f"coalesce(x.{column}, '') IN {listed(words)}")
        for column, words in (
            ("purpose", self.head.get("except_purposes")),
            ("product", self.head.get("except_products")),
        ):
            if words:
                conditions.append(f"coalesce(x.{column}, '') NOT IN {listed(words)}")
        day, force = f"timezone({literal(self.zone)}, x.made_at)::DATE", self.head.get("in_force") or {}
        conditions.append(f"{day} >= {literal(force.get('from'))}::DATE")
        if force.get("until"):
            conditions.append(f"{day} <= {literal(force['until'])}::DATE")
        return " AND ".join(conditions)


def rules_of(packs: Sequence[str], house: Sequence[Path] = ()) -> list[Rule]:
    """Every clause of the named packs (and what they stand on) that a log can be held against and that decides something."""
    known = _metas()
    wanted = dict.fromkeys(name for pack in packs for name in _with_base(pack, known))
    found = [rule for name in wanted for rule in _pack_rules(name, known)]
    for path in house:
        found += _rules(read_yaml(path).value or {}, {}, "", str(path))
    return found


def packs_for(laws: Iterable[str]) -> list[str]:
    """The packs that concern contacts under these laws: each law's own and those on top of it."""
    metas = _metas()
    return [name for name, meta in metas.items() for law in laws if name == law or meta.get("on_top_of") == law]


def _folder() -> Any:
    return resources.files("arrears").joinpath("law", "packs")


def _metas() -> dict[str, dict[str, Any]]:
    found = {}
    for entry in sorted(_folder().iterdir(), key=lambda item: item.name):
        if entry.is_dir() and entry.joinpath("pack.yaml").is_file():
            found[entry.name] = parse_yaml(entry.joinpath("pack.yaml").read_text("utf-8"), "pack.yaml").value or {}
    return found


def _with_base(pack: str, known: Mapping[str, Mapping[str, Any]]) -> list[str]:
    if pack not in known:
        raise refuse(
            "no_pack", "there is no law pack of this name", value=pack, exit_code=2, todo="known: " + ", ".join(known)
        )
    base = known[pack].get("on_top_of")
    return [*([str(base)] if base else []), pack]


def _pack_rules(pack: str, known: Mapping[str, Mapping[str, Any]]) -> list[Rule]:
    meta = known[pack]
    law = str(meta.get("on_top_of") or pack)
    found: list[Rule] = []
    for entry in sorted(_folder().joinpath(pack).iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".yaml") and entry.name not in ("pack.yaml", "wording.yaml"):
            top = parse_yaml(entry.read_text("utf-8"), f"{pack}/{entry.name}").value or {}
            found += _rules(top, meta, law, entry.name)
    return found


def _rules(top: Mapping[str, Any], meta: Mapping[str, Any], law: str, file: str) -> list[Rule]:
    zone, regions, calendar = str(meta.get("zone", "UTC")), tuple(meta.get("regions") or ()), meta.get("calendar")
    found = []
    for index, head in enumerate(top.get("clauses") or ()):
        try:
            source = head["source"]
            rule = Rule(
                head["id"], head["kind"], head.get(head["kind"]) or {}, head["says"],
                f"{source['instrument']} {source.get('article') or ''}".strip(), head["force"], head, law, zone, regions, calendar,
            )  # fmt: skip
        except (KeyError, TypeError) as error:
            raise refuse("clause", f"clause {index + 1} cannot be read: {error}", file=file) from None
        if rule.kind in AUDITED and _decides(head) and "contact" in (head.get("acts") or ("contact",)):
            found.append(rule)
    return found


def _decides(head: Mapping[str, Any]) -> bool:
    """Whether the clause is on: as it says, else unless it is unconfirmed or only proposed."""
    if head.get("on") is not None:
        return bool(head["on"])
    return head.get("confirmed") is not False and head.get("force") != "proposal"
