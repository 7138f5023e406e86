"""What the check finds in a text, where, by which clause, and what it leaves alone."""

from datetime import date

import pytest

from arrears.errors import Refusal
from arrears.law.wording import check_text

ON = date(2026, 11, 24)


def found(text, pack="cn", channel="call", **more):
    return {finding.family for finding in check_text(text, pack, channel, ON, **{"binds": "agency", **more})}


def test_a_finding_gives_line_column_offsets_and_the_words_as_they_were_written():
    text = "【长河银行】您好，\r\n再不还就让你 坐*牢。核验请拨95588"

    (finding,) = check_text(text, "cn", "sms", ON)

    assert (finding.family, finding.severity, finding.line, finding.column) == ("false_legal_status", "block", 2, 8)
    assert text[finding.start : finding.end] == finding.text == "坐*牢"


def test_what_is_missing_stands_at_the_end_of_the_text():
    text = "您的贷款已逾期\n核验请拨官方客服95588"

    (finding,) = check_text(text, "cn", "sms", ON)

    assert (finding.family, finding.text) == ("missing_sender", "")
    assert (finding.start, finding.end, finding.line, finding.column) == (len(text), len(text), 2, 14)


def test_a_finding_names_every_clause_the_strictest_first():
    (finding,) = check_text("我要弄死你", "cn", "call", ON)

    assert [clause.id for clause in finding.clauses] == ["CN-TXT-ACT-3", "CN-TXT-ACT-2", "CN-TXT-ACT-1"]
    assert finding.as_json("en")["clause"] == "CN-TXT-ACT-3"


def test_soft_law_is_never_called_unlawful():
    (finding,) = check_text("另外还要收取催收费500元", "cn", "call", ON)

    assert finding.clause.force == "standard"
    assert "against the standard" in finding.says("en") and "不符合国家标准" in finding.says("zh-CN")
    assert "law" not in finding.says("en") and "违" not in finding.says("zh-CN")


def test_a_guideline_and_an_unconfirmed_clause_warn_and_a_confirmed_regulation_blocks():
    (guideline,) = check_text("You are a deadbeat", "au", "call", ON)
    (unconfirmed,) = check_text("We charge a convenience fee", "us", "call", ON, binds="agency")
    (regulation,) = check_text("You are a deadbeat", "us", "call", ON, binds="agency")

    assert [guideline.severity, unconfirmed.severity, regulation.severity] == ["warn", "warn", "block"]
    assert "source not confirmed" in unconfirmed.says("en")


def test_an_original_lender_is_outside_regulation_f_and_only_meets_the_house_rule():
    (finding,) = check_text("You will be arrested", "us", "call", ON, binds="lender")

    assert ([clause.id for clause in finding.clauses], finding.severity) == (["US-TXT-HOUSE-1"], "warn")


def test_the_law_of_the_day_on_which_the_text_is_sent_applies():
    def at(day):
        return [clause.id for clause in check_text("建议您以贷还贷", "cn", "call", day)[0].clauses]

    assert check_text("建议您以贷还贷", "cn", "call", date(2025, 2, 27)) == ()
    assert at(date(2025, 2, 28)) == ["CN-TXT-ACT-6"]
    assert at(date(2026, 1, 30)) == ["CN-TXT-ACT-6", "CN-TXT-ACT-5"]


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("我司已对您提起诉讼", "suit"),
        ("法院已经判决了", "judgment"),
        ("案件已进入强制执行程序", "enforcement"),
        ("您的银行卡已被冻结", "frozen"),
        ("您已被列入失信名单", "listed"),
        ("法院已经受理此案", "enforcement"),
    ],
)
def test_a_legal_step_that_the_facts_show_may_be_said(text, fact):
    assert found(text) == {"false_legal_status"}
    assert found(text, facts=[fact]) == set()


def test_a_suit_is_no_judgment():
    assert found("法院已经判决了", facts=["suit"]) == {"false_legal_status"}


