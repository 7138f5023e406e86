"""`arrears keys`, `arrears notice preview` and `arrears verify` as a person meets them."""

import json
import re
import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest

from arrears.cli import main
from arrears.installation import load_installation
from arrears.notice.occasion import Occasion
from arrears.notice.writer import open_writer
from arrears.store.connect import open_store
from arrears.store.tables import Notice
from tests.conftest import ROOT, STORY
from tests.notice.made import CODE, ON, story

INSTALLATION = """lender:
  id: demo-bank
  name: {zh: 示例银行, en: Example Bank}
  phone: "95000"
  site: www.example.com
  address: {zh: 上海市示例路1号, en: "1 Example Road, Example Town"}
database: sqlite:///arrears.db
keys: keys
"""
TUTORIAL = (ROOT / "docs/tutorial/first-night.md").read_text("utf-8")
MADE_AT = datetime(2026, 11, 24, 2, tzinfo=UTC)


@pytest.fixture
def house(tmp_path, monkeypatch):
    """An installation with keys, in the folder where commands run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.delenv("ARREARS_CONFIG", raising=False)
    Path("arrears.yaml").write_text(INSTALLATION, "utf-8")
    assert main(["keys", "make"]) == 0
    return load_installation()


def sent(house, channel):
    """The words of a message, registered in the store as dispatch does it."""
    writer = open_writer(house, ON)
    words = writer.words(Occasion("cn", channel, "visit", channel, "LOAN-880042", ON, "李雷"), story(), "zh-CN", CODE)
    store = open_store(house.database, create=True)
    with store.begin() as connection:
        connection.execute(
            Notice.__table__.insert(),
            [{"code_hash": writer.code_hash(CODE), "attempt_id": "A1", "account_id": "LOAN-880042", "person_id": "P1", "channel": channel,
              "template": words.template, "language": words.language, "text_hash": writer.text_hash(words.text), "made_at": MADE_AT,
              "signature": words.signature, "sealed": None}],
        )  # fmt: skip
    store.close()
    return words.text


def test_a_text_message_is_verified_by_its_code_and_an_altered_one_is_not(house, capsys):
    text = sent(house, "sms")
    capsys.readouterr()

    codes = [
        main(["verify", text, "--lang", "zh-CN"]),
        main(["verify", text.replace("95000", "95001", 1), "--lang", "zh-CN"]),
    ]
    told = capsys.readouterr().out

    assert codes == [0, 1]
    assert "核验通过：这条信息是示例银行发出的" in told and "短信，2026年11月24日，账户0042" in told
    assert "可能被改动过" in told and "信息让您拨打或添加95001" in told


def test_a_letter_is_verified_offline_by_the_published_keys_alone(house, capsys, tmp_path):
    Path("letter.txt").write_text(sent(house, "letter"), "utf-8")
    assert main(["keys", "publish", "--out", "public.json"]) == 0
    Path("arrears.yaml").unlink()
    Path("arrears.db").unlink()
    capsys.readouterr()

    code = main(["verify", "letter.txt", "--keys", "public.json", "--json"])

    answer = json.loads(capsys.readouterr().out)
    assert (code, answer["verdict"], answer["by"]) == (0, "genuine", "signature")


def test_a_letter_stays_verified_after_the_keys_rotate(house, capsys):
    Path("letter.txt").write_text(sent(house, "letter"), "utf-8")

    codes = [main(["keys", "rotate"]), main(["verify", "letter.txt"]), main(["keys", "list", "--json"])]

    assert codes == [0, 0, 0]
    keys = json.loads(capsys.readouterr().out.splitlines()[-1])["keys"]
    assert [key["state"] for key in keys] == ["retired", "in use"]


def test_a_code_alone_says_what_was_sent_and_confirms_nothing(house, capsys):
    sent(house, "letter")
    capsys.readouterr()

    code = main(["verify", "--code", CODE, "--json", "--lang", "en"])

    answer = json.loads(capsys.readouterr().out)
    assert (code, answer["verdict"], answer["sent"]) == (
        1,
        "cannot_confirm",
        {"channel": "letter", "on": "2026-11-24", "account": "0042"},
    )
    assert [reason["id"] for reason in answer["reasons"]] == ["code_alone"]


def test_a_store_that_is_not_there_is_told_and_only_signatures_count(house, capsys):
    text = sent(house, "sms")
    Path("arrears.db").unlink()
    capsys.readouterr()

    code = main(["verify", text, "--json"])

    told = capsys.readouterr()
    assert (code, json.loads(told.out)["reasons"][0]["id"]) == (1, "not_looked_up")
    assert "codes cannot be looked up" in told.err and not Path("arrears.db").exists()


def test_a_preview_shows_words_parts_and_clauses_and_is_never_genuine(house, capsys):
    assert main(["notice", "preview", "--case", str(STORY), "--action", "sms", "--json"]) == 0
    one = json.loads(capsys.readouterr().out)

    code = main(["verify", one["text"]])

    assert (one["template"], one["language"], one["encoding"], one["findings"], code) == (
        "cn-sms-visit",
        "zh-CN",
        "ucs2",
        [],
        1,
    )
    assert "1,831.23元" in one["text"] and 1 < one["parts"] <= 5 and "CN-TXT-SMS-2" in one["clauses"]


def test_an_account_of_a_book_is_previewed_in_its_borrowers_language(house, capsys):
    for name, body in re.findall(r"`([^`\s/]+\.(?:yaml|csv))`[^`]*?```\w+\n(.*?)```", TUTORIAL, re.S):
        Path(name).write_text(body, "utf-8")
    assert main(shlex.split("import accounts.csv instalments.csv people.csv --terms small.yaml --book book")) == 0
    capsys.readouterr()

    code = main(shlex.split("notice preview --account L1 --book book --as-of 2026-11-20 --channel letter --json"))

    one = json.loads(capsys.readouterr().out)
    assert (code, one["template"], one["language"]) == (0, "letter", "zh-CN")
    assert "截至2026年11月20日" in one["text"] and "2,125.50元" in one["text"]


def test_every_template_can_be_previewed_and_none_is_blocked(house, capsys):
    code = main(["notice", "preview", "--all", "--pack", "cn", "--channel", "letter", "--lang", "zh-CN"])

    told = capsys.readouterr().out
    assert code == 0
    assert told.startswith("== letter (letter, zh-CN)") and "示例银行就您的贷款通知如下" in told


def test_the_html_of_a_preview_is_written_where_it_is_asked(house, capsys):
    command = ["notice", "preview", "--case", str(STORY), "--channel", "email", "--lang", "en", "--html", "mail.html"]

    assert main(command) == 0

    assert Path("mail.html").read_text("utf-8").startswith('<!doctype html>\n<html lang="en">')


def test_a_house_template_that_a_clause_blocks_is_shown_and_stops_the_writer(house, capsys):
    Path("ours.yaml").write_text(
        "templates:\n  - id: bad\n    channel: portal\n    about: past_due\n"
        '    zh-CN: {subject: "还款", text: ["{lender}：再不还款我们上门收拾你。核验码{code}"]}\n'
        '    en: {subject: "Pay", text: ["{lender}: please pay. Code {code}, verify it on our official site."]}\n', "utf-8",
    )  # fmt: skip
    Path("arrears.yaml").write_text(INSTALLATION + "notice: {templates: ours.yaml}\n", "utf-8")

    code = main(["notice", "preview", "--all", "--pack", "cn", "--channel", "portal", "--lang", "zh-CN"])

    assert code == 1 and "block: " in capsys.readouterr().out
    with pytest.raises(Exception, match=r"ours\.yaml:2"):
        open_writer(load_installation(), ON)


MISUSE = [
    (["verify"], "give the message, or --code"),
    (["keys", "make"], "are there already"),
    (["notice", "preview", "--case", str(STORY), "--action", "no_such"], "give --channel"),
    (["verify", "x", "--keys", "nowhere.json"], "nowhere.json: is not there"),
]


@pytest.mark.parametrize(("command", "told"), MISUSE, ids=[" ".join(command[:2]) for command, _ in MISUSE])
def test_misuse_is_told_in_one_line(house, capsys, command, told):
    capsys.readouterr()

    code = main(command)

    error = capsys.readouterr().err
    assert (code, len(error.splitlines())) == (2, 1) and told in error


@pytest.mark.parametrize(("section", "told"), [
    ("notice: {pay: now}", "must be words by language"), ("notice: {sign: sms}", "must be a list of channels"), ("notice: {colour: red}", "is not known"),
])  # fmt: skip
def test_unfit_settings_are_told(house, section, told):
    Path("arrears.yaml").write_text(f"{INSTALLATION}{section}\n", "utf-8")

    with pytest.raises(Exception, match=told):
        open_writer(load_installation(), ON)


@pytest.mark.parametrize("page", ["verify-a-message.md", "verify-a-message.zh-CN.md"])
def test_the_false_text_of_the_page_is_answered_as_the_page_shows(house, capsys, monkeypatch, page):
    shown = re.search(
        r"\n\$ arrears (verify - .*)\n((?:.*\n)*?)\n((?:.+\n)+)```", (ROOT / "docs/how-to" / page).read_text("utf-8")
    )
    Path("false.txt").write_text(shown.group(2), "utf-8")
    open_store(house.database, create=True).close()
    capsys.readouterr()

    code = main(shlex.split(shown.group(1).replace(" - ", " false.txt ")))

    assert (code, capsys.readouterr().out) == (1, shown.group(3))
