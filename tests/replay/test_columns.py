"""The columns that conditions may speak of are those that replay gives."""

from datetime import date

from arrears.facts import schema
from arrears.facts.typed import type_facts
from arrears.replay.columns import columns
from arrears.replay.pack import make_out, pack
from arrears.replay.position import frame_of


def test_the_columns_told_are_the_columns_of_a_replay_by_name_type_and_order():
    typed = type_facts(*(schema.empty(table) for table in ("accounts", "instalments", "events", "people")))

    frame = frame_of(make_out(0), typed, pack(typed, {}, date(2000, 1, 1)), None)

    assert list(columns().items()) == list(frame.schema.items())
