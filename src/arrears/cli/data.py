"""`strategy show|diff`: ladders for people."""

from __future__ import annotations

import argparse

from arrears.cli.out import print_json, print_table, today
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

    from arrears.cli.books import opened_book
    from arrears.night import terms_of
    from arrears.replay import replay_typed
    from arrears.strategy.show import difference

    before, after = load_ladder(arguments.before), load_ladder(arguments.after)
    wanted = before.columns | after.columns
    with opened_book(arguments) as book:
        terms, of = terms_of(book), book.accounts
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
                "of": of,
                "counts": counts.to_dicts(),
                "accounts": changed.head(1000).to_dicts(),
            }
        )
        return 0
    print(f"{changed.height:,} of {of:,} accounts would be treated differently ({before.name} → {after.name})")
    print_table(counts.columns, counts.rows(), right=(4,))
    print_table(changed.columns, changed.head(10).rows(), right=(1,))
    return 0
