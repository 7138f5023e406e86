"""`arrears advise` and `arrears pages`: the same answer as text, JSON, HTML and PDF; a bundle that needs no server."""

import io
import json
import re
from contextlib import redirect_stdout
from html import unescape

import pytest
from pypdf import PdfReader

from arrears.advise.questions import NAMES
from arrears.cli import main
from tests.conftest import STORY


def ran(*arguments):
    with redirect_stdout(io.StringIO()) as said:
        assert main([*map(str, arguments)]) == 0
    return said.getvalue()


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_text_json_html_and_pdf_say_the_same(tmp_path, language):
    files = tmp_path / "a.html", tmp_path / "a.pdf"

    text = ran("advise", STORY, "--lang", language, "--html", files[0], "--pdf", files[1])
    told = json.loads(ran("advise", STORY, "--lang", language, "--json"))

    points = [point["text"] for section in told["sections"] for point in section["points"]]
    page = unescape(re.sub(r"\s+", " ", files[0].read_text("utf-8")))
    paper = "".join("".join(sheet.extract_text() for sheet in PdfReader(files[1]).pages).split())
    assert len(points) > 50
    assert [point for point in points if point not in text or " ".join(point.split()) not in page] == []
    assert [point for point in points if "".join(point.split()) not in paper] == []
    assert all(clause["source"] in text and clause["source"] in page for clause in told["clauses"])


def test_the_figures_are_those_of_explain():
    told = json.loads(ran("advise", STORY, "--json"))["figures"]

    explained = json.loads(ran("explain", STORY, "--json"))

    assert told["due"] == explained["due"]["total"] and told["payoff"] == explained["payoff"]
    assert told["days"] == explained["days_past_due"] and told["next_stage_on"] == explained["next_step"]["on"]


def test_a_file_for_two_accounts_and_a_case_that_is_not_there_are_refused(tmp_path, capsys):
    assert main(["advise", str(STORY), str(STORY), "--html", str(tmp_path / "a.html")]) == 2
    assert "one account" in capsys.readouterr().err
    assert main(["advise", str(tmp_path / "none.yaml")]) == 2
    assert "is not a case file" in capsys.readouterr().err


def test_the_bundle_has_every_question_in_both_languages_and_every_link_leads_to_a_file_of_it(tmp_path):
    ran("pages", "--out", tmp_path / "site")

    pages = {path.name: path.read_text("utf-8") for path in (tmp_path / "site").glob("*.html")}
    assert set(pages) == {"index.html", "index.en.html"} | {
        f"{name}.{language}.html" for name in NAMES for language in ("zh-CN", "en")
    }
    links = {
        (name, link) for name, page in pages.items() for link in re.findall(r'(?:href|src|action)="([^"#]+)"', page)
    }
    assert {link for _, link in links} <= set(pages) | {"base.css"}
    assert not any(re.search(r"https?://|<script|<form", page) for page in pages.values())
    assert "运行中的服务" in pages["index.html"] and "running service" in pages["index.en.html"]
