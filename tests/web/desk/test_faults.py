"""What is refused at the desk is said in the language of the page: every refusal that the desk can meet has its words."""

import ast
import re
from itertools import product
from pathlib import Path

import pytest

import arrears
from arrears.errors import Finding, Refusal
from arrears.web.desk.faults import fault_text, told_in
from tests.web.signed_in import as_staff

ROOT = Path(*arrears.__path__)
#: Where the desk's own refusals are raised; those of a ladder that was pasted speak of its YAML and stand as they are, after a Chinese word.
RAISED_IN = (
    *sorted(ROOT.glob("web/desk/*.py")), *(ROOT / name for name in (
        "web/approvals.py", "plans/penalty.py", "plans/correction.py", "web/account/plan_recording.py", "dispatch/outcomes.py",
        "dispatch/calls.py", "dispatch/stops.py",
    )),
)  # fmt: skip
HAN = re.compile("[\u3400-\u9fff]")


def texts_of(node):
    """What an argument of `refuse` can say, with a figure for each thing that is named in it."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.JoinedStr):
        return ["".join("7" if isinstance(part, ast.FormattedValue) else part.value for part in node.values)]
    if isinstance(node, ast.IfExp):
        return [*texts_of(node.body), *texts_of(node.orelse)]
    raise AssertionError(ast.unparse(node))


def refusals():
    """Each refusal of the desk as (code, what, todo), for every text that it can have."""
    for path in RAISED_IN:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "refuse":
                todo = next((texts_of(one.value) for one in node.keywords if one.arg == "todo"), [""])
                yield from product(texts_of(node.args[0]), texts_of(node.args[1]), todo)


def test_every_refusal_of_the_desk_has_its_words_in_both_languages():
    found = set(refusals())

    missing = [
        (group, text, language)
        for code, what, todo in sorted(found)
        for group, text in (("what", f"{code} {what}"), *((("todo", todo),) if todo else ()))
        for language in ("zh-CN", "en")
        if told_in(group, text, language) is None
    ]

    assert len(found) > 50 and missing == []


@pytest.mark.parametrize(
    ("finding", "said"),
    [
        (Finding("case", "is not open", todo="it was answered, or there is none"), "该事项不在待答复之列；已经答复，或者没有该事项"),
        (Finding("beyond_authority", "is more than your role may waive by the policy", todo="it takes compliance, supervisor"),
         "超出政策授予您的岗位的减免权限；须由合规专员、催收主管决定"),
        (Finding("plan", "cannot begin: disputed, deceased"), "方案不能开始，因为该账户：存在异议、已故"),
        (Finding("hardship", "begins longer before it was asked for than the policy allows", value="2026-01-01", todo="begin no earlier than 2026-10-24"),
         "起始日早于政策允许的最早日期（此处为：2026-01-01）；起始日不早于 2026-10-24"),
    ],
)  # fmt: skip
def test_a_refusal_says_what_is_wrong_and_what_to_do_in_chinese(finding, said):
    assert fault_text(Refusal(finding), "zh-CN") == said


def test_the_line_that_names_a_refused_form_is_in_the_language_of_the_page(client, store, installation):
    csrf = as_staff(client, store, "supervisor")
    form = {"csrf": csrf, "scope": "all", "subject": "", "why": ""}

    said = {
        language: re.search(r'role="alert">(.*?)</p>', client.post("/desk/stops", params={"lang": language}, data=form).text, re.S)[1]
        for language in ("zh-CN", "en")
    }  # fmt: skip

    assert "请填写设置停催的理由" in said["zh-CN"] and not re.search(
        "[a-z]{3,} [a-z]{3,}", re.sub("<[^>]+>", "", said["zh-CN"])
    )
    assert "says why it is set" in said["en"] and not HAN.search(said["en"])
