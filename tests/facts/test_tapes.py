"""`arrears check`: every fault of a tape is one finding that says where it stands and what stands there."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from arrears.errors import Refusal
from arrears.facts.door import check_tape
from arrears.facts.mapping import TapeMapping, load_mapping
from tests.facts.tapes import ACCOUNTS, EVENTS, INSTALMENTS, PEOPLE, write_tape

#: What is put into the tape (file, what stood there, what stands there now; nothing stood there: a row at the end),
#: and the finding: file and line, field, code, and what is told of it.
FAULTS = {
    "an account id that stands twice": (
        "accounts", "", "L1,small,cn,CNY,2000.00,2026-07-01\n", "accounts.csv:6", "account_id", "duplicate", "stands twice (here: L1)"),
    "an event id that stands twice": (
        "events", "", "E1,L1,2026-08-09,2026-08-09,payment,,,,1.00,,\n", "events.csv:6", "event_id", "duplicate", "stands twice (here: E1)"),
    "an instalment number that stands twice": (
        "instalments", "L2,2,2026-09-01,1000.00,10.00", "L2,2,2026-09-01,1000.00,10.00\nL2,2,2026-10-01,0.00,0.00", "instalments.csv:6",
        "number", "duplicate", "stands twice (here: 2)"),
    "two instalments on one due date": (
        "instalments", "L2,2,2026-09-01", "L2,2,2026-08-01", "instalments.csv:5", "due_on", "repeated_due_date", "(here: 2026-08-01)"),
    "a payment before the loan": (
        "events", "", "E9,L1,2026-06-30,2026-06-30,payment,,,,1.00,,\n", "events.csv:6", "at", "before_loan", "(here: 2026-06-30)"),
    "an instalment due before the loan": (
        "instalments", "L2,1,2026-08-01", "L2,1,2026-06-30", "instalments.csv:4", "due_on", "due_before_loan", "(here: 2026-06-30)"),
    "a payment on an account that nobody knows": (
        "events", "", "E9,L9,2026-08-09,2026-08-09,payment,,,,1.00,,\n", "events.csv:6", "account_id", "unknown_account", "(here: L9)"),
    "an instalment of an account that nobody knows": (
        "instalments", "", "L9,1,2026-08-01,1.00,0.00\n", "instalments.csv:8", "account_id", "unknown_account", "(here: L9)"),
    "a person of an account that nobody knows": (
        "people", "", "L9,P9,borrower,王五,zh-CN,Asia/Shanghai,+8613800000009\n", "people.csv:4", "account_id", "unknown_account", "(here: L9)"),
    "a negative payment": (
        "events", "500.00", "-500.00", "events.csv:2", "amount", "negative", "is negative (here: -500.00)"),
    "a negative principal": (
        "accounts", "L2,small,cn,CNY,2000.00", "L2,small,cn,CNY,-2000.00", "accounts.csv:3", "principal", "negative", "(here: -2000.00)"),
    "negative interest": (
        "instalments", "L2,1,2026-08-01,1000.00,20.00", "L2,1,2026-08-01,1000.00,-0.01", "instalments.csv:4", "interest", "negative", "(here: -0.01)"),
    "a schedule one cent short of the principal": (
        "instalments", "L2,2,2026-09-01,1000.00", "L2,2,2026-09-01,999.99", "accounts.csv:3", "principal", "schedule_sum",
        "is not the sum of the instalments, 1999.99 (here: 2000.00)"),
    "a day no calendar has": (
        "instalments", "L2,2,2026-09-01", "L2,2,2026-02-30", "instalments.csv:5", "due_on", "date", "(here: 2026-02-30)"),
    "a month no year has": (
        "events", "E1,L1,2026-08-05", "E1,L1,2026-13-05", "events.csv:2", "at", "date", "(here: 2026-13-05)"),
    "a year that is a slip": (
        "accounts", "L2,small,cn,CNY,2000.00,2026-07-01", "L2,small,cn,CNY,2000.00,0026-07-01", "accounts.csv:3", "opened_on", "date", "(here: 0026-07-01)"),
    "a date in a form that is not declared": (
        "accounts", "L2,small,cn,CNY,2000.00,2026-07-01", "L2,small,cn,CNY,2000.00,2026/07/01", "accounts.csv:3", "opened_on", "date", "declare `dates:`"),
    "known on a day before it happened": (
        "events", "2026-08-05,2026-08-05", "2026-08-05,2026-08-04", "events.csv:2", "recorded_at", "dates", "nobody knew it then (here: 2026-08-04)"),
    "yen with sen": (
        "instalments", "Y1,1,2026-08-01,2000,20", "Y1,1,2026-08-01,2000,20.5", "instalments.csv:6", "interest", "decimals",
        "has more decimals than JPY has (0), or is too large (here: 20.5)"),
    "yen with decimals that are zero": (
        "instalments", "Y1,1,2026-08-01,2000,20", "Y1,1,2026-08-01,2000,20.00", "instalments.csv:6", "interest", "decimals", "(here: 20.00)"),
    "dinars with a fourth decimal": (
        "instalments", "2000.125,20.125", "2000.125,20.1255", "instalments.csv:7", "interest", "decimals", "than KWD has (3)"),
    "yuan with a third decimal": (
        "events", "500.00", "500.001", "events.csv:2", "amount", "decimals", "than CNY has (2)"),
    "thousands that are not declared": (
        "accounts", "L2,small,cn,CNY,2000.00", 'L2,small,cn,CNY,"2,000.00"', "accounts.csv:3", "principal", "amount", "(here: 2,000.00); declare"),
    "an exponent that is not declared": (
        "events", "500.00", "5.00E+02", "events.csv:2", "amount", "amount", "(here: 5.00E+02)"),
    "digits of another script": (
        "events", "500.00", "５００.００", "events.csv:2", "amount", "amount", "(here: ５００.００)"),
    "an amount beyond all bounds": (
        "events", "500.00", "100000000000.01", "events.csv:2", "amount", "decimals", "or is too large"),
    "a currency that nobody knows": (
        "accounts", "L2,small,cn,CNY", "L2,small,cn,RMB", "accounts.csv:3", "currency", "currency", "(here: RMB)"),
    "a law that nobody knows": (
        "accounts", "L2,small,cn", "L2,small,prc", "accounts.csv:3", "law", "law", "(here: prc); cn, us, uk, in, au or none"),
    "a kind of event that nobody knows": (
        "events", "contact,call", "contct,call", "events.csv:4", "kind", "unknown_value", "(here: contct)"),
    "a time zone that nobody knows": (
        "people", "Asia/Urumqi", "Asia/Beijing", "people.csv:3", "time_zone", "zone", "(here: Asia/Beijing)"),
    "a person who stands twice": (
        "people", "L2,P2", "L1,P1", "people.csv:3", "person_id", "duplicate", "stands twice (here: masked, 2 characters)"),
    "a cell that is empty and must not be": (
        "accounts", "L2,small,cn,CNY,2000.00", "L2,small,cn,CNY,", "accounts.csv:3", "principal", "missing", "is missing"),
    "a payment without an amount": (
        "events", "500.00", "", "events.csv:2", "amount", "missing", "events of this kind have an amount"),
    "a contact without a channel": (
        "events", "contact,call", "contact,", "events.csv:4", "channel", "missing", "a contact has a channel"),
    "a promise that does not say by when": (
        "events", '"{""by"": ""2026-08-20""}"', "", "events.csv:5", "data", "missing", "a promise says by when"),
    "a promise by a day that is none": (
        "events", "2026-08-20", "2026-08-32", "events.csv:5", "data", "data", "a date that is none"),
    "data that is no JSON object": (
        "events", '"{""by"": ""2026-08-20""}"', '"[1, 2]"', "events.csv:5", "data", "data", "is not a JSON object"),
    "a plan with an amount that is text": (
        "events", "", 'E9,L1,2026-08-09,2026-08-09,plan,,,,,,"{""instalments"": [{""due_on"": ""2026-10-01"", ""principal"": ""ten""}]}"\n',
        "events.csv:6", "data", "data", "an amount that is no whole number"),
    "a waiver of nothing that is known": (
        "events", "", 'E9,L1,2026-08-09,2026-08-09,waiver,,,,1.00,,"{""category"": ""rent""}"\n', "events.csv:6", "data", "data", "names no category"),
    "a reversal of a payment that is not there": (
        "events", ",E1,\nE3", ",E7,\nE3", "events.csv:3", "ref", "unknown_payment", "(here: E7)"),
    "a row with a cell too many": (
        "people", "张三丰", "张三,丰", "people.csv:2", "", "cells", "has 8 cells, the header has 7"),
    "a row with a cell too few": (
        "people", "L2,P2,", "L2,", "people.csv:3", "", "cells", "has 6 cells, the header has 7"),
}  # fmt: skip


@pytest.mark.parametrize("title", FAULTS)
def test_a_fault_is_one_finding_with_its_place_and_what_stands_there(title: str, tmp_path: Path) -> None:
    file, old, new, place, field, code, told = FAULTS[title]
    paths = write_tape(tmp_path, {file: (old, new)})

    (finding,) = check_tape(paths, TapeMapping()).report.first()

    assert f"{Path(finding.file).name}:{finding.line}" == place
    assert (finding.field, finding.code) == (field, code)
    assert told in str(finding)


def test_a_tape_without_faults_has_none(tmp_path: Path) -> None:
    tape = check_tape(write_tape(tmp_path), TapeMapping())

    assert tape.report.clean
    assert tape.report.rows == {"accounts": 4, "instalments": 6, "people": 2, "events": 4}
    assert tape.tables["accounts"]["principal"].to_list() == [200_000, 200_000, 2000, 2_000_125]


def test_each_of_three_faults_is_found_at_once(tmp_path: Path) -> None:
    paths = write_tape(
        tmp_path,
        {"accounts": ("L2,small,cn", "L2,small,xx"), "events": ("500.00", "-5"), "people": ("Asia/Urumqi", "Mars")},
    )

    report = check_tape(paths, TapeMapping()).report

    assert report.counts() == {"law": 1, "negative": 1, "zone": 1}


# --- forms that a mapping declares ------------------------------------------------------------------------


def mapped(folder: Path, text: str) -> TapeMapping:
    (folder / "mapping.yaml").write_text(text, "utf-8")
    return load_mapping(folder / "mapping.yaml")


#: A declaration, a way of writing it allows, and one that it still refuses (file, what stood there, what stands there now).
DECLARED = {
    "amounts: thousands": (("accounts", "L2,small,cn,CNY,2000.00", 'L2,small,cn,CNY,"2,000.00"'), '"2,00,0.00"'),
    "amounts: scientific": (("accounts", "L2,small,cn,CNY,2000.00", "L2,small,cn,CNY,2.00E+03"), "2.00E+3.5"),
    'dates: ["%Y-%m-%d", "%d.%m.%Y"]': (("instalments", "L2,2,2026-09-01", "L2,2,01.09.2026"), "01/09/2026"),
    'dates: ["%Y-%m-%d", "%Y年%m月%d日"]': (("instalments", "L2,2,2026-09-01", "L2,2,2026年09月01日"), "2026年9月"),
    'instants: ["%Y-%m-%dT%H:%M:%S%.f%:z", "%Y/%m/%d %H:%M"]': (("events", "E1,L1,2026-08-05", "E1,L1,2026/08/05 23:30"), "2026/08/05 25:30"),
}  # fmt: skip


@pytest.mark.parametrize("declaration", DECLARED)
def test_another_way_of_writing_is_read_only_as_the_mapping_declares_it(declaration: str, tmp_path: Path) -> None:
    (file, old, new), wrong = DECLARED[declaration]
    paths = write_tape(tmp_path, {file: (old, new)})
    spoilt = tmp_path / "spoilt"
    spoilt.mkdir()

    assert check_tape(paths, mapped(tmp_path, declaration)).report.clean
    assert not check_tape(paths, TapeMapping()).report.clean
    spoilt_paths = write_tape(spoilt, {file: (old, old.rpartition(",")[0] + "," + wrong)})
    assert not check_tape(spoilt_paths, mapped(tmp_path, declaration)).report.clean


def test_a_local_time_is_of_the_accounts_own_business_zone(tmp_path: Path) -> None:
    paths = write_tape(tmp_path, {"events": ("E1,L1,2026-08-05,2026-08-05", "E1,L1,2026-08-05 23:30,2026-08-05 23:30")})
    accounts = ACCOUNTS.replace("opened_on\n", "opened_on,time_zone\n").replace("07-01\n", "07-01,\n")
    paths[0].write_text(
        accounts.replace("L1,small,cn,CNY,2000.00,2026-07-01,", "L1,small,cn,CNY,2000.00,2026-07-01,Pacific/Auckland"),
        "utf-8",
    )

    tape = check_tape(paths, mapped(tmp_path, 'instants: ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S%.f%:z"]'))

    assert tape.report.clean
    assert tape.tables["events"].filter(pl.col("event_id") == "E1")["at"][0].isoformat() == "2026-08-05T11:30:00+00:00"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_names_come_through_in_every_declared_encoding(encoding: str, tmp_path: Path) -> None:
    paths = write_tape(tmp_path, encoding=encoding)
    mapping = mapped(tmp_path, "encoding: gb18030" if encoding == "gb18030" else "encoding: utf-8")

    tape = check_tape(paths, mapping)

    assert tape.report.clean
    assert tape.tables["people"]["name"].to_list() == ["张三丰", "李四光"]


def test_bytes_of_another_encoding_are_refused_with_their_line(tmp_path: Path) -> None:
    paths = write_tape(tmp_path, encoding="gb18030")

    with pytest.raises(Refusal, match=r"people\.csv:2: is not utf-8 .* declare `encoding:`"):
        check_tape(paths, TapeMapping())


def test_quoted_cells_may_hold_delimiters_quotes_and_lines_and_the_lines_are_still_counted_right(
    tmp_path: Path,
) -> None:
    paths = write_tape(tmp_path, {"people": ("张三丰", '"张三, ""丰""\n之子"')})
    paths[2].write_text(paths[2].read_text("utf-8") + "L9,P3,borrower,王五,zh-CN,Asia/Shanghai,\n", "utf-8")

    tape = check_tape(paths, TapeMapping())

    assert tape.tables["people"]["name"][0] == '张三, "丰"\n之子'
    assert [finding.line for finding in tape.report.first()] == [5]


def test_blank_lines_and_windows_line_ends_change_nothing(tmp_path: Path) -> None:
    paths = write_tape(tmp_path, {"events": ("E2,", "\nE2,")})
    paths[0].write_bytes(ACCOUNTS.replace("\n", "\r\n").encode() + b"\r\n")

    tape = check_tape(paths, TapeMapping())

    assert tape.report.clean and tape.report.rows["events"] == 4 and tape.report.rows["accounts"] == 4


#: What makes a whole file unreadable: its bytes, and what is said.
UNREADABLE = {
    "empty": (b"", r"accounts\.csv:1: is empty"),
    "a name twice in the header": (b"account_id,law,law\nL1,cn,cn\n", r"accounts\.csv:1: law: names two columns"),
    "a quote that never closes": (
        ACCOUNTS.encode() + b'L3,"small,cn\n',
        r"accounts\.csv:6: has a quote that is not closed",
    ),
}


@pytest.mark.parametrize("title", UNREADABLE)
def test_a_file_that_cannot_be_read_as_rows_is_refused(title: str, tmp_path: Path) -> None:
    content, told = UNREADABLE[title]
    paths = write_tape(tmp_path)
    paths[0].write_bytes(content)

    with pytest.raises(Refusal, match=told):
        check_tape(paths, TapeMapping())


def test_a_missing_column_is_the_only_fault_told(tmp_path: Path) -> None:
    paths = write_tape(tmp_path)
    paths[0].write_text(ACCOUNTS.replace("currency", "ccy"), "utf-8")

    (finding,) = check_tape(paths, TapeMapping()).report.first()

    assert (finding.code, finding.field, finding.line) == ("missing_column", "currency", 1)


def test_a_file_whose_name_names_no_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "loans.csv"
    path.write_text(ACCOUNTS, "utf-8")

    with pytest.raises(Refusal, match=r"loans\.csv: holds no table that is known; name it accounts"):
        check_tape([path], TapeMapping())


# --- Parquet, mappings, wide tapes ------------------------------------------------------------------------


def test_parquet_files_are_read_as_the_same_facts_as_csv(tmp_path: Path) -> None:
    csv = write_tape(tmp_path)
    parquet = [path.with_suffix(".parquet") for path in csv]
    for one, two in zip(csv, parquet, strict=True):
        frame = pl.read_csv(one, infer_schema=False)
        if one.stem == "accounts":
            frame = frame.with_columns(pl.col("opened_on").str.to_date(), pl.col("principal").cast(pl.Float64))
        frame.write_parquet(two)

    tapes = [check_tape(paths, TapeMapping()) for paths in (csv, parquet)]

    assert tapes[1].report.clean
    for table in ("accounts", "instalments", "people", "events"):
        assert getattr(tapes[0].facts(), table).equals(getattr(tapes[1].facts(), table))


def test_a_fault_in_a_parquet_file_names_its_row(tmp_path: Path) -> None:
    paths = write_tape(tmp_path)
    paths[3] = paths[3].with_suffix(".parquet")
    pl.read_csv(EVENTS.encode(), infer_schema=False).with_columns(amount=pl.lit("-1.00")).write_parquet(paths[3])

    report = check_tape(paths, TapeMapping()).report

    assert [(finding.code, finding.line) for finding in report.first()] == [("negative", line) for line in (1, 2, 3, 4)]


def test_a_mapping_names_columns_files_and_constants(tmp_path: Path) -> None:
    paths = write_tape(tmp_path)
    paths[0] = tmp_path / "贷款台账.csv"
    paths[0].write_bytes("借据号,贷款金额,放款日\nL1,2000.00,2026/07/01\nL2,2000.00,2026/07/01\n".encode("gb18030"))
    for path, text in zip(paths[1:], (INSTALMENTS[:180].rpartition("\n")[0] + "\n", PEOPLE, EVENTS), strict=True):
        path.write_bytes(text.encode("gb18030"))
    mapping = mapped(tmp_path, """
