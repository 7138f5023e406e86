"""The pages of the law packs are what the packs make of them: every clause, every source, and the week as the guard sees it."""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from arrears.law import History, Question, load_pack, may, packs, stack
from arrears.law.pages import page, week
from tests.conftest import ROOT

PAGES = ROOT / "docs/law"
ON = date.fromisoformat(re.search(r"LAW_ON \?= (\S+)", (ROOT / "Makefile").read_text("utf-8")).group(1))


@pytest.mark.parametrize("name", packs())
@pytest.mark.parametrize(("language", "ending"), [("en", ""), ("zh-CN", ".zh-CN")])
def test_the_page_and_the_picture_in_the_docs_are_made_from_the_clauses_as_they_are(name, language, ending):
    pack = load_pack(name)

    assert (PAGES / f"{name}{ending}.md").read_text("utf-8") == page(pack, ON, language, f"img/{name}{ending}.svg")
    assert (PAGES / "img" / f"{name}{ending}.svg").read_text("utf-8") == week(pack, ON, language)


@pytest.mark.parametrize("name", packs())
def test_every_clause_stands_on_its_page_and_every_page_in_the_index(name):
    text = (PAGES / f"{name}.md").read_text("utf-8")
    held = [clause for clause in load_pack(name).clauses if clause.until_on is None or clause.until_on >= ON]

    assert [clause.id for clause in held if f"`{clause.id}`" not in text or clause.instrument not in text] == []
    assert f"({name}.md)" in (PAGES / "index.md").read_text("utf-8")


def test_the_green_of_the_picture_is_where_the_guard_allows_a_call():
    svg, zone = week(load_pack("au"), ON, "en"), ZoneInfo("Australia/Sydney")
    monday = [(int(x), int(width)) for x, y, width, fill in re.findall(r'<rect x="(\d+)" y="(\d+)" width="(\d+)" height="\d+" fill="(#2f7d4f)"', svg) if y == "26"]  # fmt: skip

    ((left, width),) = monday
    first, last = (divmod((edge - 74) // 9 * 30, 60) for edge in (left, left + width))

    assert (first, last) == ((7, 30), (21, 0))
    for clock, verdict in (((7, 29), "wait"), ((7, 30), "allowed"), ((20, 59), "allowed"), ((21, 0), "wait")):
        at = datetime(2026, 11, 23, *clock, tzinfo=zone)
        assert may(stack("au"), Question("call", at, (str(zone),)), History(())).verdict == verdict
