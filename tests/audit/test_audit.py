"""A contact log held against clauses: what is found, what is not, and what a log cannot show."""

import json
from pathlib import Path

import polars as pl
import pytest

from arrears.audit import LogMapping, audit, load_log_mapping
from arrears.errors import Refusal

HOUSE = Path(__file__).parent / "house.yaml"
#: No pack but the house rules of this folder; the clock in Shanghai.
PLAIN = LogMapping(constants={"law": "none", "zone": "Asia/Shanghai"})
HEAD = "account_id,event_id,person_id,role,at,kind,channel,direction,outcome,number,purpose,hours,until"


def rows(*lines):
    """Log lines, shortened: account, person, instant in Shanghai, what (a channel with outcome and direction, or another kind)."""
    made = []
    for index, (account, person, at, what, *more) in enumerate(lines):
        role = "third_party" if person.startswith("T") else "borrower"
        extra = dict(pair.split("=") for pair in more)
        if " " in what:
            channel, outcome = what.split(" ")
            direction = extra.get("direction", "out")
            cells = ["contact", channel, direction, outcome]
        else:
            cells = [what, extra.get("channel", ""), "", ""]
        made.append(",".join([account, extra.get("event", f"E{index}"), person, role, f"{at}+08:00", *cells, extra.get("number", ""),
                              extra.get("purpose", ""), extra.get("hours", ""), extra.get("until", "")]))  # fmt: skip
    return "\n".join([HEAD, *made]) + "\n"


def found(tmp_path, *lines):
    log = tmp_path / "log.csv"
    log.write_text(rows(*lines), "utf-8")
    return sorted((violation.line, violation.clause) for violation in audit(log, PLAIN, house=[HOUSE]).violations)


