"""Packs written in a test: a few lines of YAML become a pack, with examples that say nothing."""

from arrears.facts.yaml_text import parse_yaml
from arrears.law.clauses import read_clauses
from arrears.law.packs import Pack, Stack, read_pack

HEADER = """
  - id: {id}
    kind: {kind}
    says: {{zh: 一, en: one}}
    source: {{instrument: An Act, article: "1"}}
    in_force: {{from: 2020-01-01}}
    binds: [lender, agency]
    force: {force}
    confirmed: read
    examples: [{{at: "2026-01-01T00:00:00Z"}}, {{at: "2026-01-01T00:00:00Z"}}, {{at: "2026-01-01T00:00:00Z"}}]
"""


def clause_text(kind, rule, clause_id="T-1", force="statute", more=""):
    return HEADER.format(id=clause_id, kind=kind, force=force) + f"    {kind}: {rule}\n{more}"


def pack_of(*clauses, zone="Asia/Shanghai", calendar="cn", name="t"):
    """A pack of clauses, each as (kind, rule) or (kind, rule, more lines)."""
    text = "clauses:" + "".join(
        clause_text(kind, rule, f"{name.upper()}-{number}", more="".join(more))
        for number, (kind, rule, *more) in enumerate(clauses, start=1)
    )
    head = f"pack: {name}\nname: {{zh: 一, en: one}}\non_top_of: null\nzone: {zone}\ncalendar: {calendar}\n"
    return read_pack(parse_yaml(head, "pack.yaml"), [parse_yaml(text, "made.yaml")], name)


def stack_of_one(*clauses, **about):
    return Stack((pack_of(*clauses, **about),))


def house_of(base: Pack, kind, rule):
    """A pack of one house rule, to go on top of the base."""
    text = "clauses:" + clause_text(kind, rule, "HOUSE-1", "house")
    clauses = tuple(read_clauses(parse_yaml(text, "house.yaml"), house=True))
    return Pack("house", {"zh": "", "en": ""}, base.name, frozenset(), base.zone, base.calendar_name, (), clauses)
