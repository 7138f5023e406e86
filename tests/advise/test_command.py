"""`arrears advise` and `arrears pages`: the same answer as text, JSON, HTML and PDF; public pages that need no server."""

import io
import json
import re
from contextlib import redirect_stdout
from html import unescape
from importlib import resources

import pytest
from pypdf import PdfReader

from arrears.advise.letters import NAMES as LETTERS
from arrears.advise.questions import NAMES
from arrears.cli import main
from tests.conftest import ROOT, STORY

HOUSE = 'lender: {id: demo, name: {zh: 示例银行, en: Example Bank}, phone: "95500", site: bank.example}\ndatabase: sqlite:///none.db\nkeys: keys\n'
LOAN, BUDGET = (ROOT / "tests/plans/cases" / name for name in ("loan.yaml", "budget.yaml"))


def ran(*arguments):
    with redirect_stdout(io.StringIO()) as said:
        assert main([*map(str, arguments)]) == 0
    return said.getvalue()


def read(path):
    """A page as it is read: without the marks of another language, white space as one space."""
    return unescape(re.sub(r"\s+", " ", re.sub(r"</?span[^>]*>", "", path.read_text("utf-8"))))


def printed(path):
    """The text of a PDF without white space and page numbers."""
    pages = (re.sub(r"\d+ / \d+\s*$", "", sheet.extract_text()) for sheet in PdfReader(path).pages)
    return "".join("".join(pages).split())


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_text_json_html_and_pdf_say_the_same(tmp_path, language):
    files = tmp_path / "a.html", tmp_path / "a.pdf"

    text = ran("advise", STORY, "--lang", language, "--html", files[0], "--pdf", files[1])
    told = json.loads(ran("advise", STORY, "--lang", language, "--json"))

    points = [point["text"] for section in told["sections"] for point in section["points"]]
    page = read(files[0])
    paper = printed(files[1])
    assert len(points) > 50
    assert [point for point in points if point not in text or " ".join(point.split()) not in page] == []
    assert [point for point in points if "".join(point.split()) not in paper] == []
    assert all(clause["source"] in text and clause["source"] in page for clause in told["clauses"])


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_budget_brings_the_plans_of_plan_offer_into_every_form(tmp_path, language):
    files = tmp_path / "a.html", tmp_path / "a.pdf"
    asked = ("advise", LOAN, "--budget", BUDGET, "--lang", language)

    text = ran(*asked, "--html", files[0], "--pdf", files[1])
    told = json.loads(ran(*asked, "--json"))

    offered = json.loads(ran("plan", "offer", LOAN, "--budget", BUDGET, "--lang", language, "--json"))
    page = read(files[0])
    paper = printed(files[1])
    points = [point["text"] for section in told["sections"] if section["id"] == "plan" for point in section["points"]]
    assert told["plans"] == {key: value for key, value in offered.items() if key not in ("proposal", "creditors")}
    assert {f"plan_{offer['id']}" for offer in offered["offers"]} <= {
        point["id"] for section in told["sections"] for point in section["points"]
    }
    assert [point for point in points if point not in text or " ".join(point.split()) not in page] == []
    assert [point for point in points if "".join(point.split()) not in paper] == []
    last = offered["offers"][0]["instalments"][-1]
    amount = f"{float(last['total']):,.2f}"
    assert all(re.search(rf"{last['number']}\D.*{re.escape(amount)}", form) for form in (text, page, paper))


def test_the_named_policy_answers_and_one_without_a_budget_is_refused(tmp_path, capsys):
    policy = tmp_path / "own.yaml"
    example = resources.files("arrears.plans").joinpath("policies", "cn-loan.yaml").read_text("utf-8")
    policy.write_text(example.replace("policy: ", "policy: own-", 1), "utf-8")

    told = json.loads(ran("advise", LOAN, "--budget", BUDGET, "--policy", policy, "--json", "--lang", "en"))

    plan = next(section for section in told["sections"] if section["id"] == "plan")
    assert told["plans"]["policy"].startswith("own-") and "example policy" not in str(plan)
    assert main(["advise", str(LOAN), "--policy", str(policy)]) == 2
    assert "--budget" in capsys.readouterr().err


