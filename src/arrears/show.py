"""One account in text for people: the ledger line by line, the decision, and the whole answer to "why did nobody visit?"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from arrears import money
from arrears.account import Account
from arrears.calendar import BASES
from arrears.money_in_words import money_under_law_in_full
from arrears.notice.language import amount_text, date_text
from arrears.replay.explain import Line
from arrears.strategy import NotTaken
from arrears.words import word


def _amount(account: Account, name: str, language: str) -> str:
    return amount_text(account.replayed.position[name], account.currency, language)


def _day(account: Account, on: date, language: str) -> str:
    return date_text(on, str(account.replayed.position["law"]), language)


def explanation(account: Account, language: str) -> str:
    """The account line by line, with the decision and everything not done."""
    rows = list(_head(account, language))
    if account.refused:
        return "\n".join([*rows, word("refused", language)]) + "\n"
    rows += ["", word("ledger", language), *_ledger(account, language)]
    rows += list(_under_law(account, language))
    rows += ["", word("decision", language), *_plan(account, language)]
    rows += ["", word("not_taken", language), *_not_taken(account, language)]
    return "\n".join(rows) + "\n"


def _head(account: Account, language: str) -> Iterator[str]:
    row = account.replayed.position
    yield word("head", language, account=account.account_id, as_of=account.as_of)
    if account.known_at:
        yield word("known", language, known_at=local_time(account.known_at, account.zone))
    if account.refused:
        return
    since = f" ({word('since', language, on=row['oldest_due_on'])})" if row["oldest_due_on"] else ""
    facts = [
        ("days_past_due", f"{row['days_past_due']}{since}"),
        ("due", _amount(account, "due_total", language)),
        ("payoff", _amount(account, "payoff", language)),
        ("not_due", _amount(account, "not_due_principal", language)),
    ]
    if row["credit"]:
        facts.append(("credit", _amount(account, "credit", language)))
    if row["next_due_on"]:
        facts.append(("next_due", f"{row['next_due_on']}  {_amount(account, 'next_due_amount', language)}"))
    tongue = "zh" if language == "zh-CN" else "en"
    facts.append(("stage", f"{account.decision.stage_name.get(tongue)} ({account.decision.bucket})"))
    width = max(wide(word(name, language)) for name, _ in facts)
    for name, text in facts:
        yield f"  {pad(word(name, language), width)}  {text}"


def _ledger(account: Account, language: str) -> Iterator[str]:
    """Every line with the number of its rule; the rules below."""
    lines = account.lines(language)
    if not lines:
        yield f"  {word('no_lines', language)}"
        return
    numbers = rule_numbers(lines)
    rows = [[word(name, language) for name in ("on", "what", "amount", "balance", "rule")]]
    for line in lines:
        amounts = (money.to_shown(minor, account.currency) for minor in (line.amount_minor, line.balance_minor))
        rows.append([line.on.isoformat(), line.text, *amounts, f"[{numbers[line.rule]}]"])
    yield from columns(rows, (2, 3))
    for rule, number in numbers.items():
        yield f"  [{number}] {rule_text(rule)}"


def rule_numbers(lines: Iterable[Line]) -> dict[str, int]:
    """The rules behind the lines, numbered from 1 in the order in which they are first used."""
    return {rule: number for number, rule in enumerate(dict.fromkeys(line.rule for line in lines), start=1)}


def rule_text(rule: str) -> str:
    """A rule in words alone: the part before the colon is its id, which JSON keeps."""
    return rule.partition(": ")[2]


def columns(rows: list[list[str]], right: tuple[int, ...]) -> Iterator[str]:
    """Rows set in columns; those numbered in `right` to the right."""
    widths = [max(wide(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (
            " " * (widths[i] - wide(text)) + text if i in right else pad(text, widths[i]) for i, text in enumerate(row)
        )
        yield ("  " + "  ".join(cells)).rstrip()


def local_time(at: datetime, zone: str) -> str:
    """An instant on the clock of `zone`, to the minute (the last microsecond of a day is 24:00 for people), with the zone's name."""
    local = at.astimezone(ZoneInfo(zone))
    if (local.hour, local.minute, local.second) == (23, 59, 59):
        return f"{local:%Y-%m-%d} 24:00 ({zone})"
    return f"{local:%Y-%m-%d %H:%M} ({zone})"


