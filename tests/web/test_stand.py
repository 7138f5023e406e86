"""The public page "Where do I stand?": the answer is that of the command line for the same case; no input breaks it; nothing stays behind."""

import html
import io
import json
import logging
import re
from contextlib import redirect_stdout
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears.facts.beside import yaml_beside
from arrears.notice.language import date_text
from arrears.web.words import stand_words
from tests.examples import examples

TYPED = {
    "place": "cn", "lender_kind": "bank", "who": "lender", "principal": "12,000 元", "opened_on": "2026年1月10日", "rate": "18%",
    "penalty_rate": "40", "count": "12", "each": "1100.16", "first_due": "2026/2/10",
    "payments": "".join(f"2026-{month:02}-10 1,100.16\n" for month in range(2, 9)) + "\n２０２６-09-20 ３００",
    "contacts": "2026-09-13 短信\n2026-09-15 电话\n2026-11-20 未接来电",
}  # fmt: skip


@pytest.fixture
def store_url(tmp_path):
    """One backend: the page works on no store at all."""
    return f"sqlite:///{tmp_path / 'store.db'}"


def asked(client, language="zh-CN", **changes):
    return client.post(f"/stand?lang={language}", data={**TYPED, **changes})


def explained(client, tmp_path, language, *options, **changes):
    """What `arrears explain --json` says of the file that is downloaded for what was typed."""
    from arrears.cli import main

    answer = asked(client, **changes, do="download")
    assert answer.status_code == 200, answer.text
    (tmp_path / "case.yaml").write_bytes(answer.content)
    with redirect_stdout(io.StringIO()) as said:
        main(["explain", str(tmp_path / "case.yaml"), "--json", "--lang", language, *options])
    return json.loads(said.getvalue())


def advised(tmp_path, language, *options):
    """Why nobody visited, as `arrears advise --json` says it of the same file."""
    from arrears.cli import main

    with redirect_stdout(io.StringIO()) as said:
        main(["advise", str(tmp_path / "case.yaml"), "--json", "--lang", language, *options])
    sections = json.loads(said.getvalue())["sections"]
    return [point["text"] for section in sections if section["id"] == "why_no_visit" for point in section["points"]]


def text_of(page):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def shown(amount):
    whole, _, rest = amount.partition(".")
    return f"{int(whole):,}.{rest}"


@pytest.mark.parametrize(("language", "now", "would_be"), [
    ("en", ("Special standing now", "Hardship request", "the time that the lender"), ("Somebody else took this loan in my name", "Fraud team", "A borrower has died")),
    ("zh-CN", ("现在的特别情形", "纾困申请", "贷款人政策的答复期限"), ("贷款不是我借的", "反欺诈岗位", "死亡证明")),
])  # fmt: skip
def test_what_was_told_the_lender_and_what_could_be_told_say_what_stops_and_how_to_ask(client, language, now, would_be):
    page = text_of(asked(client, language, hardship_on="2026-11-20").text)
    plain = text_of(asked(client, language).text)

    assert all(said in page for said in (*now, *would_be))
    assert now[0] not in plain and all(said in plain for said in would_be)


CASES = [
    {},
    {"who": "agency", "dispute_on": "2026-11-01"},
    {"lender_kind": "", "rate": "", "penalty_rate": ""},
    {"count": "", "each": "", "first_due": "", "schedule": "2026-02-10 7000 100\n2026-03-31 5000", "payments": ""},
    {"promise_on": "2026-11-20", "promise_amount": "500", "promise_by": "2026-12-01", "hardship_on": "2026-11-19"},
    {"place": "us/US-MA", "who": "agency", "lender_kind": "", "contacts": "2026-11-20 call\n2026-11-21 missed call"},
    {"place": "uk"},
    {"place": "in"},
    {"place": "au"},
]


