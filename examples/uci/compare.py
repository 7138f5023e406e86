"""How often the engine's months past due agree with what the bank itself counted (X6 to X11), and where they do not.

Usage: python examples/uci/compare.py
"""

from calendar import monthrange
from datetime import date
from pathlib import Path

import polars as pl

from arrears.facts.door import check_tape
from arrears.facts.mapping import load_mapping
from arrears.facts.schema import Facts
from arrears.replay import load_terms, replay_frame

HERE = Path(__file__).parent
#: The bank's own count, by month of 2005.
COUNTS = {9: "X6", 8: "X7", 7: "X8", 6: "X9", 5: "X10", 4: "X11"}


def whole_tape() -> Facts:
    """The tape through the same door as an import, with the terms of its product."""
    facts = check_tape([HERE / "uci_credit_card.parquet"], load_mapping(HERE / "mapping.yaml")).facts()
    product, versions = load_terms(HERE / "uci-card.yaml")
    return Facts(facts.accounts, facts.instalments, facts.events, facts.people, {product: versions})


def months_past_due(facts: Facts, month: int) -> pl.DataFrame:
    """For each account at the end of a month of 2005: `bank` (its count, with -2, -1 and 0 as 0) and `engine` (calendar months since the oldest
    unpaid due date, counting its own)."""
    as_of = date(2005, month, monthrange(2005, month)[1])
    frame = replay_frame(facts, as_of, columns={"oldest_due_on"})
    oldest = pl.col("oldest_due_on")
    engine = ((as_of.year - oldest.dt.year()) * 12 + as_of.month - oldest.dt.month() + 1).fill_null(0)
    raw = pl.read_parquet(HERE / "uci_credit_card.parquet")
    account_id = pl.lit("UCI-") + pl.col("ID").cast(pl.String)
    bank = raw.select(account_id=account_id, bank=pl.col(COUNTS[month]).clip(0).cast(pl.Int64))
    return frame.select("account_id", engine=engine.cast(pl.Int64)).join(bank, on="account_id")


def main() -> None:
    """Print the agreement by month, and the table for September."""
    facts = whole_tape()
    for month, name in COUNTS.items():
        months = months_past_due(facts, month)
        exact = (months["bank"] == months["engine"]).mean()
        late = ((months["bank"] > 0) == (months["engine"] > 0)).mean()
        print(
            f"2005-{month:02d} ({name}): same number of months {exact:.1%}; same answer to 'past due at all' {late:.1%}"
        )
    months = months_past_due(facts, 9)
    table = months.pivot("engine", index="bank", values="account_id", aggregate_function="len", sort_columns=True)
    print(table.sort("bank").fill_null(0))


if __name__ == "__main__":
    main()
