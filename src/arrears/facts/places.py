"""Where the addresses of a tape's people lie: `lat` and `lon` beside `addresses`, as many of each, with `;` between them.

WGS-84, decimal degrees. Both of an address or neither; a part that is empty says that nobody knows where that address lies.
"""

from __future__ import annotations

import polars as pl

from arrears.facts.findings import Report
from arrears.facts.mapping import COORDINATES
from arrears.facts.schema import TABLES

#: Degrees go so far from zero.
MOST = {"lat": 90, "lon": 180}
#: As many decimals as a float keeps behind two digits.
_DEGREES = r"^[+-]?[0-9]{1,3}(\.[0-9]{1,15})?$"
_ROW, _NAMES = "_row", ("addresses", *COORDINATES)
_TODO = "one for each address, with `;` between; nothing where it is not known"


def with_places(people: pl.DataFrame, report: Report) -> pl.DataFrame:
    """People of a tape, still as text, with `addresses` in the table's type if the tape has coordinates; each fault is one finding.

    An address whose coordinates are at fault has none.
    """
    given = [name for name in COORDINATES if name in people.columns]
    if not given:
        return people
    if people.schema.get("addresses", pl.String) != pl.String:
        what = "stands beside addresses of Parquet's own kind, which carry their coordinates"
        report.add(people.head(1), given[0], "form", what)
        return people.drop(given)
    lacking = [pl.lit(None, pl.String).alias(name) for name in _NAMES if name not in people.columns]
    told = people.with_columns(lacking).with_row_index(_ROW)
    split = _even(told.with_columns(pl.col(name).str.split(";").alias(f"_{name}") for name in _NAMES), report)
    each = split.explode([f"_{name}" for name in _NAMES])
    each = each.with_columns(pl.col(f"_{name}").str.strip_chars() for name in COORDINATES).with_columns(
        pl.when(_reads(name)).then(pl.col(f"_{name}")).cast(pl.Float64, strict=False).alias(f"{name}_degrees")
        for name in COORDINATES
    )
    return people.drop(given).with_columns(_together(each.join(_faulty(each, report), on=_ROW, how="left"), told))


def _reads(name: str) -> pl.Expr:
    """Whether a part is degrees."""
    part = pl.col(f"_{name}")
    return part.str.contains(_DEGREES) & (part.cast(pl.Float64, strict=False).abs() <= MOST[name])


def _even(rows: pl.DataFrame, report: Report) -> pl.DataFrame:
    """Rows that have addresses, with as many parts of each column; where there are more or fewer, that is the fault."""
    many = pl.col("_addresses").list.len().fill_null(0)
    for name in COORDINATES:
        odd = pl.col(f"_{name}").is_not_null() & (pl.col(f"_{name}").list.len() != many)
        what = "has not as many parts as there are addresses"
        report.add(rows.filter(odd), name, "coordinates", what, _TODO, name)
        rows = rows.with_columns(pl.when(~odd).then(pl.col(f"_{each}")).alias(f"_{each}") for each in COORDINATES)
    nothing = pl.col("_addresses").list.eval(pl.lit(""))
    rows = rows.filter(pl.col("_addresses").is_not_null())
    return rows.with_columns(pl.col(f"_{name}").fill_null(nothing) for name in COORDINATES)


def _faulty(each: pl.DataFrame, report: Report) -> pl.DataFrame:
    """Tell the faults of each row of the tape, of cells that cannot be read nothing else; the rows that have one."""
    lat, lon = (pl.col(f"{name}_degrees") for name in COORDINATES)
    both = "an address has both of `lat` and `lon`, or neither"
    unread = [
        (name, (pl.col(f"_{name}") != "") & ~_reads(name), f"is not decimal degrees from -{most} to {most}", "such as 31.230416")
        for name, most in MOST.items()
    ]  # fmt: skip
    at_odds = [
        ("lat", lat.is_not_null() & lon.is_null(), "stands without `lon`", both),
        ("lon", lon.is_not_null() & lat.is_null(), "stands without `lat`", both),
        ("lat", (lat == 0) & (lon == 0), "is 0, and `lon` too: that lies in the sea", "leave what is not known empty"),
    ]
    wrong = each.select(_ROW).clear()
    for possible in (unread, *([one] for one in at_odds)):
        judged = each.join(wrong, on=_ROW, how="anti")
        for name, fault, what, todo in possible:
            found = judged.filter(fault).unique(_ROW, keep="first", maintain_order=True)
            report.add(found, name, "coordinates", what, todo, name)
            wrong = pl.concat([wrong, found.select(_ROW)])
    return wrong.unique().with_columns(wrong=pl.lit(True))


def _together(each: pl.DataFrame, told: pl.DataFrame) -> pl.Series:
    """The addresses of each row of the tape with their coordinates."""
    good = pl.col("wrong").is_null()
    degrees = [pl.when(good).then(pl.col(f"{name}_degrees")).alias(name) for name in COORDINATES]
    places = each.select(_ROW, pl.struct(pl.col("_addresses").alias("text"), *degrees).alias("addresses"))
    lists = places.group_by(_ROW, maintain_order=True).agg("addresses")
    found = told.select(_ROW).join(lists, on=_ROW, how="left", maintain_order="left")["addresses"]
    return found.cast(TABLES["people"]["addresses"])
