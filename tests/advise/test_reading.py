"""Each answer that is kept was read line by line (`read.yaml`), and each rule under it (`rules.yaml`): a text that changed since must be read again."""

import re
from datetime import date
from decimal import Decimal
from functools import cache

import pytest
import yaml

from arrears.advise.places import places
from arrears.advise.questions import NAMES
from tests.advise.test_questions import KEPT

LANGUAGES = ("zh-CN", "en")
#: What a line may rest on.
GROUNDS = {"law", "reckoned", "practice", "advice", "office"}
#: Words with which a line states a rule; such a line names the rule.
OF_LAW = re.compile("不得|应当|无权|构成犯罪|不发生效力|不予保护|时效")
RULE = re.compile(r"^(\d+)\. (.*?)[.。][ （]*\(?(?:Source: |出处：)(.*) · ([A-Z][A-Z0-9-]+) · (.*?)[)）]$")


def kept(name, language):
    return (KEPT / name / f"answer.{language}.md").read_text("utf-8").splitlines()


@cache
def reading(name):
    return yaml.safe_load((KEPT / name / "read.yaml").read_text("utf-8"))


@cache
def rules():
    return yaml.safe_load((KEPT / "rules.yaml").read_text("utf-8"))


def in_language(entry, language):
    return entry["zh" if language == "zh-CN" else "en"]


def lines_of(name, language):
    """The lines of a kept answer with the ids of the rules that they name."""
    ids = {match[1]: match[4] for line in kept(name, language) if (match := RULE.match(line))}
    for line in kept(name, language):
        if line.startswith("- "):
            yield re.sub(r" ?(\[\d+\])+$", "", line[2:]), [ids[number] for number in re.findall(r"\[(\d+)\]", line)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_every_line_of_a_kept_answer_was_read_as_it_stands_with_the_rules_under_it(name, language):
    read = reading(name)

    lines = list(lines_of(name, language))
    headings = [line.lstrip("# ") for line in kept(name, language) if line.startswith("#")]
    assert len(lines) > 15
    assert lines == [(in_language(entry, language), entry.get("law", [])) for entry in read["lines"]]
    assert headings[:-2] == [
        in_language(entry, language) for entry in read["headings"]
    ]  # the last two stand over ledger and rules


@pytest.mark.parametrize("name", NAMES)
def test_every_line_rests_on_something_and_one_that_states_a_rule_names_it(name):
    offices = {place.id for place in places("cn")}

    for entry in reading(name)["lines"]:
        grounds = entry.keys() & GROUNDS
        assert grounds and entry.keys() <= GROUNDS | {"at", "zh", "en"}, entry
        assert entry.get("office") in offices | {None} and all(entry[ground] for ground in grounds), entry
        assert not OF_LAW.search(entry["zh"]) or "law" in entry, entry
        assert not re.search(r"\d\.\d\d", entry["zh"]) or "reckoned" in entry, entry


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_under_the_kept_answers_was_read_as_it_stands_and_says_how_far_it_is_confirmed(language):
    known, unread = rules(), "未读到原文" if language == "zh-CN" else "did not read the text itself"

    shown = {match[4]: match for name in NAMES for line in kept(name, language) if (match := RULE.match(line))}
    assert shown.keys() == known.keys()
    for rule, match in shown.items():
        entry = known[rule]
        assert (match[2], entry["source"] in match[3]) == (in_language(entry, language), True), rule
        assert (unread in match[5]) == (entry["confirmed"] != "read"), rule
        assert entry["against"], rule


@pytest.mark.parametrize("name", NAMES)
def test_the_arithmetic_of_a_kept_answer_comes_out_when_it_is_done_again(name):
    case = yaml.safe_load((KEPT / name / "case.yaml").read_text("utf-8"))
    asked, contract = Decimal(case["terms"]["penalty"]["rate"]), Decimal(case["account"]["rate"])
    rate = min(asked, contract * Decimal("1.5"))

    due, exact, shown = Decimal(0), Decimal(0), Decimal(0)
    rows = [line.strip("| ").split(" | ") for line in kept(name, "en") if re.match(r"\| \d{4}-", line)]
    for _, what, amount, balance in rows:
        amount, balance = (Decimal(text.replace(",", "")) for text in (amount, balance))
        if penalty := re.match(r"Penalty interest (\S+) to (\S+), (\d+) days on ([\d,.]+)$", what):
            days = (date.fromisoformat(penalty[2]) - date.fromisoformat(penalty[1])).days
            exact += Decimal(penalty[4].replace(",", "")) * rate * days / 360
            shown += amount
            assert days == int(penalty[3]) and abs(exact - shown) <= Decimal("0.005"), what
        added = re.match(r"(Penalty interest|Instalment|Plan instalment|Payment .* was reversed)", what)
        taken = re.match(r"(Credit of|Waived|Payment of .*, to )", what)
        due = Decimal(0) if what.startswith("Plan begins") else due + (amount if added else -amount if taken else 0)
        if "was reversed" not in what:
            assert due == balance, what
        due = balance
    assert len(rows) > 10


def test_the_amount_due_in_the_words_is_the_last_of_the_ledger():
    for name in NAMES:
        rows = [line for line in kept(name, "en") if re.match(r"\| \d{4}-", line)]
        due = rows[-1].rsplit("|", 2)[1].strip()

        said = "\n".join(text for text, _ in lines_of(name, "en"))
        assert f"CNY {due}" in said or "othing is past due" in said or name == "six-years", name
