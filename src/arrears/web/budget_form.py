"""A short budget form: household, what comes in, what goes out, priority debts, other debts, pay day; and the budget that what was typed makes.

The headings are those of `plans/forms.yaml`. Amounts are typed a month, in the currency of the debt.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import yaml

from arrears import money
from arrears.facts.beside import tongue_of
from arrears.facts.yaml_text import parse_yaml
from arrears.plans import Budget, budget_of
from arrears.plans.budget import WITH_MINIMUM
from arrears.plans.words import data
from arrears.web.words import plan_words

#: The form of a law; others have the plain one.
FORM_OF = {"cn": "cn_household", "uk": "uk_sfs"}
SIDES = ("income", "spending")
#: The source of a minimum that was typed: nobody's but the household's.
OWN_MINIMUM = "借款人填写 (typed by the household)"
#: Most that one figure may be, in whole units of the currency.
MOST = 10**9
_NOT_FIGURES = re.compile(r"[,\s¥$£₹€元]")
#: Other debts are typed one a line: a name, then the amount owed. So many, and names so long, at most.
_DEBT = re.compile(r"(\S.*?)[\s,:;、]+([¥$£₹€]?\d[\d,.]*元?)")
MOST_DEBTS, LONGEST_NAME, LONGEST_LIST = 20, 60, 2000


@dataclass
class Typed:
    """What was typed: texts by field, the budget's content where nothing is at fault, and faults by field."""

    texts: dict[str, str]
    content: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)


def form_of(law: str) -> str:
    """The form for debts of a law."""
    return FORM_OF.get(law, "household")


def fields_of(law: str) -> tuple[str, ...]:
    """The names of the fields, in their order."""
    form = data("forms.yaml")[form_of(law)]
    headings = [f"{side}.{name}" for side in SIDES for name in form[side]]
    return ("adults", "children", *headings, *further_of(law))


def further_of(law: str) -> tuple[str, ...]:
    """The fields at the end of the form; a local minimum is asked for where one is left to the household."""
    return ("priority", "creditors", *(("minimum",) if form_of(law) == WITH_MINIMUM else ()), "pay_day")


def typed(law: str, currency: str, region: str | None, sent: Mapping[str, str]) -> Typed:
    """Read the form. A figure that is left out is zero; what comes in and what goes out each need one."""
    longest = {"creditors": LONGEST_LIST}
    found = Typed({
        name: unicodedata.normalize("NFKC", sent.get(name, ""))[: longest.get(name, 40)].strip() for name in fields_of(law)
    })  # fmt: skip
    amounts = {
        name: _amount(found, name, currency) for name in found.texts if "." in name or name in ("priority", "minimum")
    }
    adults, children = _whole(found, "adults", 1, 20, 1), _whole(found, "children", 0, 20, 0)
    pay_day, creditors = _whole(found, "pay_day", 1, 31, None), _creditors(found, currency)
    for side in SIDES:
        own = [name for name in found.texts if name.startswith(f"{side}.")]
        if not any(found.texts[name] for name in own):
            found.faults[own[0]] = "missing"
    if not found.faults:
        found.content = {
            "form": form_of(law), "currency": currency, "household": {"adults": str(adults), "children": str(children)},
            **{side: {name.partition(".")[2]: amount for name, amount in amounts.items() if amount and name.startswith(side)} for side in SIDES},
            **({"region": region} if region else {}), **({"pay_day": str(pay_day)} if pay_day else {}),
            **({"creditors": creditors} if creditors else {}),
        }  # fmt: skip
        if amounts["priority"]:
            debt = {"name": "priority", "owed": amounts["priority"], "a_month": amounts["priority"]}
            found.content["priority_debts"] = [debt]
        if least := amounts.get("minimum"):
            found.content["minimum_living"] = {"a_month": least, "source": OWN_MINIMUM}
    return found


