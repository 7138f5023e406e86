"""Where an address lies: `lat` and `lon` of a tape come with the address, and each fault of them is one finding."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from arrears.errors import Refusal
from arrears.facts.door import check_tape
from arrears.facts.mapping import TapeMapping, load_mapping
from arrears.store.book import open_database_book
from arrears.store.connect import open_store
from arrears.store.moving import export_book, import_tape
from arrears.store.personal import open_personal
from tests.facts.tapes import ACCOUNTS, write_tape

HEAD = "account_id,person_id,addresses,lat,lon\n"
SHANGHAI = {"text": "人民大道200号", "lat": 31.230416, "lon": 121.473701}
UNKNOWN = {"lat": None, "lon": None}


def people_tape(folder: Path, row: str, head: str = HEAD) -> list[Path]:
    paths = write_tape(folder)[:2]
    (folder / "people.csv").write_text(head + row + "\n", "utf-8")
    return [*paths, folder / "people.csv"]


#: Cells `addresses`, `lat` and `lon`, and the addresses that they are.
GOOD = {
    "人民大道200号,31.230416,121.473701": [SHANGHAI],
    "人民大道200号;老家,31.230416;,121.473701;": [SHANGHAI, {"text": "老家", **UNKNOWN}],
    "老家;人民大道200号, ; 31.230416 ,;121.473701": [{"text": "老家", **UNKNOWN}, SHANGHAI],
    "Bridge St,-33.861481,+151.205475": [{"text": "Bridge St", "lat": -33.861481, "lon": 151.205475}],
    "Blackheath Ave,51.4769,0": [{"text": "Blackheath Ave", "lat": 51.4769, "lon": 0.0}],
    "a;b,,": [{"text": "a", **UNKNOWN}, {"text": "b", **UNKNOWN}],
    ",,": None,
}


@pytest.mark.parametrize("cells", GOOD)
def test_an_address_has_the_coordinates_that_stand_beside_it(cells: str, tmp_path: Path) -> None:
    tape = check_tape(people_tape(tmp_path, f"L1,P1,{cells}"), TapeMapping())

    assert tape.report.clean
    assert tape.facts().people["addresses"].to_list() == [GOOD[cells]]


#: Cells `addresses`, `lat` and `lon`, and what is told of them: field and reason.
FAULTS = {
    "a,90.5,121": [("lat", "is not decimal degrees from -90 to 90")],
    "a,31,-180.01": [("lon", "is not decimal degrees from -180 to 180")],
    "a,121.47,31.23": [("lat", "is not decimal degrees from -90 to 90")],
    "a,31°13'N,121°28'E": [("lat", "is not decimal degrees from -90 to 90"), ("lon", "is not decimal degrees from -180 to 180")],
    'a,"31,23",121.47': [("lat", "is not decimal degrees from -90 to 90")],
    "a,3.12E+01,121.47": [("lat", "is not decimal degrees from -90 to 90")],
    "a,３１.23,121.47": [("lat", "is not decimal degrees from -90 to 90")],
    "a,nan,121.47": [("lat", "is not decimal degrees from -90 to 90")],
    "a,31.23,": [("lat", "stands without `lon`")],
    "a;b,;31.23,121.47;121.47": [("lon", "stands without `lat`")],
    "a,0,0.000": [("lat", "is 0, and `lon` too: that lies in the sea")],
    "a;b,31.23,121.47": [("lat", "has not as many parts as there are addresses")],
    "a;b,31.23;31.24,121.47": [("lon", "has not as many parts as there are addresses")],
    ",31.23,121.47": [("lat", "has not as many parts as there are addresses")],
}  # fmt: skip


@pytest.mark.parametrize("cells", FAULTS)
def test_coordinates_at_fault_are_told_once_without_saying_where_somebody_lives(cells: str, tmp_path: Path) -> None:
    tape = check_tape(people_tape(tmp_path, f"L1,P1,{cells}"), TapeMapping())

    findings = tape.report.first()
    assert [(finding.field, finding.what) for finding in findings] == FAULTS[cells]
    assert {(finding.code, finding.line, finding.account) for finding in findings} == {("coordinates", 2, "L1")}
    assert not any("31" in finding.value or "121" in finding.value for finding in findings)


MAPPED = "tables:\n  people:\n    columns: {addresses: 住址, lat: 纬度, lon: 经度}\n"
WIDE = """
form: wide
wide:
  accounts: {account_id: 编号, product: {constant: small}, law: {constant: cn}, currency: {constant: CNY}, principal: 本金, opened_on: 放款日}
  people:
    - {person_id: 编号, addresses: 住址, lat: 纬度, lon: 经度}
