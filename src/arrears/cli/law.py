"""`law list|show|diff`: the clauses of a pack for people."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import is_dataclass
from datetime import date
from pathlib import Path
from typing import Any

from arrears.cli.out import print_json, print_table, today
from arrears.errors import refuse
from arrears.law import Clause, load_pack
from arrears.law.conditions import Condition
from arrears.law.packs import packs
from arrears.law.pages import page, week
from arrears.law.wording import WordingClause, load_wording, wording_packs

SCOPE = ("binds", "lenders", "products", "regions", "acts", "channels", "roles", "purposes", "except_purposes")


def law_list(arguments: argparse.Namespace) -> int:
    """`arrears law list`."""
    pack, tongue = load_pack(arguments.pack), _tongue(arguments)
    clauses = [clause for clause in pack.clauses if arguments.on is None or clause.in_force(arguments.on)]
    texts = [text for text in _wording(arguments.pack) if arguments.on is None or text.in_force(arguments.on)]
    listed: list[Clause | WordingClause] = [*clauses, *texts]
    if arguments.json:
        print_json([_row(clause, arguments.lang) for clause in listed])
        return 0
    _print_clauses(listed, arguments.lang)
    for item in pack.not_confirmed:
        print(f"  – {'未确认' if tongue == 'zh' else 'not confirmed'}: {item[tongue]}")
    return 0


def _tongue(arguments: argparse.Namespace) -> str:
    return "zh" if arguments.lang == "zh-CN" else "en"


def _wording(pack: str) -> tuple[WordingClause, ...]:
    """The pack's clauses on wording, none where it has no such file."""
    return load_wording(pack) if pack in wording_packs() else ()


def _row(clause: Clause | WordingClause, language: str) -> dict[str, Any]:
    if isinstance(clause, WordingClause):
        return {"kind": "wording", "on": True, **clause.as_json(language)}
    return {"kind": clause.kind, "on": clause.on, **clause.as_json(language)}


def _print_clauses(clauses: Sequence[Clause | WordingClause], language: str) -> None:
    told = [(clause, _row(clause, language)) for clause in clauses]
    rows = [
        (row["id"], row["kind"], row["force"], row["confirmed"], "" if row["on"] else "off", clause.from_on,
         clause.until_on or "", row["text"])
        for clause, row in told
    ]  # fmt: skip
    print_table(["id", "kind", "force", "confirmed", "", "from", "until", ""], rows)


def law_show(arguments: argparse.Namespace) -> int:
    """`arrears law show`."""
    try:
        clause = load_pack(arguments.pack).clause(arguments.clause)
    except KeyError:
        raise refuse("clause", "is not in the pack", value=arguments.clause, exit_code=2,
                     todo=f"`arrears law list {arguments.pack}` lists its clauses") from None  # fmt: skip
    on = arguments.on or today()
    told = {
        **_row(clause, arguments.lang),
        f"in_force_on_{on}": clause.in_force(on),
        **{name: _plain(value) for name in SCOPE if (value := getattr(clause, name))},
        clause.kind: _plain(clause.rule),
        "stands_in": f"{clause.file}:{clause.line}",
        "examples": list(clause.examples),
    }
    if arguments.json:
        print_json(told)
        return 0
    for name, value in told.items():
        if name == "examples":
            print("examples:")
            for example in clause.examples:
                print(f"  {_line(example)}")
        else:
            print(f"{name}: {_line(value)}")
    return 0


def _plain(value: Any) -> Any:
    """A value as JSON can hold it: sets as sorted lists, conditions as their SQL; what is not set is left out."""
    if isinstance(value, Condition):
        return value.sql
    if is_dataclass(value):
        value = vars(value)
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items() if item not in (None, (), frozenset())}
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def _line(value: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, (dict, list)) else str(value)


def law_diff(arguments: argparse.Namespace) -> int:
    """`arrears law diff`: one pack on two days, or two packs on one."""
    on = arguments.on or today()
    if (arguments.other is None) == (arguments.since is None):
        raise refuse("diff", "compares two days of a pack, or two packs", exit_code=2,
                     todo="give --since DATE, or a second pack")  # fmt: skip
    before = _in_force(arguments.pack, arguments.since or on)
    after = _in_force(arguments.other or arguments.pack, on)
    gone = [clause for name, clause in before.items() if name not in after]
    new = [clause for name, clause in after.items() if name not in before]
    if arguments.json:
        print_json({"gone": [_row(clause, arguments.lang) for clause in gone],
                    "new": [_row(clause, arguments.lang) for clause in new]})  # fmt: skip
        return 0
    first, last = (arguments.pack, arguments.other) if arguments.other else (arguments.since, on)
    for title, clauses in ((first, gone), (last, new)):
        print(f"{'只在' if _tongue(arguments) == 'zh' else 'only'} {title}: {len(clauses)}")
        if clauses:
            _print_clauses(clauses, arguments.lang)
    return 0


def _in_force(pack: str, on: date) -> dict[str, Clause]:
    """The clauses of a pack that are on and in force on a day, by id."""
    return {clause.id: clause for clause in load_pack(pack).clauses if clause.on and clause.in_force(on)}


def law_page(arguments: argparse.Namespace) -> int:
    """`arrears law page`: the page of a pack on standard output, or of all that are named as files with their pictures."""
    on = arguments.on or today()
    if arguments.out is None:
        for name in arguments.packs or packs():
            print(page(load_pack(name), on, arguments.lang, picture=f"img/{name}.svg"))
        return 0
    out = Path(arguments.out)
    (out / "img").mkdir(parents=True, exist_ok=True)
    for name in arguments.packs or packs():
        for language, ending in (("en", ""), ("zh-CN", ".zh-CN")):
            pack = load_pack(name)
            (out / "img" / f"{name}{ending}.svg").write_text(week(pack, on, language), "utf-8")
            (out / f"{name}{ending}.md").write_text(page(pack, on, language, f"img/{name}{ending}.svg"), "utf-8")
    return 0