encoding: gb18030
dates: ["%Y/%m/%d", "%Y-%m-%d"]
tables:
  accounts:
    file: "贷款*.csv"
    columns: {account_id: 借据号, principal: 贷款金额, opened_on: 放款日}
    constants: {law: cn, currency: CNY, product: small}
""")  # fmt: skip

    tape = check_tape(paths, mapping)

    assert tape.report.clean
    assert tape.tables["accounts"].row(0, named=True) | {"file": "", "line": 0, "told_principal": ""} == {
        "lender_kind": None, "account_id": "L1", "borrower_id": None, "product": "small", "law": "cn", "currency": "CNY", "principal": 200_000,
        "opened_on": tape.tables["accounts"]["opened_on"][0], "rate_ppm": None, "penalty_rate_ppm": None, "time_zone": None,
        "file": "", "line": 0, "told_principal": "",
    }  # fmt: skip


def test_rates_are_fractions_a_year(tmp_path: Path) -> None:
    paths = write_tape(tmp_path)
    told = ["0.18", "0.1234567", "18%", "10.5"]
    lines = ACCOUNTS.splitlines()
    paths[0].write_text(
        "\n".join([lines[0] + ",rate", *(f"{line},{rate}" for line, rate in zip(lines[1:], told, strict=True))]) + "\n",
        "utf-8",
    )

    tape = check_tape(paths, TapeMapping())

    assert tape.tables["accounts"]["rate_ppm"].to_list() == [180_000, None, None, None]
    assert [(finding.code, finding.line, finding.value) for finding in tape.report.first()] == [("rate", 3, "0.1234567"), ("rate", 4, "18%"), ("rate", 5, "10.5")]  # fmt: skip


#: What is wrong in a mapping, and what is said of it.
MAPPINGS = {
    "encoding: latin1": "mapping.yaml:1: encoding: is not one of utf-8, gb18030 (here: latin1)",
    "# about us\nencodng: utf-8": "mapping.yaml:2: encodng: is not known",
    "delimiter: ';;'": "mapping.yaml:1: delimiter: is not a single character (here: ;;)",
    "dates: {a: b}": 'mapping.yaml:1: dates: is not a list of forms such as "%Y/%m/%d"',
    "dates: [JJJJ-MM-TT]": "mapping.yaml:1: dates: is not a form of a date or time (here: JJJJ-MM-TT)",
    "zone: Asia/Beijing": "mapping.yaml:1: zone: is not an IANA time zone (here: Asia/Beijing)",
    "tables: [accounts]": "mapping.yaml:1: tables: is not a mapping",
    "tables:\n  loans: {}": "mapping.yaml:2: tables.loans: is no table",
    "tables:\n  accounts: loans.csv": "mapping.yaml:2: tables.accounts: is not a mapping",
    "tables:\n  accounts:\n    colums: {}": "mapping.yaml:3: tables.accounts.colums: is not known",
    "tables:\n  accounts:\n    columns:\n      balance: 余额": "mapping.yaml:4: tables.accounts.columns.balance: is no column of the table",
    "form: wide": "mapping.yaml:1: wide: is incomplete",
    "form: wide\nwide:\n  accounts: {product: x}": "mapping.yaml:2: wide: is incomplete",
    "form: wide\nwide:\n  accounts: {account_id: ID}\n  events: {kind: payment}": "mapping.yaml:4: wide.events: is not a list of mappings",
    "form: wide\nwide:\n  accounts:\n    account_id: {colum: ID}": "mapping.yaml:4: wide.accounts.account_id: is no value",
    "form: wide\nwide:\n  accounts: {account_id: ID}\n  instalments:\n    - {due_on: D, principal: {column: X, percent: ten}}":
        "mapping.yaml:5: wide.instalments[0].principal.percent: is not a whole number (here: ten)",
    "form: wide\nwide:\n  accounts: {account_id: ID}\n  events:\n    - {at: D, amount: X, skip_zero: total}":
        "mapping.yaml:5: wide.events[0].skip_zero: names no column of this member (here: total)",
}  # fmt: skip


@pytest.mark.parametrize("text", MAPPINGS)
def test_a_fault_in_a_mapping_names_file_line_and_field(text: str, tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refusal:
        mapped(tmp_path, text)

    (finding,) = refusal.value.findings
    assert str(finding).removeprefix(f"{tmp_path}/").startswith(MAPPINGS[text])


WIDE = """
form: wide
amounts: thousands
wide:
  accounts:
    account_id: {column: 编号, prefix: W-}
    product: {constant: small}
    law: {constant: none}
    currency: {constant: CNY}
    principal: {sum: instalments}
    opened_on: 放款日
  instalments:
    - {number: {constant: 1}, due_on: {constant: 2026-08-01}, principal: 一期}
    - {number: {constant: 2}, due_on: {constant: 2026-09-01}, principal: 二期}
  events:
    - {kind: {constant: payment}, at: {constant: 2026-08-05}, amount: 还款, skip_zero: amount}
