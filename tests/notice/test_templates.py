"""Templates: there is one for every message of every ladder, it passes the wording check, and a fault is told with its line."""

import re
from dataclasses import replace
from itertools import product

import pytest

from arrears.errors import Refusal
from arrears.facts.schema import CHANNELS
from arrears.notice.checking import check_words
from arrears.notice.codes import codes_in
from arrears.notice.language import LANGUAGES, outcomes
from arrears.notice.occasion import Answer, Step
from arrears.notice.preview import check_set, previews
from arrears.notice.slots import about_of
from arrears.notice.templates import WRITTEN, TemplateSet, laws, template_set
from arrears.notice.words import words_for
from arrears.strategy import load_ladder
from tests.notice.made import CODE, HOUSE, ON, STEP, occasion, positions

LADDERS = ("cn-consumer", "us-consumer", "uk-consumer")
CURRENCY = {"cn": "CNY", "us": "USD", "uk": "GBP", "in": "INR", "au": "AUD"}
#: Accounts of every kind: many categories due, some of it today, credit, a fee only, three decimals, a whole loan still to come.
SAMPLE = (
    "sms-but-no-visit",
    "late-fee-percent-with-maximum",
    "credit-waits-for-the-next-due-date",
    "daily-interest-before-it-is-due",
)


@pytest.mark.parametrize("name", LADDERS)
def test_every_message_of_every_ladder_has_its_template(name):
    ladder = load_ladder(name)
    templates = template_set(ladder.law)
    messages = [action for action in ladder.actions if action.channel is not None]

    found = {
        (action.id, stage, binds): templates.find(
            action.id, action.channel, stage, "next_due" if action.id == "remind_before_due" else "past_due", binds
        )
        for action in messages
        for stage in action.stages
        for binds in ("lender", "agency")
    }

    assert len(found) >= 2 * len(messages) and all(template.clauses for template in found.values())


@pytest.mark.parametrize("law", laws())
def test_every_channel_has_words_about_what_is_past_due(law):
    templates = template_set(law)

    assert [templates.find("", channel, "", "past_due").channel for channel in CHANNELS] == list(CHANNELS)


@pytest.mark.parametrize(("law", "language"), list(product(laws(), LANGUAGES)))
def test_no_wording_clause_blocks_or_warns_of_any_template_about_real_accounts(law, language):
    accounts = [{**positions()[name], "currency": CURRENCY[law]} for name in SAMPLE]
    abouts = {about_of(position) for position in accounts}
    assert abouts >= {"past_due", "next_due"}
    found, rendered = [], 0

    for template in template_set(law).templates:
        for binds, position in product(template.binds, accounts):
            if about_of(position) != template.about:
                continue
            action, stage = (*template.actions, "any")[0], (*template.stages, "any")[0]
            about = occasion(template.channel, action, law, stage, binds=binds)
            words = words_for(TemplateSet(law, (template,)), about, position, HOUSE, language, CODE)
            rendered += 1
            found += [(template.id, one.family, one.text) for one in check_words(words, about, position, HOUSE)]

    assert rendered >= 20
    assert found == []


ANSWERS = ("dispute_closed", "identity_theft_closed", "complaint_closed", "hardship_refused", "hardship_granted", "adjustment")  # fmt: skip


@pytest.mark.parametrize("law", laws())
def test_every_answer_to_a_case_has_words_that_no_clause_blocks_and_that_name_its_outcome(law):
    position, templates, found = {"currency": CURRENCY[law], "due_total": 1_234_00}, template_set(law), []

    for action, language, binds in product(ANSWERS, LANGUAGES, ("lender", "agency")):
        for code, told in (outcomes(action, language) or {"": ""}).items():
            answer = Answer(ON, code, ON, ON, ("penalty",), "fee", 56_78)
            about = occasion("portal", action, law, "", binds=binds, answer=answer)
            words = words_for(templates, about, position, HOUSE, language, CODE)
            found += [(action, one.text) for one in check_words(words, about, position, HOUSE)]
            assert told in words.text and CODE in words.text and HOUSE.name(language) in words.text

    assert found == []


@pytest.mark.parametrize("law", laws())
def test_every_written_message_carries_sender_code_and_a_way_to_check_it(law):
    written = [one for one in previews(template_set(law), HOUSE, ON) if one.channel in WRITTEN]

    assert len(written) >= 12
    for one in written:
        assert codes_in(one.words.text), one.words.template
        assert HOUSE.name(one.words.language) in one.words.text, one.words.template
    readable = [one for one in written if one.channel != "push"]
    assert all(HOUSE.verify_at in one.words.text for one in readable)


@pytest.mark.parametrize("name", LADDERS)
def test_no_stage_that_days_can_lead_to_makes_a_text_message_a_threat(name):
    ladder = load_ladder(name)
    position = {**positions()["sms-but-no-visit"], "currency": CURRENCY[ladder.law]}
    ahead = [
        stage for stage in ladder.stages if stage.id not in ("closed", "court", "judgment", "enforcement", "current")
    ]

    for stage, language in product(ahead, LANGUAGES):
        about = occasion(law=ladder.law, next_stage=Step(stage.name, STEP.on))
        words = words_for(template_set(ladder.law), about, position, HOUSE, language, CODE)
        assert check_words(words, about, position, HOUSE) == (), (stage.id, language)


def test_a_push_message_and_a_voicemail_say_nothing_of_a_debt():
    quiet = [one for one in template_set("cn").templates if one.channel == "push" or "voicemail" in one.actions]
    texts = [text for one in quiet for text in one.texts.values()]

    assert len(texts) == 6
    for text in texts:
        assert text.slots <= {"lender", "code", "customer", "phone"}
        assert not re.search("贷款|逾期|欠|还款|loan|debt|due|pay", " ".join(text.paragraphs))


