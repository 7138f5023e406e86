"""Files of payments: what stands in them becomes entries, and what cannot be read is named with its line."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from arrears.errors import Refusal
from arrears.facts.mapping import load_mapping
from arrears.payments import read_payments

STATEMENT = Path(__file__).with_name("camt_053.xml")


@pytest.fixture
def statement(tmp_path):
    """The statement of the tests with some of its text changed."""

    def changed(*changes, name="statement.xml", encoding="utf-8"):
        text = STATEMENT.read_text("utf-8")
        for before, after in changes:
            assert before in text
            text = text.replace(before, after, 1)
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return changed


def by_amount(read):
    return {entry.amount: entry for entry in read.entries}


def test_a_booked_credit_is_a_payment_on_its_value_date():
    read = read_payments(STATEMENT)

    entry = by_amount(read)[15050]

    assert (entry.kind, entry.currency, entry.on, entry.at) == ("payment", "EUR", date(2026, 11, 18), None)
    assert entry.references == ("Rate November, LN-000123 danke",)
    assert entry.payer == "Erika Muster"


def test_a_batch_is_read_one_by_one_with_the_instant_of_its_booking():
    read = read_payments(STATEMENT)

    first, second = by_amount(read)[10000], by_amount(read)[20000]

    assert first.at == second.at == datetime(2026, 11, 20, 4, 30, tzinfo=UTC)
    assert first.references == ("RF18 5390 0754 7034",)
    assert first.entry_id != second.entry_id


def test_what_is_taken_back_is_a_reversal_and_what_is_pending_is_only_counted():
    read = read_payments(STATEMENT)

    found = by_amount(read)

    assert (found[8000].kind, found[790].kind, read.pending) == ("reversal", "other", 1)
    assert 9900 not in found


def test_the_same_booking_has_the_same_id_in_a_notification_and_in_the_statement(statement):
    notified = statement(("BkToCstmrStmt>", "BkToCstmrDbtCdtNtfctn>"), ("<Stmt>", "<Ntfctn>"), ("</Stmt>", "</Ntfctn>"),
                         ("</BkToCstmrStmt>", "</BkToCstmrDbtCdtNtfctn>"), ("camt.053.001.08", "camt.054.001.08"),
                         ("STMT-2026-11-19", "NTF-7"))  # fmt: skip

    first, second = read_payments(STATEMENT), read_payments(notified)

    assert [entry.entry_id for entry in first.entries] == [entry.entry_id for entry in second.entries]


def test_no_account_number_stands_in_an_id():
    assert not any("DE02" in entry.entry_id for entry in read_payments(STATEMENT).entries)


@pytest.mark.parametrize(
    ("change", "field", "what"),
    [
        (('<Amt Ccy="EUR">200.00', '<Amt Ccy="EUR">201.00'), "Amt", "add up to 301.00"),
        (('<Amt Ccy="EUR">150.50', '<Amt Ccy="EUR">150.505'), "Amt", "has 3 decimals"),
        (('<Amt Ccy="EUR">150.50', '<Amt Ccy="XXZ">150.50'), "Amt/@Ccy", "no currency"),
        (('<Amt Ccy="EUR">150.50', '<Amt Ccy="EUR">-150.50'), "Amt", "is negative"),
        (("<ValDt><Dt>2026-11-18", "<ValDt><Dt>2026-11-31"), "ValDt", "is no date"),
        (("<CdtDbtInd>CRDT", "<CdtDbtInd>CREDIT"), "CdtDbtInd", "neither CRDT nor DBIT"),
    ],
)
def test_a_fault_names_its_line_and_field(statement, change, field, what):
    read = read_payments(statement(change))

    (fault,) = read.faults

    assert fault.field == field and what in fault.what
    assert fault.line is not None and fault.line > 5


def test_zeros_beyond_the_decimals_of_a_currency_are_no_fault(statement):
    read = read_payments(statement(('<Amt Ccy="EUR">150.50', '<Amt Ccy="EUR">150.50000')))

    assert 15050 in by_amount(read) and not read.faults


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "document type"),
        (b"<Document><open></Document>", "not well-formed"),
        (b"<Document/>", "no camt.053"),
        (b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"/>', "no statement"),
        (b"<a>" * 100 + b"</a>" * 100, "nested more than"),
    ],
)
def test_xml_that_is_no_statement_is_refused(tmp_path, content, what):
    (tmp_path / "x.xml").write_bytes(content)

    with pytest.raises(Refusal, match=what):
        read_payments(tmp_path / "x.xml")


LIST = (
    "payment_id,on,amount,currency,reference\nP1,2026-11-19,120.00,CNY,LN-000123\nP2,2026-11-19T08:00:00+08:00,5,CNY,\n"
)


def test_a_list_gives_days_and_instants(tmp_path):
    (tmp_path / "list.csv").write_text(LIST, "utf-8")

    first, second = read_payments(tmp_path / "list.csv").entries

    assert (first.entry_id, first.amount, first.on, first.at) == ("csv-P1", 12000, date(2026, 11, 19), None)
    assert (second.at, second.references) == (datetime(2026, 11, 19, tzinfo=UTC), ())


def test_a_list_of_a_chinese_bank_is_read_through_a_mapping(tmp_path):
    (tmp_path / "流水.csv").write_bytes(
        '流水号,交易日期,金额,附言\n88001,2026/11/19,"1,234.50",还款 LN-000123\n'.encode("gb18030")
    )
    (tmp_path / "mapping.yaml").write_text(
        'encoding: gb18030\namounts: thousands\ndates: ["%Y/%m/%d"]\ntables:\n  payments:\n    columns: {payment_id: 流水号, on: 交易日期,'
        " amount: 金额, reference: 附言}\n    constants: {currency: CNY}\n",
        "utf-8",
    )

    (entry,) = read_payments(tmp_path / "流水.csv", load_mapping(tmp_path / "mapping.yaml")).entries

    assert (entry.amount, entry.on, entry.references) == (123450, date(2026, 11, 19), ("还款 LN-000123",))


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (",2026-11-19,1,CNY,x", "payment_id"),
        ("P1,19.11.2026,1,CNY,x", "on"),
        ("P1,2026-11-19T08:00:00,1,CNY,x", "on"),
        ("P1,2026-11-19,1.234,CNY,x", "amount"),
        ("P1,2026-11-19,-1,CNY,x", "amount"),
        ("P1,2026-11-19,1,RMB,x", "currency"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(tmp_path, row, field):
    (tmp_path / "list.csv").write_text("payment_id,on,amount,currency,reference\n" + row + "\n", "utf-8")

    read = read_payments(tmp_path / "list.csv")

    assert [(fault.line, fault.field) for fault in read.faults] == [(2, field)]
    assert read.entries == ()