"""


def test_a_wide_row_becomes_an_account_with_its_instalments_and_events(tmp_path: Path) -> None:
    (tmp_path / "wide.csv").write_text(
        '编号,放款日,一期,二期,还款\n7,2026-07-01,"1,000.00",500.25,0\n8,2026-07-01,600.00,600.00,"1,100.50"\n', "utf-8"
    )

    tape = check_tape([tmp_path / "wide.csv"], mapped(tmp_path, WIDE))

    assert tape.report.clean
    assert tape.tables["accounts"].select("account_id", "principal").rows() == [("W-7", 150_025), ("W-8", 120_000)]
    assert tape.tables["events"].select("account_id", "event_id", "amount").rows() == [("W-8", "W-8-1", 110_050)]


def test_a_wide_cell_that_is_no_amount_is_a_fault_and_not_a_row_left_out(tmp_path: Path) -> None:
    (tmp_path / "wide.csv").write_text("编号,放款日,一期,二期,还款\n7,2026-07-01,1000.00,500.25,n/a\n", "utf-8")

    (finding,) = check_tape([tmp_path / "wide.csv"], mapped(tmp_path, WIDE)).report.first()

    assert (finding.code, finding.field, finding.value, finding.line) == ("amount", "amount", "n/a", 2)


# --- what a report shows ----------------------------------------------------------------------------------


def test_no_name_phone_or_id_of_a_person_reaches_output_or_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from arrears.cli import main

    secret = "110101199003070011"
    extra = f"L1,{secret},borrower,王五六,zh-CN,Mars/Base,+8613999999999\nL1,{secret},borrower,王五六,zh-CN,Asia/Shanghai,+8613999999999\n"
    extra += 'L2,P4,borrower,赵六七,zh-CN,Asia/Shanghai,+8613777777777,"x"\n'
    paths = write_tape(tmp_path, {"people": ("", extra)})

    code = main(["check", *map(str, paths), "--report", str(tmp_path / "faults.csv")])
    main(["check", *map(str, paths), "--json"])

    told = "".join(capsys.readouterr()) + (tmp_path / "faults.csv").read_text("utf-8-sig")
    assert code == 1 and "masked, 18 characters" in told
    assert not any(word in told for word in (secret, "王五六", "赵六七", "13999999999", "13777777777"))


def test_a_quote_that_never_closes_does_not_show_the_row(tmp_path: Path) -> None:
    paths = write_tape(tmp_path, {"people": ("", 'L1,P3,borrower,"王五六,zh-CN,Asia/Shanghai,+8613999999999\n')})

    with pytest.raises(Refusal) as refusal:
        check_tape(paths, TapeMapping())

    assert "王五六" not in str(refusal.value) and "13999999999" not in str(refusal.value)


def test_the_report_holds_nothing_that_a_spreadsheet_would_compute(tmp_path: Path) -> None:
    formula = "=HYPERLINK(0)"
    paths = write_tape(
        tmp_path,
        {
            "events": (
                "",
                f"E9,{formula},2026-08-09,2026-08-09,payment,,,,@1,,\nE8,L1,2026-08-09,2026-08-09,payment,,,,+1+1,,\n",
            )
        },
    )

    check_tape(paths, TapeMapping()).report.write(tmp_path / "faults.csv")

    cells = pl.read_csv(tmp_path / "faults.csv", infer_schema=False)
    assert cells["value"].to_list() == [f"'{formula}", "'+1+1"]
    assert cells["account"].to_list() == [f"'{formula}", "L1"]


def test_the_report_as_json_counts_and_shows_the_first_faults(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from arrears.cli import main

    many = "".join(f"N{n},L1,2026-08-09,2026-08-09,payment,,,,-1.00,,\n" for n in range(30))
    paths = write_tape(tmp_path, {"events": ("", many)})

    code = main(["check", *map(str, paths), "--json"])

    answer = json.loads(capsys.readouterr().out)
    assert (
        code == 1 and answer["rejected"] == 30 and answer["counts"] == {"negative": 30} and len(answer["first"]) == 20
    )
