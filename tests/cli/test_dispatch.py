"""`dispatch`, `stop` and `queue` on an installation whose text messages go to the borrower's own pages."""

import hashlib
import json

import pytest
import yaml
from sqlalchemy import func, insert, select

from arrears.cli import main
from arrears.dispatch.parking import put
from arrears.notice.keys import make_keys
from arrears.store.connect import open_store
from arrears.store.personal import open_personal
from arrears.store.tables import Posted, TermsFile
from tests.dispatch import debtors

TERMS = "product: loan\ncurrency: CNY\nversions: [{effective_from: 2020-01-01}]\n"


@pytest.fixture
def installation(tmp_path):
    """Four borrowers with a text message each in the outbox; gives the installation's file."""
    file = tmp_path / "arrears.yaml"
    content = {
        "lender": {"id": "bank", "name": {"zh": "示例消费金融", "en": "Example Finance"}, "phone": "+8640000000",
                   "site": "https://pay.example.cn"},
        "database": "sqlite:///store.db", "keys": "keys", "rehearsal": True, "channels": {"sms": {"by": "portal"}},
    }  # fmt: skip
    file.write_text(yaml.safe_dump(content), "utf-8")
    make_keys(tmp_path / "keys", "bank", debtors.MORNING, bytes(range(64)))
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}", create=True)
    debtors.fill(store, open_personal(store, tmp_path / "keys"), range(4))
    with store.begin() as connection:
        sha256 = hashlib.sha256(TERMS.encode()).hexdigest()
        connection.execute(
            insert(TermsFile).values(product="loan", sha256=sha256, text=TERMS, recorded_at=debtors.MORNING)
        )
    store.close()
    return file


def run(capsys, *words):
    code = main([str(word) for word in words])
    out = capsys.readouterr()
    return code, out.out, out.err


def dispatched(capsys, installation):
    code, out, err = run(
        capsys, "dispatch", "--config", installation, "--until-empty", "--at", "2026-11-24T10:00:00+08:00", "--json"
    )
    assert code == 0, err
    return json.loads(out)


def test_dispatch_sends_what_no_switch_keeps_back_and_says_what_left(installation, capsys, tmp_path):
    code, out, _ = run(
        capsys, "stop", "--config", installation, "--account", "A000001", "--by", "ops", "--why", "disputed", "--json"
    )
    assert (code, json.loads(out)) == (0, {"number": 1, "state": "on"})

    told = dispatched(capsys, installation)

    assert told["states"] == {"sms": {"ready": 1, "sent": 3}} and told["attempts"] == {"accepted": 3}
    assert told["reasons"] == {"ready": {"stopped": 1}}
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    with store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(Posted)) == 3
    store.close()


def test_a_switch_is_listed_until_it_is_lifted(installation, capsys):
    run(capsys, "stop", "--config", installation, "--by", "ops", "--why", "wrong words")
    _, listed, _ = run(capsys, "stop", "--config", installation, "--list", "--json")
    code, _, _ = run(capsys, "stop", "--config", installation, "--lift", 1, "--by", "ops")
    _, after, _ = run(capsys, "stop", "--config", installation, "--list", "--json")
    twice, _, complaint = run(capsys, "stop", "--config", installation, "--lift", 1, "--by", "ops")

    assert json.loads(listed)["scope"] == "all" and code == 0 and after == ""
    assert twice == 2 and "no switch that is on" in complaint


def test_what_waits_for_a_person_is_listed_and_done(installation, capsys, tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    with store.begin() as connection:
        row = {"queue": "parked", "key": "parked:1", "sort": "poison", "queued_at": debtors.MORNING, "content": "{}"}
        assert (put(connection, [row]), put(connection, [row])) == (1, 0)
    store.close()

    _, listed, _ = run(capsys, "queue", "list", "--config", installation, "--json")
    code, _, _ = run(capsys, "queue", "done", 1, "--config", installation, "--by", "ops", "--how", "written by hand")
    _, after, _ = run(capsys, "queue", "list", "--config", installation, "--json")

    assert (json.loads(listed)["sort"], code, after) == ("poison", 0, "")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("dispatch", "--channel", "call"), "is carried by people"),
        (("stop", "--account", "A1"), "says who sets it and why"),
        (("queue", "done", "7", "--by", "me", "--how", "x"), "names nothing that waits"),
        (("dispatch", "--night", "nowhere", "--until-empty"), "holds no finished night"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(installation, capsys, words, complaint):
    code, _, err = run(capsys, *words, "--config", installation)

    assert code == 2 and complaint in err and "Traceback" not in err


def test_the_clock_is_moved_in_rehearsals_only(installation, capsys):
    installation.write_text(installation.read_text("utf-8").replace("rehearsal: true", "rehearsal: false"), "utf-8")

    code, _, err = run(capsys, "dispatch", "--config", installation, "--at", "2026-11-24T10:00:00+08:00")

    assert code == 2 and "rehearsals" in err