CASES = {
    "the last second of the day's window is open, the next is not": (
        [("A", "P", "2026-03-02T21:59:59", "call no_answer"), ("A", "P", "2026-03-02T22:00:00", "sms sent"),
         ("A", "P", "2026-03-03T07:59:59", "sms sent"), ("A", "P", "2026-03-03T08:00:00", "sms sent")],
        [(3, "H-HRS"), (4, "H-HRS")]),
    "a third attempt within seven calendar days is one too many, on the eighth day there is room": (
        [("A", "P", "2026-03-02T09:00:00", "call no_answer"), ("A", "P", "2026-03-03T09:00:00", "call voicemail"),
         ("A", "P", "2026-03-08T21:00:00", "call no_answer"), ("A", "P", "2026-03-09T09:00:00", "call no_answer")],
        [(4, "H-CAP"), (5, "H-CAP")]),
    "the first day has gone from the window": (
        [("A", "P", "2026-03-02T09:00:00", "call no_answer"), ("A", "P", "2026-03-03T09:00:00", "call no_answer"),
         ("A", "P", "2026-03-09T08:00:00", "call no_answer")],
        []),
    "busy and not in service are no attempts": (
        [("A", "P", "2026-03-02T09:00:00", "call busy"), ("A", "P", "2026-03-03T09:00:00", "call not_in_service"),
         ("A", "P", "2026-03-04T09:00:00", "call no_answer"), ("A", "P", "2026-03-05T09:00:00", "call no_answer")],
        []),
    "a call about two debts counts for each of them, once": (
        [("A", "P", "2026-03-02T09:00:00", "call no_answer", "event=X"), ("B", "P", "2026-03-02T09:00:00", "call no_answer", "event=X"),
         ("A", "P", "2026-03-03T09:00:00", "call no_answer"), ("B", "P", "2026-03-04T09:00:00", "call no_answer"),
         ("B", "P", "2026-03-05T09:00:00", "call no_answer")],
        [(6, "H-CAP")]),
    "an inbound call adds nothing to the count": (
        [("A", "P", "2026-03-02T09:00:00", "call no_answer", "direction=in"), ("A", "P", "2026-03-03T09:00:00", "call no_answer"),
         ("A", "P", "2026-03-04T09:00:00", "call no_answer")],
        []),
    "a conversation is day one of seven, whoever called": (
        [("A", "P", "2026-03-02T09:00:00", "call conversation", "direction=in"), ("A", "P", "2026-03-08T21:00:00", "call no_answer"),
         ("A", "P", "2026-03-09T08:00:00", "call no_answer")],
        [(3, "H-WAIT")]),
    "who writes at night may be answered once, in the same medium": (
        [("A", "P", "2026-03-02T23:00:00", "sms delivered", "direction=in"), ("A", "P", "2026-03-02T23:05:00", "sms sent"),
         ("A", "P", "2026-03-02T23:06:00", "sms sent"), ("B", "P2", "2026-03-02T23:00:00", "sms delivered", "direction=in"),
         ("B", "P2", "2026-03-02T23:05:00", "call no_answer")],
        [(4, "H-HRS"), (6, "H-HRS")]),
    "yesterday evening's message is not answered tonight": (
        [("A", "P", "2026-03-02T23:00:00", "sms delivered", "direction=in"), ("A", "P", "2026-03-03T22:30:00", "sms sent")],
        [(3, "H-HRS")]),
    "consent opens the hours that it names until it is withdrawn": (
        [("A", "P", "2026-03-02T12:00:00", "consent", "channel=call", "hours=22:00-23:00"), ("A", "P", "2026-03-02T22:30:00", "call no_answer"),
         ("A", "P", "2026-03-02T23:00:00", "call no_answer"), ("A", "P", "2026-03-03T12:00:00", "opt_out", "channel=call"),
         ("A", "P", "2026-03-03T22:30:00", "call busy")],
        [(4, "H-HRS"), (6, "H-HRS")]),
    "contacts under a consent of at most seven days are not counted; a conversation ends it": (
        [("A", "P", "2026-03-02T08:00:00", "consent", "channel=call"), *[("A", "P", f"2026-03-0{day}T09:00:00", "call no_answer") for day in (2, 3, 4, 5)],
         ("A", "P", "2026-03-09T09:00:00", "call no_answer"), ("A", "P", "2026-03-10T09:00:00", "call no_answer"),
         ("A", "P", "2026-03-11T09:00:00", "call no_answer")],
        [(9, "H-CAP")]),
    "a dispute stops until it is closed": (
        [("A", "P", "2026-03-02T09:00:00", "dispute_opened"), ("A", "P", "2026-03-03T09:00:00", "sms sent"),
         ("A", "P", "2026-03-04T09:00:00", "dispute_closed"), ("A", "P", "2026-03-05T09:00:00", "sms sent")],
        [(3, "H-DIS")]),
    "a third person is asked once where the debtor is, and not for the money": (
        [("A", "T1", "2026-03-02T09:00:00", "call conversation", "purpose=location_information"),
         ("A", "T1", "2026-03-22T09:00:00", "call no_answer", "purpose=location_information"), ("A", "T2", "2026-03-02T10:00:00", "call no_answer")],
        [(4, "H-TP"), (3, "H-TP")]),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_a_log_shows_broken(tmp_path, case):
    lines, expected = CASES[case]

    assert found(tmp_path, *lines) == sorted(expected)


def test_a_clause_that_a_log_cannot_show_is_named_with_the_reason(tmp_path):
    log = tmp_path / "log.csv"
    log.write_text(rows(("A", "P", "2026-03-02T09:00:00", "sms sent")), "utf-8")

    result = audit(log, PLAIN, house=[HOUSE])

    assert result.not_shown == {"H-PHONE": "needs usable_phone, which a log of contacts does not hold"}


def test_anyones_log_by_a_mapping_in_gb18030_with_its_own_words_and_clock(tmp_path):
    log, mapping = tmp_path / "外呼记录.csv", tmp_path / "mapping.yaml"
    log.write_bytes(
        "合同号,拨打时间,方式,结果\nA1,2026/3/2 21:59,电话,未接\nA1,2026/3/2 22:00,电话,未接\n".encode("gb18030")
    )
    mapping.write_text(
        "encoding: gb18030\ncolumns: {account_id: 合同号, at: 拨打时间, channel: 方式, outcome: 结果}\n"
        "constants: {law: none, zone: Asia/Shanghai, binds: agency}\nvalues: {channel: {电话: call}, outcome: {未接: no_answer}}\n"
        'at: {form: "%Y/%m/%d %H:%M", zone: Asia/Shanghai}\n',
        "utf-8",
    )

    result = audit(log, load_log_mapping(mapping), house=[HOUSE])

    assert [(violation.line, violation.clause) for violation in result.violations] == [(3, "H-HRS")]


FAULTS = {
    "log.csv:2: at: is not an instant (here: gestern)": "account_id,at,channel,law\nA,gestern,call,cn\n",
    "log.csv:2: channel: is not known (here: pigeon)": "account_id,at,channel,law\nA,2026-03-02T09:00:00+08:00,pigeon,cn\n",
    "log.csv:3: account_id: is missing": "account_id,at,channel,law\nA,2026-03-02T09:00:00+08:00,call,cn\n,2026-03-02T09:00:00+08:00,call,cn\n",
    "log.csv:2: law: is missing": "account_id,at,channel\nA,2026-03-02T09:00:00+08:00,call\n",
}


@pytest.mark.parametrize("what", FAULTS)
def test_a_log_that_cannot_be_read_is_refused_whole_with_row_and_column(tmp_path, what):
    log = tmp_path / "log.csv"
    log.write_text(FAULTS[what], "utf-8")

    with pytest.raises(Refusal) as refusal:
        audit(log, LogMapping(), house=[HOUSE])

    assert what in str(refusal.value).replace(str(tmp_path) + "/", "")


def test_a_mapping_with_an_unknown_word_names_its_line(tmp_path):
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("columns: {account_id: a}\nvalues:\n  channel: {电话: phone}\n", "utf-8")

    with pytest.raises(Refusal, match=r"mapping.yaml:3: values.channel.电话: is not known \(here: phone\)"):
        load_log_mapping(mapping)


def test_the_command_says_what_was_broken_and_ends_with_one(arrears, tmp_path):
    log = tmp_path / "log.csv"
    log.write_text(rows(("=A", "P", "2026-03-03T06:00:00", "sms sent")), "utf-8")  # 22:00 in UTC

    done = arrears("audit", log, "--house", HOUSE, "--law", "none", "--json", "--report", "found.csv")

    answer = json.loads(done.stdout)
    assert done.returncode == 1
    assert answer["counts"] == [
        {"id": "H-HRS", "violations": 1, "text": "no contact at night", "source": "house rules 1", "force": "house"}
    ]
    assert "'=A" in (tmp_path / "found.csv").read_text("utf-8-sig")


def test_a_log_without_a_violation_ends_with_nought(arrears, tmp_path):
    log = tmp_path / "log.csv"
    log.write_text(rows(("A", "P", "2026-03-02T21:00:00", "sms sent")), "utf-8")

    assert arrears("audit", log, "--house", HOUSE, "--law", "none").returncode == 0


def test_a_book_of_ours_is_a_log_too(book):
    """Some people of the made book have died, and were called all the same: those contacts, and no others, are found."""
    events = pl.concat([book.read(part, "events") for part in range(book.parts)])
    died = events.filter(pl.col("kind") == "deceased").select("account_id", died="at")
    late = events.filter((pl.col("kind") == "contact") & (pl.col("direction") == "out")).join(died, on="account_id").filter(pl.col("at") > pl.col("died"))  # fmt: skip

    found = audit(book.path, LogMapping())

    assert {violation.event_id for violation in found.violations} == set(late["event_id"]) and late.height
    assert set(found.counts()) == {"CN-EST-1"}
