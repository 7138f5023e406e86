"""A night over a made book: what it writes adds up, is the same each time, and survives being killed."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from arrears import night
from arrears.errors import Refusal
from arrears.night.files import hashes
from arrears.night.summary import roll_rates
from arrears.strategy import load_ladder
from tests.conftest import AS_OF


@pytest.fixture(scope="module")
def finished(book, tmp_path_factory):
    out = tmp_path_factory.mktemp("night") / "n"
    return out, night.run(night.prepare(book, AS_OF), out)


def test_every_account_is_decided_and_every_line_of_work_is_one_of_them(finished, book):
    out, summary = finished

    decisions = pl.concat(
        [pl.read_parquet(path) for path in sorted((out / "decisions").glob("part-*.parquet"))], how="diagonal_relaxed"
    )
    work = pl.read_parquet(out / "worklist.parquet")

    assert decisions.height == book.accounts == summary["accounts"] == sum(summary["by_stage"].values())
    assert set(work["account_id"]) == set(decisions.filter(pl.col("action").is_not_null())["account_id"])
    assert sum(row["lines"] for row in summary["by_action"]) == work.height == summary["work"]


def test_each_line_has_its_reason_in_both_languages_its_window_and_its_clauses(finished):
    work = pl.read_parquet(finished[0] / "worklist.parquet").cast({pl.Categorical: pl.String})
    contacts = work.filter(pl.col("channel").is_not_null())

    assert contacts.height > 100
    assert (
        contacts.select(
            pl.col("reason_zh", "reason_en", "opens", "closes", "clauses", "sources").is_not_null().all()
        ).row(0)
        == (True,) * 6
    )
    calls = contacts.filter(pl.col("channel") == "call")
    assert calls["opens"].str.ends_with("08:00").all() and calls["closes"].str.ends_with("22:00").all()
    assert calls["clauses"].str.contains("CN-HRS-1").all() and calls["sources"].str.contains("GB/T 45251").all()


def test_an_account_has_an_action_or_a_reason_against_each(finished):
    decisions = pl.concat(
        [pl.read_parquet(path) for path in sorted((finished[0] / "decisions").glob("part-*.parquet"))]
    )
    masks = [f"not_{action}" for action in load_ladder("cn-consumer").ids]

    without = decisions.filter(pl.col("action").is_null())

    assert without.select(pl.all_horizontal(pl.col(mask) != 0 for mask in masks).all()).item()
    taken = decisions.filter(pl.col("action").is_not_null())
    assert taken.select(pl.sum_horizontal((pl.col(mask) == 0).cast(pl.Int8) for mask in masks).eq(1).all()).item()


def _kill_at_random(book, out, seed):
    script = (
        "import sys; from datetime import date; from pathlib import Path; from arrears import night; from arrears.facts.book import open_book;"
        "night.run(night.prepare(open_book(Path(sys.argv[1])), date(2026, 11, 23)), Path(sys.argv[2]))"
    )
    process = subprocess.Popen([sys.executable, "-c", script, str(book.path), str(out)])
    time.sleep(random.Random(seed).uniform(0.3, 1.6))
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def test_a_night_killed_at_any_moment_goes_on_and_ends_the_same_to_the_byte(finished, book, tmp_path):
    out = tmp_path / "killed"
    for seed in range(5):
        _kill_at_random(book, out, seed)
    night.run(night.prepare(book, AS_OF), out)

    assert hashes(out) == hashes(finished[0])
    assert json.loads((out / "night.json").read_text())["files"] == hashes(finished[0])


@pytest.mark.parametrize("left", [[], ["started.json.new"]])
def test_a_night_killed_before_its_first_file_was_whole_goes_on(finished, book, tmp_path, left):
    out = tmp_path / "early"
    out.mkdir()
    for name in left:
        (out / name).write_text("{")

    night.run(night.prepare(book, AS_OF), out)

    assert hashes(out) == hashes(finished[0])


def test_what_does_not_fit_is_not_taken_for_capacity_and_gets_the_next_action(book, finished, tmp_path):
    text = Path("src/arrears/strategy/ladders/cn-consumer.yaml").read_text("utf-8")
    small = tmp_path / "small.yaml"
    small.write_text(text.replace("call: {a_night: 40000}", "call: {a_night: 10}"), "utf-8")

    summary = night.run(night.prepare(book, AS_OF, ladder=small), tmp_path / "out")

    calls = next(row for row in summary["by_action"] if row["action"] == "call")
    before = next(row for row in finished[1]["by_action"] if row["action"] == "call")
    assert calls["lines"] == 10 < before["lines"]
    assert summary["not_taken"]["call"]["capacity"] == before["lines"] - 10
    assert summary["work"] <= finished[1]["work"]
    lines = pl.read_parquet(tmp_path / "out" / "worklist.parquet")
    full = (
        pl.read_parquet(finished[0] / "worklist.parquet")
        .filter(pl.col("action") == "call")
        .sort("gain", descending=True)
    )
    assert set(lines.filter(pl.col("action") == "call")["gain"]) == set(full["gain"].head(10))


def test_another_night_does_not_overwrite_this_one(book, finished):
    with pytest.raises(Refusal, match="another book, ladder or date"):
        night.run(night.prepare(book, AS_OF.replace(day=22)), finished[0])


def test_roll_rates_of_each_bucket_add_up_to_one(book, finished, tmp_path):
    earlier = tmp_path / "earlier"
    night.run(night.prepare(book, AS_OF.replace(month=10)), earlier)

    table = pl.DataFrame(roll_rates(earlier, finished[0]))

    assert table.group_by("bucket_before").agg(pl.col("rate").sum())["rate"].round(9).eq(1.0).all()
    assert table["accounts"].sum() == book.accounts
