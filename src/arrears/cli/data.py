"""`strategy show|diff` and `law list|show`: data files for people."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from arrears.cli.out import print_json, print_table, today
from arrears.errors import refuse
from arrears.law import load_pack
from arrears.strategy import load_ladder


def strategy_show(arguments: argparse.Namespace) -> int:
    """`arrears strategy show`."""
    from arrears.strategy.show import diagram, table

    ladder = load_ladder(arguments.ladder)
    picture = diagram(ladder, arguments.lang)
    if arguments.json:
        print_json({"ladder": ladder.name, "table": table(ladder, arguments.lang), "diagram": picture})
    elif arguments.diagram:
        print(picture, end="")
    else:
        print(table(ladder, arguments.lang))
        print(picture, end="")
    return 0


def strategy_diff(arguments: argparse.Namespace) -> int:
    """`arrears strategy diff`: counts by change, and the accounts."""
    import polars as pl

    from arrears.facts.book import open_book
    from arrears.night import terms_of
    from arrears.replay import replay_typed
    from arrears.strategy.show import difference

    before, after = load_ladder(arguments.before), load_ladder(arguments.after)
    book = open_book(Path(arguments.book))
    terms, wanted = terms_of(book), before.columns | after.columns
    changed = pl.concat([
        difference(replay_typed(book.typed(part), terms, arguments.as_of or today(), None, wanted), before, after)
        for part in range(book.parts)
    ])  # fmt: skip
    columns = ["stage_before", "stage_after", "action_before", "action_after"]
    counts = changed.group_by(columns).len("accounts").sort("accounts", *columns, descending=[True, *[False] * 4])
    if arguments.json:
        print_json(
            {
                "changed": changed.height,
                "of": book.accounts,
                "counts": counts.to_dicts(),
                "accounts": changed.head(1000).to_dicts(),
            }
        )
        return 0
    print(
        f"{changed.height:,} of {book.accounts:,} accounts would be treated differently ({before.name} → {after.name})"
    )
    print_table(counts.columns, counts.rows(), right=(4,))
    print_table(changed.columns, changed.head(10).rows(), right=(1,))
    return 0


def law_list(arguments: argparse.Namespace) -> int:
    """`arrears law list`."""
    pack = load_pack(arguments.pack)
    clauses = [clause for clause in pack.clauses if arguments.on is None or clause.in_force(arguments.on)]
    if arguments.json:
        print_json([clause.as_json(arguments.lang) for clause in clauses])
        return 0
    rows = [(c.id, c.kind, c.force, c.confirmed, c.from_on, c.as_json(arguments.lang)["text"]) for c in clauses]
    print_table(["id", "kind", "force", "confirmed", "from", ""], rows)
    return 0


def law_show(arguments: argparse.Namespace) -> int:
    """`arrears law show`."""
    try:
        clause = load_pack(arguments.pack).clause(arguments.clause)
    except KeyError:
        raise refuse("clause", "is not in the pack", value=arguments.clause, exit_code=2) from None
    told = {
        **clause.as_json(arguments.lang),
        "binds": clause.binds,
        "channels": clause.channels,
        "examples": clause.examples,
    }
    if arguments.json:
        print_json(told)
        return 0
    for name, value in told.items():
        print(f"{name}: {value if not isinstance(value, (dict, tuple)) else json.dumps(value, ensure_ascii=False)}")
    return 0
