"""The question pages and what "Where do I stand?" gives to take along: both languages, links that lead somewhere, letters, CSV files."""

import html
import re

import pytest

from arrears.advise.letters import NAMES as LETTERS
from arrears.advise.questions import NAMES, answered
from arrears.web.stand_upload import lines_of
from tests.web.test_stand import TYPED, asked, shown, text_of


@pytest.fixture
def store_url(tmp_path):
    """One backend: the pages work on no store at all."""
    return f"sqlite:///{tmp_path / 'store.db'}"


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_question_has_its_page_with_every_point_and_clause_of_its_answer(client, language):
    index = client.get(f"/questions?lang={language}")

    assert re.findall(r'href="/questions/([a-z-]+)\?', index.text) == list(NAMES)
    for name in NAMES:
        page = client.get(f"/questions/{name}?lang={language}")
        text, advice = text_of(page.text), answered(name)
        points = [point.said.text(language) for section in advice.sections for point in section.points]
        assert page.status_code == 200 and [one for one in points if " ".join(one.split()) not in text] == []
        assert all(one.source in text and one.id in text for one in advice.references)
        assert f'href="/stand?lang={language}"' in page.text


def test_a_question_that_is_not_there_is_told_so(client):
    assert client.get("/questions/none").status_code == 404
    assert client.get("/questions/..%2f..%2fsources").status_code == 404


def test_every_link_and_mark_of_a_question_page_leads_somewhere(client):
    for name in NAMES:
        page = client.get(f"/questions/{name}?lang=en").text

        ids = set(re.findall(r'id="([^"]+)"', page))
        assert set(re.findall(r'href="#([^"]+)"', page)) <= ids
        for link in set(re.findall(r'href="(/[^"]+)"', page)):
            assert client.get(html.unescape(link)).status_code == 200, link


@pytest.mark.parametrize(
    ("language", "expected"),
    [("zh-CN", ["诉讼时效", "自不良行为终止之日起保存五年", "12348", "双方都不能做的事"]),
     ("en", ["Suit (limitation)", "kept for five years", "12348", "What neither side may do"])],
)  # fmt: skip
def test_the_answer_shows_limitation_credit_file_conduct_and_help(client, language, expected):
    page = asked(client, language).text

    assert [one for one in expected if one not in text_of(page)] == []
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(re.findall(r'id="([^"]+)"', page))


@pytest.mark.parametrize("name", LETTERS)
def test_every_letter_comes_filled_as_text_and_as_pdf_in_both_languages(client, tmp_path, name):
    for language in ("zh-CN", "en"):
        text = asked(client, do=f"letter {name} {language} txt")
        paper = asked(client, do=f"letter {name} {language} pdf")

        assert text.status_code == 200 and paper.content.startswith(b"%PDF")
        assert "attachment" in text.headers["content-disposition"]
        assert not re.search(r"\{\w+\}", text.text)
        if name in ("dispute", "calculation"):
            due = re.search(r"dd>([^<]*[\d,]+\.\d\d[^<]*)<", asked(client, language).text).group(1)
            assert due in text.text


@pytest.mark.parametrize(
    "do", ["none en txt", "dispute fr txt", "dispute en exe", "dispute en", "dispute en txt extra"]
)
def test_a_letter_that_is_not_there_is_refused(client, do):
    assert asked(client, do=f"letter {do}").status_code == 404


def test_a_csv_of_payments_and_a_schedule_count_as_if_they_had_been_typed(client):
    data = {**TYPED, "count": "", "each": "", "first_due": "", "payments": ""}
    files = {
        "schedule_file": (
            "s.csv",
            'due_on,principal,interest\n2026-02-10,"7,000.00",100\n2026-03-31,5000,0\n',
            "text/csv",
        ),
        "payments_file": ("p.csv", "金额;日期\n300;2026-03-01\n".encode("gb18030"), "text/csv"),
    }

    uploaded = client.post("/stand?lang=en", data=data, files=files).text
    typed = asked(
        client,
        "en",
        count="",
        each="",
        first_due="",
        schedule="2026-02-10 7000.00 100\n2026-03-31 5000 0",
        payments="2026-03-01 300",
    ).text

    assert text_of(uploaded) == text_of(typed) and shown("5000.00") in text_of(uploaded)


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"\xff\xfe\x00", "cannot be read"), (b"date,amount\n", "nothing to use"), (b"", "nothing to use"), (b"%PDF-1.7\n", "type its lines in the field above"), (b"20260231,5", "Line 1: Write a date"), (b"2026-02-10,1\n" * 20_000, "cannot be read"), (b"a\x00b,1\n", "cannot be read"),
     (b"date,amount\nyesterday,300\n", "Line 1: Write a date"), (b"date,amount\n2026-03-01,=1+1\n", "Line 1: Write the amount")],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_told_at_its_field(client, content, said):
    answer = client.post(
        "/stand?lang=en", data=TYPED | {"payments": ""}, files={"payments_file": ("p.csv", content, "text/csv")}
    )

    assert answer.status_code == 422 and said in text_of(answer.text)


@pytest.mark.parametrize(
    ("field", "content", "lines"),
    [
        ("payments", "2026-02-10,100\n2026-03-10,50\n", "2026-02-10 100\n2026-03-10 50"),
        ("payments", "\ufeffamount\tdate\n1 000.50\t2026-02-10\n\n", "2026-02-10 1000.50"),
        ("schedule", "日期,本金,利息\n2026-02-10,1000\n", "2026-02-10 1000"),
        ("schedule", "", ""),
        (
            "payments",
            '交易明细,,\n户名,,李\n\n交易时间,对方,交易金额(元)\n2026/2/10 09:30:00,某银行,"1,100.16"\n',
            "2026/2/10 1100.16",
        ),
        ("payments", "Transaction date;Amount (GBP)\n2026-02-10T09:30:00Z;100\n", "2026-02-10 100"),
    ],
)
def test_the_lines_of_a_file_are_those_that_a_person_would_type(field, content, lines):
    assert lines_of(field, content.encode()) == lines
