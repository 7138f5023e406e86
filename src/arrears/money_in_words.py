"""What law says of the money of an account, in words: its annual rate beside the caps, what is cut off, what a court may cut."""

from __future__ import annotations

from collections.abc import Iterable

from arrears import money
from arrears.account import Account
from arrears.annual_rate import percent_text
from arrears.claim import Cut
from arrears.cost_of_credit import Against, CostOfCredit
from arrears.law import Clause
from arrears.notice.language import amount_text
from arrears.words import word


def money_under_law_in_full(account: Account, language: str) -> list[tuple[str, tuple[Clause, ...]]]:
    """`money_under_law`, with what the rule says and its source in the words; for readers who have no list of rules below."""
    tongue = "zh" if language == "zh-CN" else "en"

    def rule(clause: Clause) -> str:
        return str(word("law_rule", language, text=clause.says[tongue], source=clause.source_in(language)))

    unchecked = account.under_law.unchecked
    return [
        (text if clauses == unchecked else text + "".join(rule(clause) for clause in clauses), clauses)
        for text, clauses in money_under_law(account, language)
    ]


def money_under_law(account: Account, language: str) -> list[tuple[str, tuple[Clause, ...]]]:
    """The annual rate beside its caps, what law cuts off, what a court may cut, the order it sets, and what could not be checked: each in words, with its clauses."""
    law, currency = account.under_law, account.currency
    rows: list[tuple[str, tuple[Clause, ...]]] = cost_in_words(account, language)
    rows += [
        (word(head, language, what=word(f"cap_{cut.on}", language), amount=amount_text(cut.amount_minor, currency, language),
              rates=_rates(cut, language)), (cut.clause,))
        for head, cuts in (("law_cut", law.cut), ("law_plea", law.contestable)) for cut in cuts
    ]  # fmt: skip
    if law.order:
        rows.append((word("law_order", language), (law.order,)))
    if law.unchecked:
        named = word("glue", language).join(clause.id for clause in law.unchecked)
        rows.append((word("law_unchecked", language, clauses=named), law.unchecked))
    return rows


def cost_in_words(account: Account, language: str) -> list[tuple[str, tuple[Clause, ...]]]:
    """The annual percentage rate with its arithmetic, and how it stands to each cap on all charges together; nothing where no clause speaks of it."""
    cost = account.cost_of_credit
    if cost is None or not cost.rates or not cost.agreed.cost_minor or not (cost.clause or cost.against):
        return []
    first = word(
        "apr", language, rates=_ways(cost, cost.rule.ways, language), sums=_sums(account, cost, language),
        year=_year(account, cost, language),
    )  # fmt: skip
    rows: list[tuple[str, tuple[Clause, ...]]] = [(first, (cost.clause,) if cost.clause else ())]
    rows += [(_against(cost, one, language), (one.clause,)) for one in cost.against if one.most is not None]
    return rows


def _ways(cost: CostOfCredit, ways: Iterable[str], language: str) -> str:
    """The rate in one way or both: "13.58% compound and 12.80% simple"."""
    said = word("apr_ways", language)
    return str(word("apr_glue", language)).join(said[way].format(rate=percent_text(cost.rates[way])) for way in ways)


def _sums(account: Account, cost: CostOfCredit, language: str) -> str:
    """What was lent and paid, and so the cost."""
    agreed = cost.agreed
    sums = {
        "lent": agreed.lent_minor, "fees": agreed.fees_minor, "received": agreed.received_minor, "paid": agreed.paid_minor,
        "cost": agreed.cost_minor,
    }  # fmt: skip
    shown = {name: amount_text(minor, account.currency, language) for name, minor in sums.items()}
    return str(
        word("apr_sums_fees" if agreed.fees_minor else "apr_sums", language, payments=len(agreed.payments), **shown)
    )


def _year(account: Account, cost: CostOfCredit, language: str) -> str:
    """The simple rate as one division, where the law has a simple rate."""
    if cost.year_minor is None or "simple" not in cost.rule.ways:
        return ""
    year, paid = (amount_text(minor, account.currency, language) for minor in (cost.year_minor, cost.agreed.cost_minor))
    return str(word("apr_year", language, year=year, cost=paid, simple=percent_text(cost.rates["simple"])))


def _against(cost: CostOfCredit, one: Against, language: str) -> str:
    assert one.most is not None
    most = money.rate_text(int(one.most * money.PPM))
    within = [way for way in cost.rule.ways if way not in one.above]
    if one.above and within:
        above = _ways(cost, one.above, language)
        return str(word("apr_above_one_way", language, most=most, above=above, within=_ways(cost, within, language)))
    return str(
        word(("apr_above_cut" if one.cuts else "apr_above_plea") if one.above else "apr_within", language, most=most)
    )


def _rates(cut: Cut, language: str) -> str:
    if cut.agreed is None or cut.allowed is None:
        return ""
    return str(word("cap_rates", language, agreed=money.rate_text(cut.agreed), allowed=money.rate_text(cut.allowed)))
