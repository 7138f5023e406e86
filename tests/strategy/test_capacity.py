"""Capacity: what fits goes to the largest expected gain, to a person who can do it and speaks the language; the rest is not lost."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from arrears.night import files
from arrears.night.capacity import FREE, allot
from arrears.strategy import Ladder, load_ladder
from tests.strategy.test_ladders import TEXT

STAFF = """staff:
  - {id: 王, actions: [visit], languages: [zh-CN], a_night: 2}
  - {id: Ann, actions: [visit, call], languages: [zh-CN, en], a_night: 1}
  - {id: Bo, actions: [call], languages: [en], a_night: 9}
capacity:
"""


def ladder(folder: Path, visits: int, staff: str = "capacity:\n") -> Ladder:
    text = TEXT.replace("visit: {a_night: 600}", f"visit: {{a_night: {visits}}}").replace("capacity:\n", staff)
    (folder / "ladder.yaml").write_text(text, "utf-8")
    return load_ladder(folder / "ladder.yaml")


def judged(folder: Path, used: Ladder, people: list[tuple[float, str | None]]) -> None:
    """Accounts for whom a visit is chosen and a letter is free, by expected gain and language."""
    (folder / "judged").mkdir()
    masks = {f"not_{name}": FREE if name == "letter" else (0 if name == "visit" else 1) for name in used.ids}
    frame = pl.DataFrame({"gain_visit": [gain for gain, _ in people], "language": [language for _, language in people]})
    others = [pl.lit(1.0).alias(f"gain_{name}") for name in used.capacity if name != "visit"]
    columns = [pl.lit(mask, pl.UInt64).alias(name) for name, mask in masks.items()]
    frame = frame.with_columns(*columns, *others, action=pl.lit("visit"), ladder_law=pl.lit("cn"))
    files.write_judged(frame, files.judged(folder, 0))


def test_the_largest_gains_are_kept_and_the_rest_gets_the_next_free_action(tmp_path: Path) -> None:
    used = ladder(tmp_path, 2)
    judged(tmp_path, used, [(300.0, None), (900.0, None), (500.0, None)])

    allotment = allot({"cn": used}, tmp_path, 1)

    assert allotment.changed.select("row", "action", "dropped").rows() == [(0, "letter", ["visit"])]


def test_equal_gains_are_kept_in_the_order_of_the_book(tmp_path: Path) -> None:
    used = ladder(tmp_path, 1)
    judged(tmp_path, used, [(500.0, None), (500.0, None)])

    assert allot({"cn": used}, tmp_path, 1).changed["row"].to_list() == [1]


def test_work_goes_to_somebody_who_does_it_and_speaks_the_language(tmp_path: Path) -> None:
    used = ladder(tmp_path, 600, STAFF)
    judged(tmp_path, used, [(900.0, "zh-CN"), (800.0, "en"), (700.0, "zh-CN"), (600.0, "zh-CN"), (500.0, "fr")])

    allotment = allot({"cn": used}, tmp_path, 1)

    # 王 speaks only Chinese and is taken first for it; Ann is left for the English one; Bo does no visits
    assert allotment.assigned.sort("row").select("row", "staff").rows() == [(0, "王"), (1, "Ann"), (2, "王")]
    assert allotment.changed.sort("row").select("row", "action").rows() == [(3, "letter"), (4, "letter")]


def test_the_capacity_of_the_action_limits_the_staff_too(tmp_path: Path) -> None:
    used = ladder(tmp_path, 1, STAFF)
    judged(tmp_path, used, [(900.0, "zh-CN"), (800.0, "zh-CN")])

    allotment = allot({"cn": used}, tmp_path, 1)

    assert allotment.assigned["row"].to_list() == [0] and allotment.changed["row"].to_list() == [1]