@pytest.mark.parametrize(("law", "word"), [("cn", "退订回T"), ("us", "退订请回复STOP"), ("uk", "退订请回复STOP")])
def test_every_text_message_says_how_to_stop(law, word):
    texts = [one.words for one in previews(template_set(law), HOUSE, ON) if one.channel == "sms"]

    assert texts
    assert all((word if words.language == "zh-CN" else "opt out") in words.text for words in texts)


def test_an_agency_in_the_united_states_says_that_it_is_a_debt_collector_and_for_whom():
    templates = template_set("us")
    position = {**positions()["sms-but-no-visit"], "currency": "USD"}

    for channel in ("sms", "email", "letter", "portal", "call", "voicebot"):
        about = occasion(channel, channel, "us", "phone", binds="agency", next_stage=STEP)
        text = words_for(templates, about, position, HOUSE, "en", CODE).text
        assert "debt collector" in text and "Sample Bank" in text, channel


OF_THE_LAW = [
    ("cn", "致电4008001234投诉", "complain to us on 4008001234"),
    ("uk", "MoneyHelper（moneyhelper.org.uk）", "Free, independent debt advice: MoneyHelper (moneyhelper.org.uk)"),
    ("in", "和催收人员的姓名", "the names of those who contact you on our behalf"),
    ("au", "可以口头或书面向我们提出纾困申请", "you may give us a hardship notice, in writing or by word of mouth"),
    ("us", "如您认为这笔欠款不是您的", "If you think this debt is not yours"),
]


@pytest.mark.parametrize(("law", "zh", "en"), OF_THE_LAW, ids=[law for law, _, _ in OF_THE_LAW])
def test_mails_and_letters_say_what_their_country_has_to_offer(law, zh, en):
    texts = {
        (one.channel, one.words.language): one.words.text
        for one in previews(template_set(law), replace(HOUSE, creditor={}), ON)
        if one.words.template in ("email", "letter", "portal")
    }

    assert len(texts) == 6
    assert all((zh if language == "zh-CN" else en) in text for (_, language), text in texts.items())


HOUSE_FILE = """law: cn
version: 2026-11-24
parts:
  greeting: {zh-CN: "【{lender}】您好，", en: "{lender}: "}
templates:
  - id: house-sms
    actions: [sms]
    channel: sms
    about: past_due
    zh-CN: {text: ["{greeting}您{account}的贷款逾期{past_due}。核验码{code}，请至{verify_at}核验。退订回T"]}
    en: {text: ["{greeting}your loan {account} is past due, {past_due}. Code {code}, verify at {verify_at}. Reply T to opt out."]}
"""


def test_a_house_brings_its_own_template_and_it_comes_first(tmp_path):
    file = tmp_path / "ours.yaml"
    file.write_text(HOUSE_FILE, "utf-8")

    templates = template_set("cn", file)

    assert templates.find("sms", "sms", "visit", "past_due").id == "house-sms"
    assert templates.find("sms", "email", "visit", "past_due").id == "email"
    assert template_set("us", file).find("sms", "sms", "phone", "past_due").id == "us-sms"
    check_set(templates, HOUSE, ON)


FAULTS = [
    ("{account}", "{acount}", "names a slot that there is not (here: {acount})", 10),
    ("{past_due}。", "{past_due。", "has a brace that belongs to no slot", 10),
    ("核验码{code}", "核验码", "does not name {code}", 10),
    ("channel: sms", "channel: fax", "is not one of", 8),
    ("about: past_due", "about: money", "is not one of past_due, next_due", 9),
    ("  greeting:", "  lender:", "has the name of a slot", 4),
    ("    actions: [sms]", "    actions: [sms]\n    clauses: [UK-CONC-TIME]", "is none of the law cn", 8),
    ("law: cn", "law: xx", "is no law", 1),
    ("law: cn", "clauses: {sms: []}", "is not for a file of the house", 1),
    ("    actions: [sms]", "    colour: red", "is not known", 7),
    (', en: "{lender}: "}', "}", "which has no text in en", 11),
    ('zh-CN: {text: ["', 'zh-CN: {subject: "x", text: ["', "belongs to", 10),
]


@pytest.mark.parametrize(("old", "new", "what", "line"), FAULTS, ids=[fault[2] + fault[1] for fault in FAULTS])
def test_a_fault_of_a_house_file_is_told_with_its_line(tmp_path, old, new, what, line):
    file = tmp_path / "ours.yaml"
    file.write_text(HOUSE_FILE.replace(old, new, 1), "utf-8")

    with pytest.raises(Refusal) as refused:
        template_set("cn", file)

    assert any(what in str(finding) and finding.line == line for finding in refused.value.findings), str(refused.value)


def test_a_threat_in_a_house_file_is_refused_before_it_is_used(tmp_path):
    file = tmp_path / "ours.yaml"
    file.write_text(HOUSE_FILE.replace("。核验码", "，再不还款我们上门收拾你。核验码"), "utf-8")

    with pytest.raises(Refusal, match="CN-TXT-ACT-3"):
        check_set(template_set("cn", file), HOUSE, ON)


def test_a_template_that_grows_too_long_is_refused(tmp_path):
    file = tmp_path / "ours.yaml"
    file.write_text(HOUSE_FILE.replace("    actions: [sms]", "    actions: [sms]\n    parts_at_most: 1"), "utf-8")

    with pytest.raises(Refusal, match="takes 2 parts"):
        check_set(template_set("cn", file), HOUSE, ON)


def test_a_law_without_templates_has_no_words():
    with pytest.raises(Refusal, match="there are no templates for this law"):
        template_set("none")
