"""One account in text for people: the ledger line by line, the decision, and the whole answer to "why did nobody visit?"."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from importlib import resources
from typing import Any

from arrears import money
from arrears.account import Account
from arrears.calendar import BASES
from arrears.strategy import NotTaken


@cache
def _words() -> dict[str, Any]:
    from arrears.facts.yaml_text import parse_yaml

    text = resources.files("arrears").joinpath("words.yaml").read_text("utf-8")
    content: dict[str, Any] = parse_yaml(text, "words.yaml").value
    return content


def word(key: str, language: str, **figures: object) -> Any:
    """Words for a key in `zh-CN` or `en`, figures filled in."""
    found = _words()[key]["zh" if language == "zh-CN" else "en"]
    if isinstance(found, list):
        return [line.format(**figures) for line in found]
    return str(found).format(**figures)


def _amount(account: Account, name: str) -> str:
    return f"{money.to_shown(account.replayed.position[name], account.currency)} {account.currency}"


def explanation(account: Account, language: str) -> str:
    """The account line by line, with the decision and everything not done."""
    rows = list(_head(account, language))
    if account.refused:
        return "\n".join([*rows, word("refused", language)]) + "\n"
    rows += ["", word("ledger", language), *_ledger(account, language)]
    rows += ["", word("decision", language), *_plan(account, language)]
    rows += ["", word("not_taken", language), *_not_taken(account, language)]
    return "\n".join(rows) + "\n"


def _head(account: Account, language: str) -> Iterator[str]:
    row = account.replayed.position
    yield word("head", language, account=account.account_id, as_of=account.as_of)
    if account.known_at:
        yield word("known", language, known_at=account.known_at.isoformat())
    if account.refused:
        return
    since = f" ({word('since', language, on=row['oldest_due_on'])})" if row["oldest_due_on"] else ""
    facts = [
        ("days_past_due", f"{row['days_past_due']}{since}"),
        ("due", _amount(account, "due_total")),
        ("payoff", _amount(account, "payoff")),
        ("not_due", _amount(account, "not_due_principal")),
    ]
    if row["credit"]:
        facts.append(("credit", _amount(account, "credit")))
    if row["next_due_on"]:
        facts.append(("next_due", f"{row['next_due_on']}  {_amount(account, 'next_due_amount')}"))
    tongue = "zh" if language == "zh-CN" else "en"
    facts.append(("stage", f"{account.decision.stage_name.get(tongue)} ({account.decision.bucket})"))
    width = max(wide(word(name, language)) for name, _ in facts)
    for name, text in facts:
        yield f"  {pad(word(name, language), width)}  {text}"


def _ledger(account: Account, language: str) -> Iterator[str]:
    head = [word(name, language) for name in ("on", "what", "amount", "balance")]
    rows = [
        [
            line.on.isoformat(),
            line.text,
            *(money.to_shown(minor, account.currency) for minor in (line.amount_minor, line.balance_minor)),
        ]
        for line in account.lines(language)
    ]
    widths = [max(wide(row[column]) for row in [head, *rows]) for column in range(4)]
    for row in [head, *rows]:
        left = "  ".join(pad(text, width) for text, width in zip(row[:2], widths[:2], strict=True))
        right = "  ".join(" " * (width - wide(text)) + text for text, width in zip(row[2:], widths[2:], strict=True))
        yield f"  {left}  {right}"
    rules = dict.fromkeys(line.rule for line in account.lines(language))
    yield f"  {word('rule', language)}: " + "; ".join(rules)


def _plan(account: Account, language: str) -> Iterator[str]:
    decision = account.decision
    tongue = "zh" if language == "zh-CN" else "en"
    if decision.action is None:
        yield f"  {word('nothing', language)}"
        return
    yield f"  {account.day() + timedelta(days=1)}  {decision.action.name.get(tongue)} ({decision.action.id})"
    for reason in decision.reasons:
        yield f"    - {reason.text(language)}"
    verdict = account.verdicts.get(decision.action.id)
    for clause in (*verdict.clauses, *verdict.requires) if verdict else ():
        yield f"    - {word('law', language, text=clause.says[tongue], source=clause.source)}"


def _not_taken(account: Account, language: str) -> Iterator[str]:
    for item in account.decision.not_taken:
        yield f"  {item.action.name.get('zh' if language == 'zh-CN' else 'en')} ({item.action.id})"
        for reason in item.reasons:
            yield f"    - {reason.text(language)}"


def why_not(account: Account, action_id: str, language: str) -> str:
    """Why an action is not taken, what that does not mean, what comes next, and what would change it."""
    tongue = "zh" if language == "zh-CN" else "en"
    action = account.ladder.action(action_id)
    name = action.name.get(tongue, action.id)
    rows = [*_head(account, language), ""]
    if account.refused:
        return "\n".join([*rows, word("refused", language)]) + "\n"
    item = next((item for item in account.decision.not_taken if item.action.id == action_id), None)
    if item is None:
        rows.append(word("is_taken", language, action=name, on=account.day() + timedelta(days=1)))
    else:
        rows += [word("why_not", language, action=name), *(f"  - {reason.text(language)}" for reason in item.reasons)]
    rows += ["", word("silence_head", language), *(f"  - {line}" for line in silence(account, language))]
    rows += ["", word("next_head", language), f"  - {_next(account, language)}"]
    if account.replayed.position["due_total"]:
        due = _amount(account, "due_total")
        rows += ["", word("change_head", language), *(f"  - {line}" for line in word("change", language, due=due))]
    return "\n".join(rows) + "\n"


def silence(account: Account, language: str) -> list[str]:
    """What it does not mean that nobody came."""
    if not account.replayed.position["due_total"]:
        return [word("settled", language)]
    lines: list[str] = word(
        "silence", language, as_of=account.day(), due=_amount(account, "due_total"), payoff=_amount(account, "payoff"),
        daily=f"{money.to_shown(daily_penalty_minor(account), account.currency)} {account.currency}",
    )  # fmt: skip
    return lines


def daily_penalty_minor(account: Account) -> int:
    """Penalty interest of one more day on what is overdue now, minor units, rounded half up: for orientation."""
    terms, row = account.terms, account.replayed.position
    base = row["due_principal"] + (row["due_interest"] if terms.penalty_on == "principal_and_interest" else 0)
    days = {0: 365, 1: 360, 2: 365, 3: 360}[BASES[terms.penalty_basis]]
    return int((2 * base * terms.penalty_rate_ppm + days * money.PPM) // (2 * days * money.PPM))


def _next(account: Account, language: str) -> str:
    step = account.decision.next_step
    tongue = "zh" if language == "zh-CN" else "en"
    if step is None:
        return str(word("no_next", language))
    return str(word("next_stage", language, on=step.on, stage=step.name.get(tongue)))


def why_not_json(account: Account, action_id: str, language: str) -> dict[str, Any]:
    """The object that `why-not --json` prints."""
    item: NotTaken | None = next((i for i in account.decision.not_taken if i.action.id == action_id), None)
    step = account.decision.next_step
    return {
        "account": account.account_id,
        "action": action_id,
        "taken": item is None,
        "reasons": [{"id": reason.id, "text": reason.text(language)} for reason in item.reasons] if item else [],
        "gain": f"{item.gain:.2f}" if item else None,
        "cost": f"{item.cost:.2f}" if item else None,
        "silence": silence(account, language),
        "next_step": {"stage": step.stage, "on": step.on.isoformat()} if step else None,
        "what_changes_it": word("change", language, due=_amount(account, "due_total"))
        if account.replayed.position["due_total"]
        else [],
    }


def wide(text: str) -> int:
    """Columns a text takes on a terminal: CJK characters take two."""
    import unicodedata

    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def pad(text: str, width: int) -> str:
    """The text filled with spaces to a terminal width."""
    return text + " " * (width - wide(text))