def _under_law(account: Account, language: str) -> Iterator[str]:
    """What law says of the money, in words; nothing where it says nothing."""
    rows = money_under_law_in_full(account, language)
    if rows:
        yield from ("", word("law_money", language), *(f"  - {text}" for text, _ in rows))


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
        yield f"    - {word('law', language, text=clause.says[tongue], source=clause.source_in(language))}"


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
    rows += ["", word("silence_head", language), *(f"  - {line}" for line in silence(account, name, language))]
    rows += ["", word("next_head", language), f"  - {what_comes_next(account, language)}"]
    changes = what_changes_it(account, language)
    if changes:
        rows += ["", word("change_head", language), *(f"  - {line}" for line in changes)]
    return "\n".join(rows) + "\n"


def what_changes_it(account: Account, language: str) -> list[str]:
    """What the borrower can do; which steps a kept promise or plan holds back is read from the ladder."""
    if not account.replayed.position["due_total"]:
        return []
    names = held_back_by_agreement(account, language)
    held_back = word("held_back", language, actions=names) if names else ""
    lines: list[str] = word("change", language, due=_amount(account, "due_total", language), held_back=held_back)
    return lines


def held_back_by_agreement(account: Account, language: str) -> str:
    """The names of the actions that the ladder does not take while a promise or a plan is kept; empty if there are none."""
    tongue, kept = "zh" if language == "zh-CN" else "en", {"cooperates_promise", "cooperates_plan"}
    held = [action.name.get(tongue, action.id) for action in account.ladder.actions if kept <= set(action.skip)]
    return str(word("glue", language)).join(held)


def silence(account: Account, action: str, language: str) -> list[str]:
    """What it does not mean that the action (its name) was not taken."""
    if not account.replayed.position["due_total"]:
        return [word("settled", language)]
    lines: list[str] = word(
        "silence", language, action=action, as_of=_day(account, account.day(), language), due=_amount(account, "due_total", language),
        payoff=_amount(account, "payoff", language), daily=amount_text(daily_penalty_minor(account), account.currency, language),
    )  # fmt: skip
    return lines


def daily_penalty_minor(account: Account) -> int:
    """Penalty interest of one more day on what is overdue now, minor units, rounded half up: for orientation."""
    terms, row = account.terms, account.replayed.position
    base = row["due_principal"] + (row["due_interest"] if terms.penalty_on == "principal_and_interest" else 0)
    days = {0: 365, 1: 360, 2: 365, 3: 360}[BASES[terms.penalty_basis]]
    return int((2 * base * terms.penalty_rate_ppm + days * money.PPM) // (2 * days * money.PPM))


def what_comes_next(account: Account, language: str) -> str:
    """The further stage that comes if nothing changes, and its day, in words."""
    step = account.decision.next_step
    tongue = "zh" if language == "zh-CN" else "en"
    if step is None:
        return str(word("no_next", language))
    return str(word("next_stage", language, on=_day(account, step.on, language), stage=step.name.get(tongue)))


def why_not_json(account: Account, action_id: str, language: str) -> dict[str, Any]:
    """The object that `why-not --json` prints."""
    item: NotTaken | None = next((i for i in account.decision.not_taken if i.action.id == action_id), None)
    step = account.decision.next_step
    tongue = "zh" if language == "zh-CN" else "en"
    return {
        "account": account.account_id,
        "as_of": account.as_of.isoformat(),
        "action": action_id,
        "taken": item is None,
        "reasons": [{"id": reason.id, "text": reason.text(language)} for reason in item.reasons] if item else [],
        "gain": f"{item.gain:.2f}" if item else None,
        "cost": f"{item.cost:.2f}" if item else None,
        "silence": silence(account, account.ladder.action(action_id).name.get(tongue, action_id), language),
        "next_step": {"stage": step.stage, "on": step.on.isoformat()} if step else None,
        "what_changes_it": what_changes_it(account, language),
    }


def wide(text: str) -> int:
    """Columns a text takes on a terminal: CJK characters take two."""
    import unicodedata

    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def pad(text: str, width: int) -> str:
    """The text filled with spaces to a terminal width."""
    return text + " " * (width - wide(text))
