"""Money under law for a whole part of a book: the two steps of `law.money`, in columns.

A test holds them to the step for one account.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import cache, reduce

import polars as pl

from arrears.law.alike import alike
from arrears.law.clause_kinds import Cap, Order
from arrears.law.clauses import Clause
from arrears.law.money import CEILING_BASIS, TAKEN_FIRST, allowed_ppm, concerns_money
from arrears.law.packs import Stack
from arrears.money import PPM
from arrears.replay.terms import Terms, in_force

Versions = Mapping[str, tuple[Terms, ...]]
StackOf = Callable[[str], Stack | None]
#: Between a product and the changes that law makes to its terms; no product's name holds it.
MARK = "\x1f"
#: What law looks at in an account to change its terms: accounts that have all of it alike are looked at once.
ALIKE = ("law", "lender_kind", "product", "opened_on", "rate_ppm", "penalty_rate_ppm")
#: Columns of replay that the caps on totals read.
TOTALS_READ = (
    "due_fee", "due_penalty", "due_interest", "paid_fee", "paid_penalty", "paid_interest", "due_total", "past_due_total",
    "payoff", "principal_days",
)  # fmt: skip


def lawful_accounts(
    accounts: pl.DataFrame, terms: Versions, stack_of: StackOf
) -> tuple[pl.DataFrame, dict[str, tuple[Terms, ...]]]:
    """Accounts and terms as they may be demanded: own rates cut to the caps, and products that stand for changed terms.

    `accounts`: rows of `facts.schema`. `stack_of`: the stack of a law, None if there is none. Order and other columns are kept; give
    the frame its `product` back after replay.
    """
    rows = _with_terms(alike(accounts, ALIKE)[0], terms)
    marks = pl.lit("")
    for law in _laws(rows):
        stack = stack_of(law)
        for clause, _ in stack.clauses if stack is not None else ():
            if not concerns_money(clause):
                continue
            if isinstance(clause.rule, Cap) and clause.rule.effect == "cut" and clause.rule.on != "total":
                rows, marks = _capped(rows, marks, clause, law)
            elif isinstance(clause.rule, Order):
                marks = marks + _when(
                    _about(clause, law) & _ordered(clause.rule), f"o{','.join(clause.rule.allocation)};"
                )
    rows = rows.with_columns(mark=marks)
    changed = {
        f"{product}{MARK}{mark}": tuple(_changed(version, mark) for version in terms[product])
        for product, mark in rows.filter(pl.col("mark") != "").select("product", "mark").unique().iter_rows()
    }
    product = pl.when(pl.col("mark") != "").then(pl.col("product") + MARK + pl.col("mark")).otherwise(pl.col("product"))
    lawful = {"product": product, "rate_ppm": _own("rate"), "penalty_rate_ppm": _own("penalty_rate")}
    rows = rows.select(*ALIKE, *(found.alias(f"lawful_{name}") for name, found in lawful.items()))
    if all(rows[name].equals(rows[f"lawful_{name}"], null_equal=True) for name in lawful):
        return accounts, dict(terms)
    joined = accounts.join(rows, on=list(ALIKE), how="left", nulls_equal=True, maintain_order="left")
    return joined.with_columns(pl.col(f"lawful_{name}").alias(name) for name in lawful).select(accounts.columns), {
        **terms,
        **changed,
    }


def _laws(rows: pl.DataFrame) -> list[str]:
    return rows["law"].unique().cast(pl.String).drop_nulls().sort().to_list()


def _with_terms(accounts: pl.DataFrame, terms: Versions) -> pl.DataFrame:
    """Accounts with what the caps look at in the terms of each: effective rates, compounding, late fee, order."""
    pairs = accounts.select("product", "opened_on").unique()
    table = [
        (product, opened_on, version.interest_rate_ppm, version.penalty_rate_ppm, version.penalty_compound,
         version.late_fee_minor > 0 or version.late_fee_percent_ppm > 0, ",".join(version.allocation), version.allocation_agreed)
        for product, opened_on in pairs.iter_rows() if product in terms
        for version in (in_force(terms[product], opened_on),)
    ]  # fmt: skip
    kinds = {"product": pl.String, "opened_on": pl.Date, "terms_rate": pl.Int64, "terms_penalty_rate": pl.Int64,
             "compounds": pl.Boolean, "late_fee": pl.Boolean, "order": pl.String, "agreed": pl.Boolean}  # fmt: skip
    joined = accounts.join(
        pl.DataFrame(table, schema=kinds, orient="row"), on=["product", "opened_on"], how="left", maintain_order="left"
    )
    return joined.with_columns(
        rate=pl.coalesce("rate_ppm", "terms_rate"), penalty_rate=pl.coalesce("penalty_rate_ppm", "terms_penalty_rate")
    ).with_columns(agreed_rate="rate", agreed_penalty_rate="penalty_rate")


def _own(name: str) -> pl.Expr:
    """The account's own rate: what it was, or the cap where that cut."""
    return pl.when(pl.col(name) != pl.col(f"agreed_{name}")).then(pl.col(name)).otherwise(pl.col(f"{name}_ppm"))


def _about(clause: Clause, law: str) -> pl.Expr:
    """Whether the clause is about an account: its law, the day of its contract, its lender and product."""
    conditions = [pl.col("law") == law, pl.col("opened_on") >= clause.from_on]
    if clause.until_on is not None:
        conditions.append(pl.col("opened_on") <= clause.until_on)
    if clause.lenders is not None:
        conditions.append(pl.col("lender_kind").is_in(sorted(clause.lenders)).fill_null(False))
    if clause.products is not None:
        conditions.append(pl.col("product").is_in(sorted(clause.products)))
    if clause.except_products:
        conditions.append(~pl.col("product").is_in(sorted(clause.except_products)))
    if clause.regions is not None:  # a clause of one region is asked for one account, where the region is known
        conditions.append(pl.lit(False))
    return reduce(lambda a, b: a & b, conditions)