"""


def test_a_mapping_names_the_columns_of_coordinates_of_a_table_and_of_a_wide_tape(tmp_path: Path) -> None:
    (tmp_path / "mapped.yaml").write_text(MAPPED, "utf-8")
    (tmp_path / "wide.yaml").write_text(WIDE, "utf-8")
    (tmp_path / "wide.csv").write_text(
        "编号,本金,放款日,住址,纬度,经度\nL1,2000.00,2026-07-01,人民大道200号,31.230416,121.473701\n", "utf-8"
    )
    row = "L1,P1,人民大道200号,31.230416,121.473701"
    tables = people_tape(tmp_path, row, "account_id,person_id,住址,纬度,经度\n")

    tapes = [
        check_tape(tables, load_mapping(tmp_path / "mapped.yaml")),
        check_tape([tmp_path / "wide.csv"], load_mapping(tmp_path / "wide.yaml")),
    ]

    assert [tape.facts().people["addresses"].to_list() for tape in tapes if tape.report.clean] == [[[SHANGHAI]]] * 2


def test_a_mapping_that_names_a_column_that_is_not_there_is_a_fault_of_the_header(tmp_path: Path) -> None:
    (tmp_path / "mapped.yaml").write_text(MAPPED, "utf-8")
    paths = people_tape(tmp_path, "L1,P1,人民大道200号,31.230416", "account_id,person_id,住址,纬度\n")

    report = check_tape(paths, load_mapping(tmp_path / "mapped.yaml")).report

    assert [(finding.code, finding.field, finding.line) for finding in report.first()] == [
        ("missing_column", "lon", 1), ("coordinates", "lat", 2)
    ]  # fmt: skip


def test_parquet_tells_coordinates_as_numbers_or_within_the_addresses_but_not_both(tmp_path: Path) -> None:
    paths = people_tape(tmp_path, "L1,P1,x,1,1")
    paths[2] = tmp_path / "people.parquet"
    plain = pl.DataFrame({"account_id": ["L1"], "person_id": ["P1"], "addresses": [SHANGHAI["text"]], "lat": [SHANGHAI["lat"]], "lon": [SHANGHAI["lon"]]})  # fmt: skip
    nested = plain.with_columns(addresses=pl.Series([[SHANGHAI]]))
    found = []

    for frame in (plain, nested.drop("lat", "lon"), nested):
        frame.write_parquet(paths[2])
        tape = check_tape(paths, TapeMapping())
        found.append((tape.report.counts(), tape.facts().people["addresses"].to_list()))

    assert found == [({}, [[SHANGHAI]]), ({}, [[SHANGHAI]]), ({"form": 1}, [[SHANGHAI]])]


def test_coordinates_go_into_a_database_sealed_and_come_out_with_the_book(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}", create=True)
    personal = open_personal(store, tmp_path / "keys")
    paths = people_tape(tmp_path, "L1,P1,人民大道200号;老家,31.230416;,121.473701;")

    report = import_tape(store, paths, TapeMapping(), personal, [], datetime(2026, 11, 25, tzinfo=UTC))

    with open_database_book(store, personal) as book:
        out = export_book(book, tmp_path / "out")
    with store.read() as connection:
        kept = connection.exec_driver_sql("SELECT * FROM people").mappings().one()
    store.close()
    assert report.clean and out.read(0, "people")["addresses"].to_list() == [[SHANGHAI, {"text": "老家", **UNKNOWN}]]
    assert "lat" not in kept and b"31.230416" not in kept["sealed"]


def test_coordinates_are_no_column_of_another_table(tmp_path: Path) -> None:
    (tmp_path / "mapped.yaml").write_text("tables:\n  accounts:\n    columns: {lat: 纬度}\n", "utf-8")

    with pytest.raises(Refusal, match=r"mapped\.yaml:3: tables\.accounts\.columns\.lat: is no column of the table"):
        load_mapping(tmp_path / "mapped.yaml")
    assert "lat" not in ACCOUNTS