def test_a_budget_that_leaves_nothing_brings_the_reason_and_free_help(tmp_path):
    budget = tmp_path / "budget.yaml"
    budget.write_text(BUDGET.read_text("utf-8").replace('"2200.00"', '"9000.00"'), "utf-8")

    told = json.loads(ran("advise", LOAN, "--budget", budget, "--json", "--lang", "en"))

    said = {point["id"]: point["text"] for section in told["sections"] for point in section["points"]}
    assert told["plans"]["why_none"]["id"] == "hardship" and told["plans"]["offers"] == []
    assert "nothing is left for a plan" in said["plan_none"] and any("12348" in text for text in said.values())


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


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The public pages as files, with the keys of a lender: folder, and its pages by name."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "arrears.yaml").write_text(HOUSE, "utf-8")
    told = ("--config", folder / "arrears.yaml")
    ran("keys", "make", *told)
    ran("keys", "publish", *told, "--out", folder / "keys.json")
    ran("pages", "--out", folder / "site", "--keys", folder / "keys.json", "--service", "https://advice.example/")
    return folder / "site", {path.name: path.read_text("utf-8") for path in (folder / "site").glob("*.html")}


def test_every_page_is_there_in_both_languages_and_every_link_leads_to_a_file_or_the_service(made):
    folder, pages = made

    names = {*NAMES, "check", "stand", "letters"}
    assert set(pages) == {"index.html", "index.en.html"} | {
        f"{name}.{language}.html" for name in names for language in ("zh-CN", "en")
    }
    links = {link for page in pages.values() for link in re.findall(r'(?:href|src|action)="([^"#]+)"', page)}
    away = {link for link in links if ":" in link}
    forms = {f"https://advice.example/stand?lang={language}" for language in ("zh-CN", "en")}
    assert away == {*forms, "tel:95500"}
    assert links - away <= {path.name for path in folder.iterdir()}
    assert not any("<form" in page or "default-src 'none'" not in page for page in pages.values())
    assert {name for name, page in pages.items() if "<script" in page} == {"check.zh-CN.html", "check.en.html"}


def test_without_keys_and_service_the_pages_say_what_to_do_instead(tmp_path):
    ran("pages", "--out", tmp_path)

    check, stand = ((tmp_path / f"{name}.en.html").read_text("utf-8") for name in ("check", "stand"))
    assert "came without a lender" in check and "<script" not in check and "Do not open a link in the message" in check
    assert "arrears serve" in stand and not (tmp_path / "lender-keys.json").exists()


@pytest.mark.parametrize(
    ("language", "gaps"),
    [
        ("zh-CN", ("致：【贷款机构名称】", "到期未还【到期未还金额】")),
        ("en", ("To: [name of the lender]", "[amount due and unpaid] is due")),
    ],
)
def test_every_letter_is_there_with_its_gaps_as_text_and_on_paper(made, language, gaps):
    folder = made[0]

    for name in LETTERS:
        text = (folder / f"letter-{name}.{language}.txt").read_text("utf-8")
        paper = printed(folder / f"letter-{name}.{language}.pdf")
        lines = [line for line in text.splitlines() if line]
        assert gaps[0] in text and not re.search(r"\{\w+\}|\d{2,}", text)
        assert [line for line in lines if "".join(line.split()) not in paper] == []
        page = read(folder / f"letters.{language}.html")
        assert [line for line in lines if " ".join(line.split()) not in page] == []
    assert gaps[1] in (folder / f"letter-calculation.{language}.txt").read_text("utf-8")


def test_the_hours_of_the_page_are_those_of_the_law_for_anybody(made):
    _, pages = made

    assert pages["stand.zh-CN.html"].count("<li>每天：08:00–22:00</li>") >= 2
    assert "GB/T 45251-2025" in pages["stand.en.html"] and "CN-HRS-1" in pages["stand.en.html"]


@pytest.mark.parametrize("options", [("--service", "javascript:alert(1)"), ("--keys", "none.json")])
def test_an_address_that_is_none_and_keys_that_are_not_there_are_refused(tmp_path, capsys, options):
    assert main(["pages", "--out", str(tmp_path), *options]) == 2
    assert options[0].strip("-") in capsys.readouterr().err