@pytest.mark.parametrize(
    ("pack", "text"),
    [
        ("cn", "我行可能依法向人民法院提起诉讼"),
        ("cn", "我们不会联系您的家人，也不会把您抓起来"),
        ("cn", "谨防有人冒充法院人员威胁要抓您"),
        ("cn", "您的银行卡没有被冻结"),
        ("us", "We may take legal action"),
        ("us", "We will not tell your employer and you will not be arrested"),
        ("us", "If anyone says that you will be arrested, report it to the CFPB"),
        ("uk", "No judgment has been entered against you"),
    ],
)
def test_lawful_statements_denials_and_warnings_are_left_alone(pack, text):
    assert found(text, pack) == set()


@pytest.mark.parametrize(
    ("pack", "text", "family"),
    [
        ("cn", "我们不会放过你", "threat"),
        ("cn", "我们不会打扰您，但是会告诉你的同事你欠钱", "third_party_disclosure"),
        ("cn", "你不还钱就等着坐牢", "false_legal_status"),
        ("us", "Do not ignore this or you will be arrested", "false_legal_status"),
        ("us", "We will not hesitate to tell your boss about it", "third_party_disclosure"),
        ("us", "If you do not pay we will have you arrested", "false_legal_status"),
    ],
)
def test_a_negation_of_something_else_excuses_nothing(pack, text, family):
    assert family in found(text, pack)


def test_the_same_words_may_be_said_to_the_borrower_and_not_to_others():
    text = "您的贷款已逾期三个月"

    assert found(text) == set()
    assert found(text, recipient="third_party") == {"third_party_disclosure"}


@pytest.mark.parametrize(
    ("text", "amounts", "expected"),
    [
        ("本期应还1,280.50元", {"due": "1280.50 CNY"}, set()),
        ("本期应还￥1280.5", {"due": "1280.50 CNY"}, set()),
        ("结清还需1.2万元", {"payoff": "12000.00 CNY"}, set()),
        ("本期应还1,280.51元", {"due": "1280.50 CNY"}, {"misleading_amount"}),
        ("本期应还1,280.50元，年利率18%", {"due": "1280.50 CNY"}, set()),
        ("共计欠款1280.50元", {}, {"misleading_amount"}),
        ("共计欠款1280.50元", {"total": "1280.50 CNY"}, set()),
    ],
)
def test_an_amount_that_the_account_does_not_show_is_found(text, amounts, expected):
    assert found(text, amounts=amounts) == expected


def test_an_unclear_amount_only_warns():
    (finding,) = check_text("您大概欠了八千多块", "cn", "call", ON)

    assert (finding.family, finding.severity) == ("misleading_amount", "warn")


def test_a_malformed_amount_is_refused_by_name():
    with pytest.raises(ValueError, match="due is not an amount"):
        check_text("应还10元", "cn", "call", ON, amounts={"due": "10 yuan"})


def test_with_the_senders_names_one_of_them_must_be_there():
    text = "【长河银行】您的贷款已逾期，核验请拨官方客服95588"

    assert found(text, channel="sms", sender=["长河银行"]) == set()
    assert found(text, channel="sms", sender=["晨光消金"]) == {"missing_sender"}


def test_promotion_needs_a_way_to_refuse_it_and_a_reminder_does_not():
    assert found("【长河银行】双十一优惠活动，官网可查", channel="sms") == {"missing_opt_out"}
    assert found("【长河银行】您的贷款已逾期，官网可查", channel="sms") == set()


def test_a_text_in_two_languages_is_checked_in_both_unless_one_is_named():
    text = "您的贷款已逾期。 You will be arrested by the police."

    assert found(text) == {"false_legal_status"}
    assert found(text, language="zh-CN") == set()


def test_a_law_without_wording_clauses_is_refused():
    with pytest.raises(Refusal, match="no wording clauses"):
        check_text("您好", "none", "sms", ON)
