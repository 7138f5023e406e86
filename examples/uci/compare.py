"""How often the engine's months past due agree with what the bank itself counted (X6, September 2005), and where they do not.

Usage: python examples/uci/compare.py
"""

from datetime import date
from pathlib import Path

import polars as pl

from arrears.facts.door import check_tape
from arrears.facts.mapping import load_mapping
from arrears.facts.schema import Facts
from arrears.replay import load_terms, replay_frame

HERE = Path(__file__).parent
AS_OF = date(2005, 9, 30)


def months_past_due() -> pl.DataFrame:
    """For each account: `bank` (X6, with -2, -1 and 0 as 0) and `engine` (calendar months since the oldest unpaid due date, counting its own)."""
    facts = check_tape([HERE / "uci_credit_card.parquet"], load_mapping(HERE / "mapping.yaml")).facts()
    product, versions = load_terms(HERE / "uci-card.yaml")
    whole = Facts(facts.accounts, facts.instalments, facts.events, facts.people, {product: versions})
    frame = replay_frame(whole, AS_OF, columns={"oldest_due_on"})
    oldest = pl.col("oldest_due_on")
    engine = ((AS_OF.year - oldest.dt.year()) * 12 + AS_OF.month - oldest.dt.month() + 1).fill_null(0)
    raw = pl.read_parquet(HERE / "uci_credit_card.parquet")
    bank = raw.select(
        account_id=pl.lit("UCI-") + pl.col("ID").cast(pl.String),
        bank=pl.col("X6").clip(0).cast(pl.Int64),
        statement="X13",
        paid="X18",
    )
    return frame.select("account_id", engine=engine.cast(pl.Int64)).join(bank, on="account_id")


def main() -> None:
    """Print the agreement and the table."""
    months = months_past_due()
    exact = (months["bank"] == months["engine"]).mean()
    late = ((months["bank"] > 0) == (months["engine"] > 0)).mean()
    print(f"accounts {months.height:,}; same number of months {exact:.1%}; same answer to 'past due at all' {late:.1%}")
    table = (
        months.pivot("engine", index="bank", values="account_id", aggregate_function="len", sort_columns=True)
        .sort("bank")
        .fill_null(0)
    )
    print(table)


if __name__ == "__main__":
    main()
