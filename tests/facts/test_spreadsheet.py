"""No table that a person opens computes what somebody wrote into it."""

import re

import polars as pl
import pytest

from arrears.facts.spreadsheet import harmless, harmless_text
from tests.conftest import ROOT

CELLS = [
    ("=HYPERLINK(1)", "'=HYPERLINK(1)"), ("+1+1", "'+1+1"), ("-2", "'-2"), ("@SUM(1)", "'@SUM(1)"), ("\t=1", "'\t=1"), ("\r=1", "'\r=1"),
    ("李雷", "李雷"), ("", ""), ("a=1", "a=1"), ("2026-11-24", "2026-11-24"), ("'=1", "'=1"),
]  # fmt: skip
#: Modules that write CSV which no person opens: it goes into a database, or is read by the next command of the demo.
NOT_FOR_PEOPLE = {"store/frames.py", "store/bulk.py", "cli/demo_contact.py"}
WRITES = re.compile(r"csv\.writer\(|csv\.DictWriter\(|write_csv\(|sink_csv\(")


@pytest.mark.parametrize(("cell", "shown"), CELLS)
def test_a_cell_that_a_spreadsheet_would_compute_is_text(cell, shown):
    frame = pl.DataFrame({"cell": [cell]}).with_columns(harmless("cell"))

    assert harmless_text(cell) == shown and frame["cell"].to_list() == [shown]


def test_whatever_writes_a_table_for_people_makes_its_cells_harmless():
    source = ROOT / "src/arrears"
    writers = {
        str(path.relative_to(source)): "arrears.facts.spreadsheet" in path.read_text("utf-8")
        for path in source.rglob("*.py")
        if WRITES.search(path.read_text("utf-8"))
    }

    assert len(writers) > len(NOT_FOR_PEOPLE) and set(writers) > NOT_FOR_PEOPLE
    assert [name for name, is_harmless in writers.items() if not is_harmless and name not in NOT_FOR_PEOPLE] == []