def budget_text(content: Mapping[str, Any]) -> str:
    """The budget as the YAML that `arrears plan` reads too."""
    return str(yaml.safe_dump(dict(content), allow_unicode=True, sort_keys=False))


def read_text(text: str, on: date) -> Budget:
    """The budget of such a text, as of a day."""
    return budget_of(parse_yaml(text, "budget"), on)


def _amount(found: Typed, name: str, currency: str) -> str:
    """The amount as a decimal string; empty where none was typed or it is at fault."""
    if not (text := _NOT_FIGURES.sub("", found.texts[name])):
        return ""
    if (minor := _minor(text, currency)) is None:
        found.faults[name] = "amount"
        return ""
    return money.to_text(minor, currency)


def _minor(text: str, currency: str) -> int | None:
    """A typed figure in minor units; None where it is no amount, below nothing or too much."""
    try:
        minor = money.to_minor(text, currency)
    except ValueError:
        return None
    return minor if 0 <= minor <= money.to_minor(str(MOST), currency) else None


def _creditors(found: Typed, currency: str) -> list[dict[str, str]]:
    """The other debts, a name and what is owed each; a line that is none, or a name that stands twice, is a fault of the field."""
    debts: dict[str, int | None] = {}
    lines = [line.strip() for line in found.texts["creditors"].splitlines() if line.strip()]
    for line in lines:
        match = _DEBT.fullmatch(line)
        debts[match[1] if match else line] = _minor(_NOT_FIGURES.sub("", match[2]), currency) if match else None
    if len(lines) > MOST_DEBTS or len(debts) < len(lines) or any(
        not minor or len(name) > LONGEST_NAME or not name.isprintable() for name, minor in debts.items()
    ):  # fmt: skip
        found.faults["creditors"] = "creditors"
        return []
    return [{"name": name, "owed": money.to_text(minor or 0, currency)} for name, minor in debts.items()]


def _whole(found: Typed, name: str, least: int, most: int, default: int | None) -> int | None:
    text = found.texts[name]
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        found.faults[name] = name
        return default
    return int(text)


def shown(law: str, what: Typed | None, language: str) -> list[dict[str, Any]]:
    """The form as the template shows it: groups of fields, with labels, values and faults."""
    words, form = plan_words(language), data("forms.yaml")[form_of(law)]
    said = {name: words["fields"][name] for name in ("adults", "children", *further_of(law))}
    said |= {f"{side}.{name}": one[tongue_of(language)] for side in SIDES for name, one in form[side].items()}
    hints = dict(words["hints"])
    hints |= {
        f"{side}.{name}": one["holds"][tongue_of(language)]
        for side in SIDES
        for name, one in form[side].items()
        if "holds" in one
    }

    def field_of(name: str) -> dict[str, Any]:
        wrong = words["faults"][what.faults[name]] if what and name in what.faults else ""
        return {"name": name, "id": name.replace(".", "-"), "label": said[name], "wrong": wrong, "value": what.texts[name] if what else "",
                "hint": hints.get(name, ""), "lines": name == "creditors"}  # fmt: skip

    groups = {
        words["groups"]["household"]: ("adults", "children"),
        words["groups"]["income"]: tuple(f"income.{name}" for name in form["income"]),
        **_spending(form, words["groups"]["spending"], language),
        words["groups"]["further"]: further_of(law),
    }
    return [{"title": title, "fields": [field_of(one) for one in own]} for title, own in groups.items()]


def _spending(form: Mapping[str, Any], title: str, language: str) -> dict[str, tuple[str, ...]]:
    """The fields of spending by section of the form, or all under one title."""
    if "sections" not in form:
        return {title: tuple(f"spending.{name}" for name in form["spending"])}
    glue = "：" if tongue_of(language) == "zh" else ": "
    return {
        f"{title}{glue}{part['name'][tongue_of(language)]}": tuple(f"spending.{name}" for name in part["headings"])
        for part in form["sections"].values()
    }
