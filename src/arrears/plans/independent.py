"""An independent check of offers: sums, the law's limit, the policy's limits. It shares no code with what makes offers.

It reads what anybody can read: the JSON answer of `arrears plan offer`, the policy as its file says it, the law pack's file. Amounts are
decimal strings and are reckoned as decimals here (exact: 28 digits), never as minor units.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction
from functools import cache
from importlib import resources
from typing import Any

import yaml

CATEGORIES = ("principal", "interest", "penalty", "fee")
KEEPS_SCHEDULE = ("instalments", "re_age")
STOPPED = ("interest_stop", "stepped_waiver", "settlement")
MAY_WAIVE = {"stepped_waiver": {"penalty", "fee"}, "settlement": set(CATEGORIES)}


def faults(answer: Mapping[str, Any], policy: Mapping[str, Any]) -> list[str]:
    """What is wrong with the offers of an answer (English, one line each); empty if all hold."""
    limit = law_limit(answer["law"], answer["product"], date.fromisoformat(answer["as_of"]))
    found = [f"{offer['id']}: {fault}" for offer in answer["offers"] for fault in _faults(offer, answer, policy, limit)]
    return [*found, *_budget(answer), *_cheapest(answer, policy, limit)]


def law_limit(law: str, product: str, on: date) -> int | None:
    """The most months of a plan by the law pack's own files; None where they name none."""
    months = []
    for clause in _periods(law):
        period = clause.get("period") or {}
        begun = date.fromisoformat(str(clause["in_force"]["from"])) <= on
        if period.get("what") == "instalment_plan" and begun and product in clause.get("products", [product]):
            months.append(12 * int(period.get("years", 0)) + int(period.get("months", 0)))
    return min(months, default=None)


@cache
def _periods(law: str) -> tuple[Mapping[str, Any], ...]:
    """The clauses of a law pack's `periods.yaml`, as the file says them; read once."""
    file = resources.files("arrears.law").joinpath("packs", law, "periods.yaml")
    return tuple(yaml.safe_load(file.read_text("utf-8"))["clauses"]) if file.is_file() else ()


def _budget(answer: Mapping[str, Any]) -> Iterator[str]:
    """An instalment may be no more than the budget leaves once living, priority debts and the minimum of the household are met."""
    budget = answer["budget"]
    living = max(Decimal(budget["spending"]), Decimal((budget["minimum"] or {}).get("household", "0")))
    if _sum(answer["at_most"]) > max(Decimal(), Decimal(budget["income"]) - living - Decimal(budget["priority_debts"])):
        yield "an instalment may be more than the budget leaves"
    if _sum(answer["share"]) > _share(answer) or _sum(answer["at_most"]) > _sum(answer["share"]):
        yield "an instalment may be more than this debt's part of what is affordable"


def _share(answer: Mapping[str, Any]) -> Decimal:
    """The most that is for this debt: what the other creditors leave where all can be paid at once, else in proportion, to the unit above."""
    owed, elsewhere, left = answer["owed"], Decimal(answer["owed_elsewhere"]), Decimal(answer["budget"]["affordable"])
    own = _sum(owed["due"]["total"], owed["not_due_principal"], owed["accrued_interest"])
    if own + elsewhere <= left:
        return left - elsewhere
    unit = Decimal(1).scaleb(-len(answer["share"].partition(".")[2]))
    return _up(left * own / (own + elsewhere) / unit) * unit


def _cheapest(answer: Mapping[str, Any], policy: Mapping[str, Any], limit: int | None) -> Iterator[str]:
    """One offer is named the cheapest, none shown is cheaper, and no level of authority has a cheaper plan without interest that fits."""
    tagged = [offer for offer in answer["offers"] if "cheapest_for_borrower" in offer["tags"]]
    if answer["offers"] and (
        len(tagged) != 1 or _sum(tagged[0]["total"]) > min(_sum(offer["total"]) for offer in answer["offers"])
    ):
        yield "the offer named cheapest is not the cheapest"
    if answer["why_none"] and answer["why_none"]["id"] != "nothing_fits":
        return
    for kind, terms in policy["offers"].items():
        for level in policy["authority"]:
            total = _least_total(kind, terms, level, answer, policy, limit)
            if total is not None and (not tagged or _sum(tagged[0]["total"]) > total):
                yield f"{kind} at {level['id']} could cost {total}, which is less than the cheapest"


