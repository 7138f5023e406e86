"""`arrears calls` and `arrears visits` as a person runs them, on a store with a few accounts."""

import csv
import json
import re

import pytest
from sqlalchemy import insert

from arrears.cli import main
from arrears.store.connect import open_store
from arrears.store.personal import open_personal
from arrears.store.tables import TermsFile
from tests.conftest import ROOT
from tests.dispatch.field import NOW, fact, put_accounts, put_work
from tests.docs.test_docs import keys_of

TERMS = """product: small
currency: CNY
versions:
  - effective_from: 2020-01-01
    penalty: {rate: "0.156", basis: actual/360, on: principal, from: due}
"""
AT = "2026-11-24T10:00:00+08:00"


@pytest.fixture
def house(tmp_path, monkeypatch):
    """An installation for rehearsals with three accounts, each to be called and visited."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "arrears.yaml").write_text(
        "rehearsal: true\nlender: {id: L1, name: {zh: 示例消费金融有限公司, en: Example Finance}, phone: 400-000-0000, site: 'https://example.com'}\n"
        "database: sqlite:///arrears.db\nkeys: keys\nchannels:\n"
        "  call: {click: 'https://pbx.example/call?to={number}&id={attempt}', staff: [{id: ann, languages: [zh-CN]}]}\n"
        "  visit:\n    currency: CNY\n    zone: Asia/Shanghai\n    iterations: 100\n"
        "    costs: {door: '30.00', km: '1.50', hour: '120.00', crew: '50.00'}\n"
        "    crews: [{id: north, members: [W1, W2], start: {lat: 31.23, lon: 121.47}, shift: ['09:00', '18:00']}]\n",
        "utf-8",
    )
    store = open_store(f"sqlite:///{tmp_path / 'arrears.db'}", create=True)
    personal = open_personal(store, tmp_path / "keys")
    put_accounts(store, personal, ["A1", "A2", "A3"])
    with store.begin() as connection:
        connection.execute(insert(TermsFile).values(product="small", sha256="0" * 64, text=TERMS, recorded_at=NOW))
    assert main(["keys", "make"]) == 0
    yield store, personal
    store.close()


def run(capsys, *words, code=0, at=AT):
    capsys.readouterr()
    assert main([*words, "--at", at, "--json"]) == code, capsys.readouterr().err
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_collector_takes_a_call_tells_its_outcome_and_takes_the_next(house, capsys):
    put_work(house[0], ["A1", "A2"])

    (first,) = run(capsys, "calls", "next", "--staff", "ann")
    (told,) = run(capsys, "calls", "outcome", first["call"]["key"], "PTP", "--amount", "500.00", "--by", "2026-12-01")
    (second,) = run(capsys, "calls", "next", "--staff", "ann")

    assert first["call"]["account"] == "A1" and first["call"]["url"].startswith("https://pbx.example/call?to=%2B86")
    assert (told["new"], told["breach"]) == (2, [])
    assert second["call"]["account"] == "A2"
    assert main(["calls", "next", "--staff", "bob", "--at", AT]) == 2
    assert "not among the staff" in capsys.readouterr().err


def test_a_dialler_file_goes_out_is_rechecked_and_comes_back_once(house, capsys, tmp_path):
    store, personal = house
    put_work(store, ["A1", "A2", "A3"])
    (tmp_path / "form.yaml").write_text(
        "columns: {key: lead_id, number: phone1, code: disposition}\ncodes: {SALE: PTP, XFER: RPC}\nzone: Asia/Shanghai\n",
        "utf-8",
    )

    (done,) = run(capsys, "calls", "export", "dial.csv", "--mapping", "form.yaml")
    with (tmp_path / "dial.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    fact(store, personal, "A2", "payment", amount=100_000)
    withdrawn = run(
        capsys, "calls", "recheck", "dial.csv", "--mapping", "form.yaml", code=1, at="2026-11-24T10:05:00+08:00"
    )
    lines = [f"{rows[0]['lead_id']},2026-11-24T10:03:00,XFER", f"{rows[1]['lead_id']},2026-11-24T23:30:00,NA",
             f"{rows[2]['lead_id']},2026-11-24T10:04:00,WHAT"]  # fmt: skip
    (tmp_path / "back.csv").write_text("lead_id,at,disposition\n" + "\n".join(lines) + "\n", "utf-8")
    first = main(
        ["calls", "outcomes", "back.csv", "--mapping", "form.yaml", "--at", "2026-11-24T23:45:00+08:00", "--lang", "en"]
    )
    told = capsys.readouterr()
    second = main(
        ["calls", "outcomes", "back.csv", "--mapping", "form.yaml", "--at", "2026-11-24T23:46:00+08:00", "--lang", "en"]
    )

    assert done["rows"] == 3 and [row["phone1"][:6] for row in rows] == ["+86138"] * 3
    assert (
        rows[0]["not_before"] == "2026-11-24T10:00:00+08:00" and rows[0]["valid_until"] == "2026-11-24T10:30:00+08:00"
    )
    assert [(one["account"], one["reasons"]) for one in withdrawn] == [("A2", ["changed_since"])]
    assert first == second == 1
    assert "2 recorded, 0 known before, 1 refused, 1 outside" in told.out and "back.csv:4: code" in told.err
    assert "0 recorded, 2 known before, 1 refused, 0 outside" in capsys.readouterr().out
    assert main(["calls", "export", "dial.csv", "--at", AT]) == 2


def test_a_round_is_planned_rechecked_withdrawn_in_part_and_its_outcomes_come_back(house, capsys, tmp_path):
    store, personal = house
    put_work(store, ["A1", "A2", "A3"], "visit")

    (made,) = run(capsys, "visits", "plan", "--on", "2026-11-24", at="2026-11-24T07:00:00+08:00")
    keys = {visit["account"]: visit["key"] for route in made["routes"] for visit in route["visits"]}
    fact(store, personal, "A2", "payment", amount=100_000)
    withdrawn = run(capsys, "visits", "recheck", made["round"], code=1, at="2026-11-24T10:05:00+08:00")
    freed = run(capsys, "visits", "withdraw", made["round"], keys["A2"], at="2026-11-24T10:06:00+08:00")
    (tmp_path / "back.csv").write_text(
        f"key,at,code,agent,note\n{keys['A1']},2026-11-24T11:00:00+08:00,MET,W1,\n{keys['A3']},2026-11-24T11:30:00+08:00,ABS,W1,\n",
        "utf-8",
    )
    (first, *_), again = (
        run(capsys, "visits", "outcomes", "back.csv", at="2026-11-24T19:00:00+08:00") for _ in range(2)
    )

    assert (tmp_path / "rounds" / made["round"] / "north.html").exists() and set(keys) == {"A1", "A2", "A3"}
    assert [one["account"] for one in withdrawn] == ["A2"] and freed[0]["code"] == "NV" and freed[0]["new"] == 0
    assert first["new"] == 1 and [one["new"] for one in again] == [0, 0]
    assert main(["visits", "recheck", "2026-11-24-none", "--at", AT]) == 1


def test_another_time_than_the_clocks_is_only_for_rehearsals(house, capsys, tmp_path):
    text = (tmp_path / "arrears.yaml").read_text("utf-8").replace("rehearsal: true\n", "")
    (tmp_path / "arrears.yaml").write_text(text, "utf-8")

    assert main(["calls", "next", "--staff", "ann", "--at", AT]) == 2
    assert "only for rehearsals" in capsys.readouterr().err


def test_what_is_shown_to_people_is_in_their_language_and_exits_clean(house, capsys):
    put_work(house[0], ["A1"])
    put_work(house[0], ["A2", "A3"], "visit")

    assert main(["calls", "next", "--staff", "ann", "--at", AT, "--lang", "zh-CN"]) == 0
    assert "必须做到" in capsys.readouterr().out
    assert main(["visits", "plan", "--on", "2026-11-24", "--at", AT, "--lang", "zh-CN"]) == 0
    assert "外访组" in capsys.readouterr().out


def test_every_key_of_these_answers_is_documented_and_every_documented_key_is_there(house, capsys):
    put_work(house[0], ["A1"])
    put_work(house[0], ["A2", "A3"], "visit")
    fact(*house, "A2", "payment", amount=100_000)
    page = (ROOT / "docs/reference/json.md").read_text("utf-8")

    (call,) = run(capsys, "calls", "next", "--staff", "ann")
    (told,) = run(capsys, "calls", "outcome", call["call"]["key"], "RPC")
    (made,) = run(capsys, "visits", "plan", "--on", "2026-11-24")

    for name, answer in (("calls next", call), ("calls outcome", told), ("visits plan", made)):
        section = page.partition(f"## {name}\n")[2].partition("\n## ")[0]
        documented = set(
            re.findall(
                r"`([^`]+)`", "\n".join(row.split("|")[1] for row in section.splitlines() if row.startswith("| `"))
            )
        )
        shown = {key for key in keys_of(answer) if not key.startswith("not_visited.")}
        assert documented - {"passed[].account", "passed[].verdict", "passed[].reasons"} == shown - {
            "passed[].account", "passed[].verdict", "passed[].reasons",
        }, name  # fmt: skip