def _ordered(rule: Order) -> pl.Expr:
    other = pl.col("order") != ",".join(rule.allocation)
    return other if rule.always else other & ~pl.col("agreed")


def _when(condition: pl.Expr, mark: str) -> pl.Expr:
    return pl.when(condition.fill_null(False)).then(pl.lit(mark)).otherwise(pl.lit(""))


def _capped(rows: pl.DataFrame, marks: pl.Expr, clause: Clause, law: str) -> tuple[pl.DataFrame, pl.Expr]:
    cap = clause.rule
    assert isinstance(cap, Cap)
    if cap.on in ("compound", "late_fee"):
        column, mark = ("compounds", "c;") if cap.on == "compound" else ("late_fee", "f;")
        return rows, marks + _when(_about(clause, law) & pl.col(column), mark)
    allowed = _allowed(cap, pl.col("rate"), rows["opened_on"])
    bites = _about(clause, law) & (pl.col(cap.on) > allowed)
    return rows.with_columns(
        pl.when(bites.fill_null(False)).then(allowed).otherwise(pl.col(cap.on)).alias(cap.on)
    ), marks


def _allowed(cap: Cap, rate: pl.Expr, opened_on: pl.Series) -> pl.Expr:
    """The most a cap allows, ppm a year, in columns; null where it cannot be computed."""
    if cap.times_rate is not None:
        numerator, denominator = cap.times_rate.as_integer_ratio()
        return pl.when(rate > 0).then(rate * numerator // denominator)
    days = opened_on.unique().drop_nulls().to_list()
    table = {day: _allowed_on(cap, day) for day in days}
    return pl.col("opened_on").replace_strict(table, default=None, return_dtype=pl.Int64)


@cache
def _allowed_on(cap: Cap, opened_on: date) -> int | None:
    return allowed_ppm(cap, 0, opened_on)


def _changed(terms: Terms, mark: str) -> Terms:
    """Terms changed as a mark says: `c` no compounding, `f` no late fee, `o…` another order."""
    for change in mark.rstrip(";").split(";"):
        if change == "c":
            terms = replace(terms, penalty_compound=False)
        elif change == "f":
            terms = replace(terms, late_fee_minor=0, late_fee_percent_ppm=0)
        elif change.startswith("o"):
            terms = replace(terms, allocation=tuple(change[1:].split(",")))
    return terms


def has_totals(stack: Stack | None) -> bool:
    """Whether a stack cuts the total of charges, so that replay has to give `principal_days`."""
    return any(_cuts_total(clause) for clause, _ in stack.clauses) if stack is not None else False


def _cuts_total(clause: Clause) -> bool:
    return clause.on and isinstance(clause.rule, Cap) and clause.rule.on == "total" and clause.rule.effect == "cut"


def cut_totals(frame: pl.DataFrame, accounts: pl.DataFrame, stack_of: StackOf) -> pl.DataFrame:
    """The replay frame with due amounts cut by caps on the total, and `cut_by_law`, what was cut off (minor units).

    `accounts`: the part's accounts in the order of the frame. Needs the columns due_*, paid_*, past_due_total, payoff, principal_days.
    """
    keyed = frame.with_columns(
        accounts["opened_on"].alias("opened_on"),
        accounts["lender_kind"].alias("lender_kind"),
        cut_by_law=pl.lit(0, pl.Int64),
        charges=_charges(),
    )
    for law in _laws(keyed):
        stack = stack_of(law)
        for clause, _ in stack.clauses if stack is not None else ():
            if _cuts_total(clause) and isinstance(clause.rule, Cap):
                keyed = _cut_total(keyed, clause, clause.rule, law)
    return keyed.drop("opened_on", "lender_kind", "charges")


def _charges() -> pl.Expr:
    """Interest, penalty interest and fees of an account, paid and due."""
    return pl.sum_horizontal(f"{side}_{name}" for side in ("paid", "due") for name in ("fee", "penalty", "interest"))


def _cut_total(keyed: pl.DataFrame, clause: Clause, cap: Cap, law: str) -> pl.DataFrame:
    about = keyed.select(_about(clause, law).fill_null(False)).to_series()
    if not about.any():
        return keyed
    allowed = _allowed(cap, pl.lit(0), keyed["opened_on"])
    unit = PPM * CEILING_BASIS
    days = pl.col("principal_days")
    # days × ppm may leave int64: divided first, the rest carried over
    most_minor = days // unit * allowed + (days % unit) * allowed // unit
    excess = (pl.col("charges") - most_minor).clip(0)
    excess = pl.when(about).then(excess).otherwise(0).fill_null(0)
    keyed = keyed.with_columns(excess=excess)
    return _taken(keyed) if (keyed["excess"] > 0).any() else keyed.drop("excess")


def _taken(keyed: pl.DataFrame) -> pl.DataFrame:
    """`excess` off what is due: penalty interest, fees, interest."""
    parts, left = [], pl.col("excess")
    for name in TAKEN_FIRST:
        part = pl.min_horizontal(left, pl.col(f"due_{name}"))
        parts.append((name, part))
        left = left - part
    cut = reduce(lambda a, b: a + b, [part for _, part in parts])
    return keyed.with_columns(
        *((pl.col(f"due_{name}") - part).alias(f"due_{name}") for name, part in parts),
        due_total=pl.col("due_total") - cut,
        past_due_total=(pl.col("past_due_total") - cut).clip(0),
        payoff=(pl.col("payoff") - cut).clip(0),
        cut_by_law=pl.col("cut_by_law") + cut,
        charges=pl.col("charges") - cut,
    ).drop("excess")
