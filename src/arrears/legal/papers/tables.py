"""The tables of papers: the claim, the ledger with its rules, notices, evidence, doubled interest, freezes, the itemisation of a US notice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from arrears import money
from arrears.claim import claim_of
from arrears.legal.papers.build import Table, frame
from arrears.legal.papers.values import Brief
from arrears.replay.explain import Line, lines_in_words

PARTS = ("principal", "interest", "penalty", "fee")
#: What was sent to the debtor or demanded of them.
NOTICES = ("notice_served", "demand", "contact")
CHANNELS = {
    "sms": ("短信", "text message"), "call": ("电话", "call"), "voicebot": ("智能语音", "voicebot"), "email": ("电子邮件", "e-mail"),
    "letter": ("信函", "letter"), "visit": ("上门", "visit"), "push": ("推送", "push"), "portal": ("客户端", "portal"),
}  # fmt: skip
OUTCOMES = {
    "sent": ("已发出", "sent"), "delivered": ("已送达", "delivered"), "failed": ("未送达", "failed"), "no_answer": ("未接听", "no answer"),
    "voicemail": ("语音信箱", "voicemail"), "conversation": ("已接通", "conversation"), "wrong_number": ("号码错误", "wrong number"),
    "absent": ("不在", "absent"), "refused": ("拒收", "refused"), "busy": ("占线", "busy"), "not_in_service": ("停机", "not in service"),
}  # fmt: skip


def tables_of(brief: Brief, exhibits: Mapping[str, str], flags: frozenset[str]) -> dict[str, Callable[[], Table]]:
    """Every table by name. `exhibits`: the title of each paper of the bundle, by its id."""
    return {
        "claim": lambda: claim(brief), "ledger": lambda: ledger(brief), "rules": lambda: rules(brief),
        "cuts": lambda: cuts(brief), "notices": lambda: notices(brief), "doubled": lambda: doubled(brief),
        "judgment": lambda: judgment(brief), "freezes": lambda: freezes(brief), "itemisation": lambda: itemisation(brief),
        "evidence": lambda: evidence(brief, exhibits, flags),
    }  # fmt: skip


def claim(brief: Brief) -> Table:
    """What is due, part by part, with its total."""
    row = brief.position
    kept = [name for name in PARTS if row[f"due_{name}"] or name == "principal"]
    rows: list[tuple[list[str], bool]] = [
        ([brief.word(name), brief.amount(row[f"due_{name}"])], False) for name in kept
    ]
    if row["credit"]:
        rows.append(([brief.word("credit"), brief.amount(row["credit"])], False))
    return Table((), [*rows, ([brief.word("total"), brief.amount(row["due_total"])], True)])


def _lines(brief: Brief) -> list[Line]:
    return lines_in_words(brief.claim.replayed, brief.claim.terms, brief.language)


def _numbers(lines: list[Line]) -> dict[str, int]:
    return {rule: number for number, rule in enumerate(dict.fromkeys(line.rule for line in lines), start=1)}


def ledger(brief: Brief) -> Table:
    """The ledger line by line, each with the number of its rule."""
    lines = _lines(brief)
    numbers = _numbers(lines)
    shown = [
        [line.on.isoformat(), line.text, money.to_shown(line.amount_minor, brief.currency),
         money.to_shown(line.balance_minor, brief.currency), str(numbers[line.rule])]
        for line in lines
    ]  # fmt: skip
    head = [brief.word(name) for name in ("on", "what", "amount", "balance", "rule")]
    return Table(head, [(cells, False) for cells in shown], (2, 3), ("auto", 1, "auto", "auto", "auto"))


def rules(brief: Brief) -> Table:
    """The rules behind the ledger, numbered."""
    numbered = _numbers(_lines(brief))
    cells = [([str(number), rule.partition(": ")[2] or rule], False) for rule, number in numbered.items()]
    return Table([brief.word("no"), brief.word("rule")], cells, (), ("auto", 1))


def cuts(brief: Brief) -> Table:
    """What law cuts off and is not claimed, with its clause."""
    tongue = "zh" if brief.language == "zh-CN" else "en"
    kept = [cut for cut in brief.claim.under_law.cut if cut.amount_minor]
    cells = [([cut.clause.says[tongue], cut.clause.source, brief.amount(cut.amount_minor)], False) for cut in kept]
    return Table([brief.word("what"), brief.word("rule"), brief.word("amount")], cells, (2,), (2, 1, "auto"))


def notices(brief: Brief) -> Table:
    """Every notice, demand and contact that was sent to the debtor, the earliest first; what came in is not one."""
    rows = [row for row in brief.debt.recorded if row["kind"] in NOTICES and row["direction"] != "in"]
    cells = [_notice(row, brief) for row in rows] or [["", brief.word("none"), "", "", ""]]
    head = [brief.word(name) for name in ("on", "notice", "channel", "outcome", "event")]
    return Table(head, [(row, False) for row in cells], (), ("auto", 1, "auto", "auto", "auto"))


def _notice(row: Mapping[str, Any], brief: Brief) -> list[str]:
    side = 0 if brief.language == "zh-CN" else 1
    word = row["data"].get("notice")
    named = frame()["words"]["notices"][brief.language].get(word, word)
    plain = {"demand": ("催告（请求履行）", "demand"), "contact": ("联系", "contact")}
    what = named or plain.get(row["kind"], ("通知", "notice"))[side]
    received = row["data"].get("received_on")
    outcome = OUTCOMES.get(row["outcome"], ("", ""))[side]
    arrived = (f"{received}收到", f"received {received}")[side] if received else outcome
    return [row["on"].isoformat(), what, CHANNELS.get(row["channel"], ("", ""))[side], arrived, str(row["event_id"])]


def evidence(brief: Brief, exhibits: Mapping[str, str], flags: frozenset[str]) -> Table:
    """The list of evidence: exhibits of this bundle, and what has to be attached."""
    from arrears.legal.papers.values import texts_of

    texts = {name: text or "" for name, text in texts_of(brief).items()}
    items = [item for item in frame()["evidence"] if item.get("when", "") in ("", *flags)]
    items = [item for item in items if item.get("attach") or item["exhibit"] in exhibits]
    cells = [
        [str(number), item["name"][brief.language], item["proves"][brief.language].format(**texts),
         "[[attach]]" if item.get("attach") else brief.word("generated")]
        for number, item in enumerate(items, start=1)
    ]  # fmt: skip
    head = [brief.word(name) for name in ("no", "evidence", "proves", "where")]
    return Table(head, [(row, False) for row in cells], (), ("auto", 2, 2, 1))


def doubled(brief: Brief) -> Table:
    """The doubled part, span by span, exact."""
    assert brief.judged is not None
    head = [brief.word(name) for name in ("from", "to", "days", "base", "exact", "paid")]
    rows = [
        ([span.from_on.isoformat(), span.to_on.isoformat(), str(span.days), brief.amount(span.debt_minor),
          money.exact_text(span.exact_minor, brief.currency), brief.amount(span.paid_minor)], False)
        for span in brief.judged.spans
    ]  # fmt: skip
    days = sum(span.days for span in brief.judged.spans)
    total = sum((span.exact_minor for span in brief.judged.spans), Fraction(0))
    rows.append(([brief.word("total"), "", str(days), "", money.exact_text(total, brief.currency), ""], True))
    return Table(head, rows, (2, 3, 4, 5), ("auto", "auto", "auto", 1, 1, 1))


def judgment(brief: Brief) -> Table:
    """What is owed on the judgment on the day to pay by."""
    judged = brief.judged
    assert judged is not None
    parts = {
        "debt": judged.debt_minor,
        "ordinary": judged.interest_minor,
        "costs": judged.costs_minor,
        "doubled": judged.doubled_minor,
    }
    rows = [([brief.word(name), brief.amount(minor)], False) for name, minor in parts.items()]
    return Table((), [*rows, ([brief.word("total"), brief.amount(judged.total_minor)], True)])


def freezes(brief: Brief) -> Table:
    """The freezes in force."""
    words = frame()["words"]
    head = [brief.word(name) for name in ("on", "holder", "amount", "ends", "event")]
    rows = [
        ([one.on.isoformat(), words[one.holder][brief.language] if one.holder in words else one.holder,
          brief.amount(one.amount_minor) if one.amount_minor is not None else "[[frozen_total]]",
          one.ends_on.isoformat() if one.ends_on else "", one.event_id], False)
        for one in brief.frozen.running
    ]  # fmt: skip
    return Table(head, rows, (2,), ("auto", 1, "auto", "auto", "auto"))


def itemisation_on(brief: Brief) -> date:
    """The itemisation date: the last payment, else the charge-off, else the day the loan was opened (12 CFR 1006.34(b)(3), not checked)."""
    debt = brief.debt
    paid = [on for on, _ in debt.payments()]
    charged_off = [row["on"] for row in debt.of_kind("charge_off")]
    opened_on: date = debt.row["opened_on"]
    return max(paid, default=max(charged_off, default=opened_on))


def itemisation(brief: Brief) -> Table:
    """What was owed on the itemisation date, what was added and taken off since, and what is owed now: the lines of Model Form B-1."""
    on, debt = itemisation_on(brief), brief.debt
    then = claim_of(debt.facts, debt.account_id, on, debt.known_at, debt.stack).replayed.position
    now = brief.position
    owed_then, owed_now = (int(row["payoff"] - row["credit"]) for row in (then, now))
    credits = int(now["paid_total"] - then["paid_total"] + now["waived_total"] - then["waived_total"])
    fees = sum(int(row["amount"]) for row in debt.of_kind("fee") if row["on"] > on)
    interest = owed_now - owed_then + credits - fees
    rows = [
        ([f"As of {brief.day(on)}, you owed:", brief.amount(owed_then)], False),
        ([f"Between {brief.day(on)} and today:", ""], False),
        (["You were charged this amount in interest:", f"+ {brief.amount(interest)}"], False),
        (["You were charged this amount in fees:", f"+ {brief.amount(fees)}"], False),
        (["You paid or were credited this amount toward the debt:", f"- {brief.amount(credits)}"], False),
        (["Total amount of the debt now:", brief.amount(owed_now)], True),
    ]  # fmt: skip
    return Table((), rows)