def _least_total(
    kind: str, terms: Mapping[str, Any], level: Mapping[str, Any], answer: Mapping[str, Any], policy: Mapping[str, Any],
    limit: int | None,
) -> Decimal | None:  # fmt: skip
    """What a kind that stops interest costs where all is waived that the level may waive; None where no such plan surely fits."""
    owed, unit = answer["owed"], Decimal(1).scaleb(-len(answer["owed"]["due"]["principal"].partition(".")[2]))
    bears = Decimal(owed["rate"]) > 0 or Decimal(owed["later_interest"]) > 0
    if (
        kind not in STOPPED
        or (bears and level.get("stop_interest") is not True)
        or (kind == "interest_stop" and not bears)
    ):
        return None
    if int(owed["payments"]) < int(terms.get("after_payments", 0)):
        return None
    left = dict(owed["due"]) | {"principal": str(_sum(owed["due"]["principal"], owed["not_due_principal"]))}
    shares, accrued = level.get("waive") or {}, Decimal(owed["accrued_interest"])
    off = {
        name: Decimal(left[name]) * Decimal(str(shares.get(name, "0"))) // unit * unit
        for name in MAY_WAIVE.get(kind, ())
    }
    base = _sum(*(left[name] for name in CATEGORIES)) + accrued
    total = base - min(sum(off.values()), base - unit)
    interest = min(Decimal(left["interest"]) + accrued - off.get("interest", 0), total)
    if kind in MAY_WAIVE and not sum(off.values()):
        return None
    most = min(int(terms["most"]), int(level["most"]), (limit or 1000) - 2)  # the first one comes within two months
    for count in range(1, most + 1):
        each = _up(total / count / unit) * unit
        lasts = _up(total / each) == count and (
            count == 1 or each >= Decimal(str(policy.get("instalment_at_least", "0")))
        )
        if lasts and each <= Decimal(answer["at_most"]) and min(each, interest) >= accrued:
            return total
    return None


def _faults(
    offer: Mapping[str, Any], answer: Mapping[str, Any], policy: Mapping[str, Any], limit: int | None
) -> Iterator[str]:
    yield from _sums(offer, answer)
    yield from _instalments(offer, answer, policy)
    yield from _dates(offer, answer, limit)
    yield from _authority(offer, answer, policy)


def _up(number: Decimal) -> Decimal:
    """The whole number at or above (`//` of decimals goes towards zero)."""
    return number.to_integral_value(ROUND_CEILING)


def _sum(*amounts: str) -> Decimal:
    return sum(map(Decimal, amounts), Decimal())


def _sums(offer: Mapping[str, Any], answer: Mapping[str, Any]) -> Iterator[str]:
    """Everything that is owed is either paid or waived, category by category, and the totals add up."""
    rows, owed = offer["instalments"], answer["owed"]
    if _sum(*(row["total"] for row in rows)) != _sum(offer["total"]):
        yield "the instalments do not add up to the total"
    for row in rows:
        if _sum(*(row[name] for name in CATEGORIES)) != _sum(row["total"]):
            yield f"instalment {row['number']} is not the sum of its parts"
    if _sum(rows[0]["interest"]) < _sum(owed["accrued_interest"]):
        yield "the first instalment does not carry the interest that had accrued"
    later = offer["kind"] in KEEPS_SCHEDULE
    expected = {
        "principal": _sum(owed["due"]["principal"], owed["not_due_principal"]),
        "penalty": _sum(owed["due"]["penalty"]),
        "fee": _sum(owed["due"]["fee"], *([owed["later_fee"]] if later else [])),
        "interest": _sum(owed["due"]["interest"], owed["accrued_interest"]) + _interest(offer, answer),
    }
    for name, amount in expected.items():
        paid, waived = _sum(*(row[name] for row in rows)), _sum(offer["waived"].get(name, "0"))
        if paid + waived != amount:
            yield f"{name}: {paid} paid and {waived} waived are not {amount}"