@pytest.mark.parametrize("changes", CASES)
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_page_says_what_the_command_line_says_of_the_same_case(client, tmp_path, changes, language):
    page = text_of(asked(client, language, **changes).text)

    binds = "--binds", changes.get("who", "lender")
    told = explained(client, tmp_path, language, *binds, **changes)

    assert shown(told["due"]["total"]) in page and shown(told["payoff"]) in page
    assert all(" ".join(line["text"].split()) in page for line in told["lines"])
    assert all(f"{line['on']} " in page and shown(line["balance"]) in page for line in told["lines"])
    assert all(cut["clause"]["source"] in page and shown(cut["amount"]) in page for cut in told["under_law"]["cut"])
    assert all(clause["id"] in page for clause in told["under_law"]["unchecked"])
    if changes.get("place", "cn") == "cn":
        assert [text for text in advised(tmp_path, language, *binds) if text not in page] == []
        following = told["next_step"]
        assert following is None or following["name"] in page
        assert following is None or date_text(date.fromisoformat(following["on"]), "cn", language) in page


def test_a_penalty_above_the_limit_is_cut_and_the_clause_named(client, tmp_path):
    page = text_of(asked(client).text)

    cut = explained(client, tmp_path, "zh-CN")["under_law"]["cut"]
    assert [(item["on"], item["agreed"], item["allowed"]) for item in cut] == [("penalty_rate", "0.4", "0.27")]
    assert cut[0]["clause"]["text"] in page and "约定40%，上限27%" in page


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-CN", ("按复利为31.89%，按单利为28.00%", "本金12,000.00元，减去放款时扣除的费用600.00元，实际借到11,400.00元", "超过24%的上限，可请求法院调减")),
        ("en", ("is 31.89% compound and 28.00% simple", "Less CNY 600.00 of fees kept back, CNY 11,400.00 was received", "The APR is above the cap of 24%. A court may be asked to cut it.")),
    ],
)  # fmt: skip
def test_fees_kept_back_make_the_annual_rate_higher_and_the_cap_is_named_with_its_clause(
    client, tmp_path, language, said
):
    page = text_of(asked(client, language, kept_back="600").text)

    cost = explained(client, tmp_path, language, kept_back="600")["cost_of_credit"]
    assert (cost["fees_at_start"], cost["caps"][0]["above"]) == ("600.00", ["compound", "simple"])
    assert all(text in page for text in said) and {cost["clause"]["id"], "CN-RATE-3"} <= set(
        re.findall("CN-[A-Z0-9-]+", page)
    )


@pytest.mark.parametrize(
    ("language", "closed"), [("zh-CN", "这七天内都不可以"), ("en", "Not on any of these seven days")]
)
def test_a_dispute_closes_an_agencys_week_in_massachusetts_by_a_named_clause(client, language, closed):
    changes = {"place": "us/US-MA", "who": "agency", "lender_kind": "", "contacts": "", "dispute_on": "2026-11-20"}

    page = text_of(asked(client, language, **changes).text)

    assert closed in page and "US-" in page


def test_the_week_of_calls_in_china_is_that_of_the_law(client):
    page = text_of(asked(client).text)

    assert "11月24日（周二） 至 11月30日（周一）：08:00–22:00".replace(" ", "") in page.replace(" ", "")
    assert "GB/T 45251-2025" in page and "据可靠转述" in page


OLD = {
    "opened_on": "2019-11-10",
    "count": "12",
    "each": "1000",
    "principal": "11000",
    "first_due": "2019-12-10",
    "payments": "",
    "contacts": "",
}


@pytest.mark.parametrize(
    ("language", "first", "not_first"),
    [("zh-CN", "先不要还款、签字，也不要承诺还款", "商量您付得起的还款日期"), ("en", "Do not pay, sign or promise anything yet", "agree a date that you can keep")],
)  # fmt: skip
def test_where_suing_may_be_barred_nobody_is_sent_to_the_lender_first(client, language, first, not_first):
    old, late = text_of(asked(client, language, **OLD).text), text_of(asked(client, language).text)

    assert first in old and not_first not in old
    assert first not in late and not_first in late


def test_silence_is_not_settlement(client):
    page = text_of(asked(client, "en").text)

    assert "Why nobody has visited" in page and "does not mean that the debt is settled" in page


