"""Who asks and by which rules changes a night: the lender's own stricter clauses, and the forces that block."""

import polars as pl
import pytest

from arrears import night
from arrears.errors import Refusal
from arrears.law import Asking, policy_of
from tests.conftest import AS_OF

HOUSE = """
clauses:
  - id: HOUSE-NO-CALLS
    kind: forbid
    says: {zh: 本机构不打电话, en: this house does not call}
    source: {instrument: house rules, article: "1"}
    in_force: {from: 2020-01-01}
    binds: [lender]
    channels: [call]
    force: house
    confirmed: read
    forbid: {when: "channel = 'call'"}
    examples:
      - {channel: call, at: "2026-03-02T10:00:00+08:00", expect: {verdict: never, clauses: [HOUSE-NO-CALLS]}}
      - {channel: sms, at: "2026-03-02T10:00:00+08:00", expect: {verdict: allowed}}
      - {channel: call, at: "2019-12-31T10:00:00+08:00", expect: {verdict: allowed}}
"""


def work(book, out, asking):
    night.run(night.prepare(book, AS_OF, asking=asking), out)
    return pl.read_parquet(out / "worklist.parquet").cast({pl.Categorical: pl.String})


def test_a_stricter_house_has_its_way_and_its_clause_is_the_reason(book, tmp_path):
    house = tmp_path / "house.yaml"
    house.write_text(HOUSE, "utf-8")

    plain = work(book, tmp_path / "plain", Asking())
    strict = work(book, tmp_path / "strict", Asking(house=(house,)))

    assert plain.filter(pl.col("channel") == "call").height > 0
    assert strict.filter(pl.col("channel") == "call").height == 0


def test_where_only_statutes_block_the_standard_shapes_no_window(book, tmp_path):
    statutes = work(book, tmp_path / "statutes", Asking(policy=policy_of(["statute"])))
    calls = statutes.filter(pl.col("channel") == "call")

    assert calls.height and not calls["clauses"].str.contains("CN-HRS").any()
    assert calls["opens"].str.ends_with("00:00").all()


def test_a_night_begun_under_other_rules_is_not_gone_on_with(book, tmp_path):
    out = tmp_path / "out"
    work(book, out, Asking())

    with pytest.raises(Refusal, match="another book, ladder or date"):
        work(book, out, Asking(binds="agency"))
