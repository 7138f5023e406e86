"""The second half of the demo: from work list to contact, with stand-ins that reach nobody."""

from __future__ import annotations

import base64
import csv
import os
import re
import secrets
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import polars as pl

from arrears import night as nights
from arrears.cli.demo_doors import doors
from arrears.cli.night import run_shown
from arrears.errors import refuse
from arrears.lab.mailboxes import make_mailbox_book
from arrears.lab.stand_ins import SMSC_LOGIN, SMSC_PASSWORD, source_tree, stand_in, texts

MAIL_ACCOUNTS = 600
SEED = 7
CONFIG = """\
# The demo's installation. Nobody is reached: both servers are stand-ins on this machine.
lender: {{id: demo, name: {{zh: 示例消费金融, en: Example Consumer Finance}}, phone: "95500", site: finance.example}}
database: sqlite:///arrears.db
keys: keys
rehearsal: true              # lets `arrears dispatch --at` set the time
strategy: {{ladders: [{ladder}]}}
payments: {{provider: {{kind: test, secret_env: PAY_SECRET}}}}   # moves no money
channels:
  sms: {{host: 127.0.0.1, port: {sms}, system_id: {login}, password_env: SMSC_PASSWORD, source: "10690000", per_second: 2000, window: 60}}
  email: {{host: 127.0.0.1, port: {mail}, tls: none, from: notice@finance.example, per_second: 500, window: 8}}
  call: {{}}
  letter: {{paper: a4, country: CN, folder: letters, merged: true}}
"""


def contact(out: Path, as_of: date, language: str) -> None:
    """Dispatch the demo's night to stand-ins, show what left and what did not, verify one message and the log, and open both doors."""
    root = source_tree()
    if root is None:
        print("The stand-ins are not here; they come with the source repository, not with the installed package.")
        return
    os.environ["SMSC_PASSWORD"] = SMSC_PASSWORD
    os.environ["PAY_SECRET"] = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    _mail_night(root, out, as_of)
    (out / "mail").mkdir()
    smsc = stand_in(root, "smsc", "--port", "0", "--journal", str(out / "smsc.jsonl"))
    smtp = stand_in(root, "smtp", "--port", "0", "--spool", str(out / "mail"))
    with smsc as sms, smtp as mail:
        _install(root, out, sms, mail)
        _between(out, as_of)
        for night in ("mail-night", "night"):
            at = _morning(as_of, "10:00")
            run("dispatch", "--night", out / night, "--until-empty", "--at", at, "--lang", language, config=out)
        print(
            f"\n{len(sorted((out / 'letters').rglob('*.pdf')))} files of letters wait for the print house in {out / 'letters'}"
        )
        _verify_one(out, language)
        run("seal", config=out)
        run("verify-log", config=out)
        print("\n6. Both doors, open  ·  两扇门")
        run("desk", out / "night", config=out)
        doors(out, out / "night", datetime.fromisoformat(_morning(as_of, "10:30")).astimezone(UTC))


def _morning(as_of: date, clock: str) -> str:
    """A time of the day after the night, in Shanghai."""
    return f"{as_of + timedelta(days=1)}T{clock}:00+08:00"


def run(*words: object, config: Path, expect: int = 0) -> None:
    """A command of ours, shown as a person would type it. Refusal if it ends otherwise than expected."""
    from arrears.cli import main

    words = (*words, "--config", config / "arrears.yaml")
    shown = [str(word) if len(str(word)) < 60 else "…" for word in words]
    print("\n$ arrears " + " ".join(f'"{word}"' if " " in word or word == "…" else word for word in shown), flush=True)
    code = main([str(word) for word in words])
    if code != expect:
        raise refuse("demo", f"ended with {code}", field=str(words[0]))


def _mail_night(root: Path, out: Path, as_of: date) -> None:
    """The night of the borrowers who gave a mailbox only."""
    book = make_mailbox_book(out / "mail-book", MAIL_ACCOUNTS, SEED, as_of)
    planned = nights.prepare(book, as_of, ladder=root / "examples" / "email" / "ladder.yaml")
    run_shown(planned, out / "mail-night", None)


def _install(root: Path, out: Path, sms: int, mail: int) -> None:
    """An installation: its file, its keys, its store with both books."""
    ladder = os.path.relpath(root / "examples" / "email" / "ladder.yaml", out)
    text = CONFIG.format(ladder=ladder, sms=sms, mail=mail, login=SMSC_LOGIN)
    (out / "arrears.yaml").write_text(text, "utf-8")
    run("keys", "make", config=out)
    for book in ("book", "mail-book"):
        run("book", "import", out / book, config=out)


def _between(out: Path, as_of: date) -> None:
    """What comes in between the night and the morning: somebody pays, somebody is to be left alone."""
    work = pl.read_parquet(out / "night" / "worklist.parquet").filter(pl.col("channel") == "sms").sort("account_id")
    paid, alone = work.row(0, named=True), work.row(1, named=True)
    with (out / "payments.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["payment_id", "on", "amount", "currency", "reference"])
        rows.writerow(
            ["D-1", as_of + timedelta(days=1), paid["past_due"], paid["currency"], f"还款 {paid['account_id']}"]
        )
        rows.writerow(["D-2", _morning(as_of, "09:20"), "88.00", "CNY", "谢谢"])
    run("payments", "import", out / "payments.csv", "--at", _morning(as_of, "09:30"), config=out)
    run("stop", "--person", alone["person_id"], "--by", "demo", "--why", "in hospital", config=out)


def _verify_one(out: Path, language: str) -> None:
    """One of the texts as the stand-in took it, verified; and the same with another amount."""
    text = next(text for text in texts(out / "smsc.jsonl") if any(letter.isdecimal() for letter in text))
    print(f"\n{text}")
    run("verify", text, "--lang", language, config=out)
    changed = re.sub(r"(\d)(?=\.\d\d)", lambda digit: str((int(digit[0]) + 1) % 10), text, count=1)
    run("verify", changed, "--lang", language, config=out, expect=1)
    mails = sorted(path for path in (out / "mail").rglob("*") if path.is_file())
    body = message_from_bytes(mails[0].read_bytes(), policy=policy.default).get_body(("plain",))
    assert body is not None
    (out / "one-mail.txt").write_text(body.get_content(), "utf-8")
    run("verify", out / "one-mail.txt", "--lang", language, config=out)