def _interest(offer: Mapping[str, Any], answer: Mapping[str, Any]) -> Decimal:
    """The interest of the plan's own time, recomputed from the principal that its rows leave."""
    rate, owed = Decimal(answer["owed"]["rate"]), answer["owed"]
    if offer["kind"] in STOPPED:
        return Decimal()
    if offer["kind"] in KEEPS_SCHEDULE or not rate:
        return Decimal(owed["later_interest"])
    left, since, times = _sum(owed["due"]["principal"], owed["not_due_principal"]), answer["as_of"], Decimal()
    left -= _sum(offer["waived"].get("principal", "0"))
    for row in offer["instalments"]:
        days = (date.fromisoformat(row["due_on"]) - date.fromisoformat(since)).days
        times += left * days
        left, since = left - _sum(row["principal"]), row["due_on"]
    places = len(answer["owed"]["due"]["principal"].partition(".")[2])
    return Decimal(round(Fraction(times * rate) / 365 * 10**places)).scaleb(-places)


def _instalments(offer: Mapping[str, Any], answer: Mapping[str, Any], policy: Mapping[str, Any]) -> Iterator[str]:
    """No instalment is more than the borrower can keep, nor (but for the last) less than the policy takes."""
    rows = offer["instalments"]
    for row in rows:
        if not 0 < _sum(row["total"]) <= _sum(answer["at_most"]):
            yield f"instalment {row['number']} is more than can be kept, or nothing"
        if any(_sum(row[name]) < 0 for name in CATEGORIES):
            yield f"instalment {row['number']} has a negative part"
    least = Decimal(str(policy.get("instalment_at_least", "0")))
    if offer["kind"] not in KEEPS_SCHEDULE and any(_sum(row["total"]) < least for row in rows[:-1]):
        yield "an instalment is below the least the policy takes"


def _dates(offer: Mapping[str, Any], answer: Mapping[str, Any], limit: int | None) -> Iterator[str]:
    days = [date.fromisoformat(row["due_on"]) for row in offer["instalments"]]
    on = date.fromisoformat(answer["as_of"])
    if days != sorted(set(days)) or days[0] <= on:
        yield "due dates are not in order after the day of the offer"
    if days[-1].isoformat() != offer["ends_on"]:
        yield "the end is not the last due date"
    if limit is not None and ((days[-1].year - on.year) * 12 + days[-1].month - on.month - limit, days[-1].day) > (
        0,
        on.day,
    ):
        yield f"ends later than the law's {limit} months"


def _authority(offer: Mapping[str, Any], answer: Mapping[str, Any], policy: Mapping[str, Any]) -> Iterator[str]:
    """The kind, its length, its waivers and its evidence are within what the policy gives to the level named."""
    terms = (policy.get("offers") or {}).get(offer["kind"])
    level = next((one for one in policy["authority"] if one["id"] == offer["granted_by"]["id"]), None)
    if terms is None or level is None:
        yield "the policy knows no such kind or level"
        return
    count = len(offer["instalments"]) - (int(answer["owed"]["later_count"]) if offer["kind"] == "re_age" else 0)
    if offer["kind"] != "instalments" and count > min(int(terms["most"]), int(level["most"])):
        yield "has more instalments than the policy allows"
    if int(answer["owed"]["payments"]) < int(terms.get("after_payments", 0)):
        yield "was not earned by payments yet"
    if offer["kind"] == "deferral" and int(level.get("defer_months", 0)) < int(terms.get("months", 0)):
        yield "is deferred longer than the level may"
    if offer["interest_stops"] and level.get("stop_interest") is not True:
        yield "stops interest without authority"
    if list(offer["evidence"]) != list(terms.get("evidence") or []):
        yield "asks for other evidence than the policy"
    yield from _waivers(offer, answer, level)


def _waivers(offer: Mapping[str, Any], answer: Mapping[str, Any], level: Mapping[str, Any]) -> Iterator[str]:
    due = dict(answer["owed"]["due"])
    due["principal"] = str(_sum(due["principal"], answer["owed"]["not_due_principal"]))
    for name, amount in offer["waived"].items():
        share = Decimal(str((level.get("waive") or {}).get(name, "0")))
        if _sum(amount) > share * Decimal(due[name]) or name not in MAY_WAIVE.get(offer["kind"], set()):
            yield f"waives more {name} than the level may"
    steps: Sequence[Mapping[str, Any]] = offer["final"]
    amounts = [_sum(step["amount"]) for step in steps]
    if amounts != sorted(amounts) or (amounts[-1] if amounts else 0) != _sum(*offer["waived"].values()):
        yield "the steps of the waiver do not lead up to all of it"
