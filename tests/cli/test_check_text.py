"""`arrears law check-text` as a person runs it."""

import json
import subprocess
import sys


def test_a_text_with_a_threat_is_blocked_and_says_where_by_which_clause_and_what_to_write(arrears, tmp_path):
    (tmp_path / "sms.txt").write_text("【长河银行】您好，\n再不还就让你坐牢。核验请拨95588\n", "utf-8")

    done = arrears(
        "law", "check-text", "--pack", "cn", "--channel", "sms", "--lang", "en", "--on", "2026-11-24", "sms.txt"
    )

    assert done.returncode == 1
    assert done.stdout.startswith(
        "sms.txt:2:7: block: a legal status or step that does not exist: against the standard"
    )
    assert "CN-TXT-ACT-2" in done.stdout and "→ Without a court document" in done.stdout


def test_a_lawful_text_passes_and_is_not_called_lawful(arrears, tmp_path):
    (tmp_path / "sms.txt").write_text("【长河银行】您的贷款已逾期，我行可能依法起诉。核验请拨95588", "utf-8")

    done = arrears("law", "check-text", "--pack", "cn", "--channel", "sms", "--lang", "zh-CN", "sms.txt")

    assert (done.returncode, done.stdout.strip()) == (0, "未发现问题（不代表文本合法）")


def test_a_text_with_warnings_only_exits_with_zero(arrears, tmp_path):
    (tmp_path / "sms.txt").write_text("【长河银行】您的贷款已逾期。", "utf-8")

    done = arrears("law", "check-text", "--pack", "cn", "--channel", "sms", "--json", "sms.txt")

    told = json.loads(done.stdout)
    assert (done.returncode, told["blocking"], told["warnings"]) == (0, 0, 1)
    assert told["findings"][0]["family"] == "missing_verification"


def test_json_from_standard_input_has_offsets_of_the_text_that_was_read():
    text = "You owe $1,380.50 and you will be arr3sted"

    done = subprocess.run(
        [sys.executable, "-m", "arrears", "law", "check-text", "--pack", "us", "--channel", "call", "--binds", "agency",
         "--amount", "due=1280.50 USD", "--json", "--lang", "en", "-"],
        input=text, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip

    findings = json.loads(done.stdout)["findings"]
    assert done.returncode == 1
    assert [text[finding["start"] : finding["end"]] for finding in findings] == ["$1,380.50", "arr3sted"]
    assert [finding["family"] for finding in findings] == ["misleading_amount", "false_legal_status"]


def test_misuse_gets_one_clear_error(arrears, tmp_path):
    (tmp_path / "bytes.txt").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "empty.txt").write_text(" \n", "utf-8")
    (tmp_path / "sms.txt").write_text("您好", "utf-8")
    asked = ["law", "check-text", "--pack", "cn", "--channel", "sms"]

    cases = [
        ([*asked, "nowhere.txt"], "cannot be read"),
        ([*asked, "bytes.txt"], "is not UTF-8"),
        ([*asked, "empty.txt"], "is empty"),
        ([*asked, "--amount", "due=ten", "sms.txt"], "is not an amount"),
        ([*asked, "--amount", "ten", "sms.txt"], "is not NAME=VALUE"),
        (["law", "check-text", "--pack", "fr", "--channel", "sms", "sms.txt"], "no wording clauses"),
    ]

    for arguments, what in cases:
        done = arrears(*arguments)
        assert done.returncode == 2 and what in done.stderr and "Traceback" not in done.stderr, arguments


def test_the_choices_of_the_parser_are_those_of_the_schema_and_the_check():
    from arrears.cli import parser
    from arrears.facts.schema import BINDS, CHANNELS
    from arrears.law.clauses import FORCES
    from arrears.law.wording.families import FACTS

    assert (parser.CHANNELS, parser.TEXT_FACTS, parser.BINDS, parser.FORCES) == (CHANNELS, FACTS, BINDS, FORCES)
