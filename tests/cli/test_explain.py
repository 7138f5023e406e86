"""What `explain` says to a person: lines with their rules, the chart, and two pictures of one day."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest

from arrears import calendar, money
from arrears.cli import main
from arrears.replay.chart import chart
from tests.conftest import STORY

LATE = """\
account: {id: A1, law: none, currency: CNY, principal: "2000.00", opened_on: 2025-01-10, time_zone: Asia/Shanghai}
terms:
  penalty: {rate: "0.18", basis: actual/360, on: principal, from: due}
instalments:
  - {due_on: 2025-02-10, principal: "1000.00"}
  - {due_on: 2025-12-10, principal: "1000.00"}
events:
  - {at: "2025-02-12T10:00:00+08:00", recorded_at: "2025-03-05T09:00:00+08:00", kind: payment, amount: "1001.00"}
  - {at: "2025-02-20T10:00:00+08:00", kind: contact, channel: call, direction: out, outcome: no_answer}
as_of: 2025-03-01
"""


@pytest.fixture
def late(tmp_path: Path) -> str:
    """A payment of 12 February that became known on 5 March."""
    (tmp_path / "late.yaml").write_text(LATE, "utf-8")
    return str(tmp_path / "late.yaml")


def said(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    assert main(command) == 0
    return capsys.readouterr().out


def test_both_pictures_are_told_with_what_became_known_and_the_difference(
    late: str, capsys: pytest.CaptureFixture[str]
) -> None:
    english = said(capsys, "explain", late, "--known-at", "2025-03-01", "--lang", "en")
    chinese = said(capsys, "explain", late, "--known-at", "2025-03-01", "--lang", "zh-CN")

    # 19 nights of 1,000.00 x 18% / 360 = 0.50 are 9.50; the payment of the 12th met two of them, 1.00
    for text in (
        "by what was known at 2025-03-01 24:00 (Asia/Shanghai)",
        "payment CNY 1,001.00, happened 2025-02-12 10:00 (Asia/Shanghai), recorded 2025-03-05 09:00 (Asia/Shanghai)",
    ):
        assert text in english
    assert re.search(r"Days past due +19 +0 +-19\n", english) and re.search(
        r"Due now +1,009\.50 +0\.00 +-1,009\.50\n", english
    )
    assert re.search(r"Oldest unpaid due date +2025-02-10 +– +changed\n", english)
    assert (
        "按2025-03-01 24:00 (Asia/Shanghai)已知的事实" in chinese
        and "还款 1,001.00元，发生于2025-02-12 10:00" in chinese
    )
    assert re.search(r"逾期天数 +19 +0 +-19\n", chinese) and not re.search(r"[{}']", chinese + english)


def test_both_pictures_stand_in_the_json(late: str, capsys: pytest.CaptureFixture[str]) -> None:
    answer = json.loads(said(capsys, "explain", late, "--known-at", "2025-03-01", "--json"))

    assert (answer["days_past_due"], answer["now_known"]["days_past_due"]) == (19, 0)
    assert answer["differences"]["days_past_due"] == {"known_at": 19, "now": 0}
    assert answer["differences"]["due"]["known_at"]["total"] == "1009.50"
    assert [item["amount"] for item in answer["learned_since"]] == ["1001.00"]


def test_where_nothing_became_known_it_says_so(late: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "explain", late, "--known-at", "2025-03-05", "--lang", "en")

    assert "Nothing became known afterwards." in text and "changed" not in text


def test_a_day_of_known_at_is_the_accounts_own_day(late: str, capsys: pytest.CaptureFixture[str]) -> None:
    # the payment was written down at 09:00 in Shanghai on 5 March: the end of the 4th is before it there and in UTC, that of the 5th after it
    before, after = (
        json.loads(said(capsys, "explain", late, "--known-at", day, "--json")) for day in ("2025-03-04", "2025-03-05")
    )

    assert (before["known_at"], after["days_past_due"]) == ("2025-03-04T15:59:59.999999+00:00", 0)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_line_carries_the_number_of_its_rule(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "explain", str(STORY), "--lang", language)

    used = {int(number) for number in re.findall(r"^  20.*\[(\d+)\]$", text, re.MULTILINE)}
    told = {int(number) for number in re.findall(r"^  \[(\d+)\] \S", text, re.MULTILINE)}
    assert used == told == {1, 2, 3, 4}


def test_chinese_is_not_mixed_with_english_words(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "explain", str(STORY), "--lang", "zh-CN") + said(
        capsys, "why-not", "visit", str(STORY), "--lang", "zh-CN"
    )

    # ids of actions stand in brackets after their names; currency, account and time zone are names
    words = set(re.findall(r"[A-Za-z]{2,}", re.sub(r"\([a-z_]+\)|（[^）]*）", "", text)))
    assert words <= {"CNY", "STORY"}


def test_english_is_not_mixed_with_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "why-not", "visit", str(STORY), "--lang", "en")

    assert not re.search(r"[\u4e00-\u9fff，。：；]", text)


def test_before_anything_happened_the_ledger_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "explain", str(STORY), "--as-of", "2026-03-10", "--lang", "en")

    assert "Nothing has happened yet" in text


@pytest.mark.parametrize(("language", "title"), [("en", "Amount due over time (CNY)"), ("zh-CN", "到期应付金额 (CNY)")])
def test_the_chart_is_a_picture_of_the_ledger(
    language: str, title: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = json.loads(said(capsys, "explain", str(STORY), "--json", "--lang", language))["lines"]
    said(capsys, "explain", str(STORY), "--svg", str(tmp_path / "chart.svg"), "--lang", language)

    root = ElementTree.parse(tmp_path / "chart.svg").getroot()

    space = "{http://www.w3.org/2000/svg}"
    payments = [line["text"] for line in lines if line["code"] == "payment"]
    assert root.get("aria-label") == title
    assert [dot.findtext(f"{space}title") for dot in root.iter(f"{space}circle")] == payments
    path = next(root.iter(f"{space}path")).get("d") or ""
    points = [tuple(map(float, point.split(","))) for point in re.findall(r"[\d.]+,[\d.]+", path)]
    assert len(points) == 2 * len(lines) + 3
    assert all(84 <= x <= 704 and 40 <= y <= 244 for x, y in points)
    # the highest point of the picture is the largest amount that was due
    peak = max(range(len(lines)), key=lambda index: float(lines[index]["balance"]))
    assert points[2 * peak + 2][1] == min(y for _, y in points) == 40.0


def test_the_chart_of_an_account_without_lines_is_an_empty_picture() -> None:
    root = ElementTree.fromstring(chart([], "CNY", date(2026, 1, 1), "en"))

    assert [child.tag.rpartition("}")[2] for child in root] == ["style", "text"]


#: Amounts as they are written, their minor units, and how they are shown.
AMOUNTS = [
    ("CNY", "1234.5", 123_450, "1,234.50"),
    ("JPY", "1234", 1234, "1,234"),
    ("KWD", "-0.005", -5, "-0.005"),
    ("CNY", "-1000000", -100_000_000, "-1,000,000.00"),
]


@pytest.mark.parametrize(("currency", "text", "minor", "shown"), AMOUNTS)
def test_an_amount_is_read_and_shown_with_the_decimals_of_its_currency(
    currency: str, text: str, minor: int, shown: str
) -> None:
    assert money.to_minor(text, currency) == minor
    assert money.to_shown(minor, currency) == shown
    assert money.to_minor(money.to_text(minor, currency), currency) == minor


@pytest.mark.parametrize(
    ("currency", "text"),
    [
        ("CNY", "1.005"),
        ("JPY", "1.0"),
        ("CNY", "1e3"),
        ("CNY", "1,000"),
        ("CNY", "１"),
        ("CNY", "NaN"),
        ("CNY", "100000000000.01"),
    ],
)
def test_an_amount_that_is_none_is_refused(currency: str, text: str) -> None:
    with pytest.raises(ValueError, match=r"decimal|larger"):
        money.to_minor(text, currency)


@pytest.mark.parametrize(("text", "ppm"), [("0", 0), ("0.234", 234_000), ("0.000001", 1), ("10", 10_000_000)])
def test_a_rate_is_kept_in_parts_per_million(text: str, ppm: int) -> None:
    assert money.to_ppm(text) == ppm


@pytest.mark.parametrize("text", ["-0.000001", "10.000001", "0.0000001", "18%", "inf"])
def test_a_rate_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"number|decimals|between"):
        money.to_ppm(text)


def test_the_end_of_a_day_is_its_last_microsecond_also_when_the_clock_changes() -> None:
    end = calendar.end_of_day(date(2025, 3, 30), "Europe/Berlin")

    assert end.isoformat() == "2025-03-30T21:59:59.999999+00:00"
    assert calendar.local_day(end, "Europe/Berlin") == date(2025, 3, 30)