def test_a_loan_that_is_paid_says_so(client):
    payments = "".join(f"2026-{month:02}-10 1100.16\n" for month in range(2, 12))

    page = text_of(asked(client, payments=payments).text)

    assert "现在应付 0.00元" in page and "目前没有到期未还的款项" in page


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("place", "mars", "unknown_value"), ("principal", "", "missing"), ("principal", "12x", "amount"),
        ("principal", "-5", "negative"), ("principal", "0.00", "zero"), ("principal", "12000.001", "amount"),
        ("principal", "9" * 60, "amount"), ("opened_on", "", "missing"), ("opened_on", "2026-02-30", "date"),
        ("opened_on", "2027-01-01", "after_today"), ("opened_on", "1950-01-01", "too_old"), ("rate", "a lot", "rate"),
        ("kept_back", "-5", "negative"), ("kept_back", "some", "amount"),
        ("rate", "1" * 6, "rate"), ("penalty_rate", "-3", "rate"), ("count", "61", "number"), ("count", "x", "number"),
        ("count", "", "missing"), ("each", "1", "too_little"), ("first_due", "2025-01-01", "due_before_loan"),
        ("first_due", "soon", "date"), ("schedule", "2026-02-10 12000", "both"), ("payments", "yesterday", "line_form"),
        ("payments", "2026-01-01 5", "before_loan"), ("payments", "2026-12-01 5", "after_today"),
        ("payments", "2026-02-10 5\n" * 201, "too_many"), ("contacts", "2026-11-01 pigeon", "contact_kind"),
        ("contacts", "x" * 20_001, "too_long"), ("promise_by", "2026-12-01", None), ("hardship_on", "2026-13-01", "date"),
        ("currency", "XXX", "unknown_value"), ("who", "nobody", "unknown_value"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_used_is_told_at_its_field(client, name, value, said):
    answers = {language: asked(client, language, **{name: value}) for language in ("zh-CN", "en")}

    at = "promise_on" if said is None else name
    for language, answer in answers.items():
        assert answer.status_code == 422
        fault = stand_words(language)["faults"][said or "missing"].format(most={"payments": 200}.get(name, 60))
        told = re.search(rf'<p class="fault" id="{at}-wrong">([^<]*)</p>', answer.text)
        assert told and html.unescape(told[1]).endswith(fault)
        assert re.search(
            rf'<[a-z]+ id="{at}"[^>]* aria-describedby="[^"]*{at}-wrong"[^>]* aria-invalid="true"', answer.text
        )
        assert f'href="#{at}"' in answer.text


def test_what_was_typed_is_still_there_after_a_fault(client):
    page = asked(client, principal="12x").text

    assert 'value="12x"' in page and "2026-09-15 电话" in page and '<option value="bank" selected>' in page


def test_the_line_of_a_fault_is_named(client):
    page = asked(client, "en", payments="2026-02-10 100\n\n2026-03-10 1e5").text

    assert "Line 3: Write the amount in digits" in page


def test_the_form_comes_back_to_be_changed(client):
    page = asked(client, do="change").text

    assert 'value="12,000 元"' in page and "<form" in page and "fault" not in page


def test_what_is_typed_cannot_become_part_of_the_page(client):
    evil = "{{ 7 * 7 }}<script>alert(1)</script>"

    for page in (asked(client, principal=evil[:60]).text, asked(client, payments=evil).text):
        assert "<script" not in page and "49" not in text_of(page).replace("2049", "")


def test_the_file_is_sent_as_a_file_and_holds_no_more_than_was_typed(client):
    answer = asked(client, do="download")

    assert answer.headers["content-disposition"] == 'attachment; filename="arrears-case-2026-11-24.yaml"'
    assert answer.headers["content-type"].startswith("application/yaml")
    assert "amount: '1100.16'" in answer.text and "示例" not in answer.text


def test_nothing_typed_is_logged_or_kept(client, lender, caplog):
    caplog.set_level(logging.DEBUG)
    from sqlalchemy import func, select

    from arrears.store.tables import Table

    def rows():
        with lender.read() as connection:
            return {name: connection.execute(select(func.count()).select_from(table)).scalar()
                    for name, table in Table.metadata.tables.items()}  # fmt: skip

    before = rows()
    asked(client, principal="98765.43", each="9000.09")
    asked(client, principal="98765.43x")

    assert rows() == before
    assert not [
        record for record in caplog.records if "98765" in record.getMessage() and record.name.startswith("arrears")
    ]


def test_many_answers_have_to_wait_and_the_form_stays(client):
    answers = [asked(client, principal="x") for _ in range(11)]

    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    assert "查询太频繁" in answers[-1].text and 'name="payments"' in answers[-1].text
    assert client.post("/verify", data={"code": "x"}).status_code == 200


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_field_has_a_label_and_every_hint_its_field(client, language):
    page = client.get(f"/stand?lang={language}").text

    names = re.findall(r'<(?:input|select|textarea) id="([a-z_]+)"', page)
    assert len(names) == 24 and len(set(names)) == 24
    assert set(re.findall(r'<label for="([a-z_]+)"', page)) == set(names)
    described = [one for ids in re.findall(r'aria-describedby="([^"]+)"', page) for one in ids.split()]
    assert described and all(f'id="{one}"' in page for one in described)
    assert "style=" not in page and "<script" not in page


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_mark_of_the_answer_leads_to_a_clause_or_a_rule(client, language):
    page = asked(client, language).text

    marks = set(re.findall(r'href="#([a-z]+-\d+)"', page))
    assert any(mark.startswith("clause-") for mark in marks) and any(mark.startswith("rule-") for mark in marks)
    assert all(f'id="{mark}"' in page for mark in marks)


def test_an_english_page_has_no_chinese_but_the_link_to_it_and_marked_names_of_sources(client):
    changes = {
        "penalty_rate": "27",
        "payments": "",
        "contacts": "",
    }  # nothing is cut, so no clause stands above the list of clauses

    page = asked(client, "en", **changes).text.partition("<h2>The clauses behind")[0]
    page = text_of(re.sub(r'<span lang="zh-CN">[^<]*</span>', "", page))  # a source is named as it was published

    assert re.findall(r"[\u4e00-\u9fff]+", page.replace("中文", "")) == []


def test_all_words_are_there_in_both_languages():
    def unfit(part, path):
        if not isinstance(part, dict):
            return [path]
        if {"zh", "en"} & set(part):
            return [] if set(part) == {"zh", "en"} and type(part["zh"]) is type(part["en"]) else [path]
        return [fault for name, inner in part.items() for fault in unfit(inner, f"{path}.{name}")]

    assert (
        unfit(
            {
                name: part
                for name, part in yaml_beside("arrears.web", "stand_words.yaml").items()
                if name != "contact_kinds"
            },
            "",
        )
        == []
    )


def test_a_file_in_place_of_a_field_is_refused(client):
    answer = client.post("/stand", files={"principal": ("a", b"x"), "payments": ("b", b"\xff")})

    assert answer.status_code == 400 and "抱歉" in answer.text


NAMED = sorted(
    {
        *TYPED,
        "currency",
        "kept_back",
        "schedule",
        "promise_on",
        "promise_amount",
        "promise_by",
        "dispute_on",
        "hardship_on",
    }
)
ODD = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["0", "-1", "1e9", "NaN", "٣", "²", "1.", "９９９", "\x00", "2026-02-10", "2199-12-31", "0001-01-01", "2026-02-29",
                     "2026-02-10 5", "2026-02-10 5 5", "2026-02-10 call", "us", "us/US-MA", "au/US-MA", "JPY", "1000", "60", "1"]),
    st.dates(date(1980, 1, 1), date(2030, 1, 1)).map(str),
    st.decimals(0, 10**13, places=2).map(str),
)  # fmt: skip


@examples(20)
@given(changes=st.dictionaries(st.sampled_from(NAMED), ODD, min_size=1, max_size=6))
def test_odd_input_is_answered_or_told_at_its_field(changes):
    # below the limit on answers, which would soon hide what is asked here
    from arrears.web.stand_answer import answer, case_text, stood
    from arrears.web.stand_form import typed

    found = typed({**TYPED, **changes}, date(2026, 11, 24))
    item = stood(found)

    assert (item is None) == bool(found.faults)
    if item is not None:
        assert answer(item, found, "en") and case_text(found)


@examples(10)
@given(body=st.one_of(st.binary(max_size=300), st.dictionaries(st.sampled_from([*NAMED, "do", "x"]), ODD, max_size=8)))
def test_no_body_breaks_the_service(client, body):
    kind = {"content-type": "application/x-www-form-urlencoded"}
    sent = {"content": body, "headers": kind} if isinstance(body, bytes) else {"data": body}

    assert client.post("/stand", **sent).status_code < 500
