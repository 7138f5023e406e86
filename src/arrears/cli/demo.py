"""`demo`: a working system on made data and on a real tape, in one command."""

from __future__ import annotations

import argparse
import shutil
from datetime import date
from pathlib import Path

from arrears import night as nights
from arrears import show
from arrears.account import look_at
from arrears.cli.account import case_at
from arrears.cli.demo_contact import contact
from arrears.cli.night import print_summary, run_shown
from arrears.cli.out import print_json
from arrears.errors import refuse
from arrears.facts.book import open_book
from arrears.facts.door import import_tape
from arrears.facts.mapping import load_mapping
from arrears.lab.made import make_book, story
from arrears.strategy import load_ladder

AS_OF = date(2026, 11, 23)
REAL_AS_OF = date(2005, 9, 30)
SEED = 7
MARK = ".arrears-demo"


def demo(arguments: argparse.Namespace) -> int:
    """`arrears demo`: asks nothing, so it runs unattended too."""
    out = _fresh(Path(arguments.out))
    _head("1. A made book: people who do not exist, behaviour that does  ·  虚构账户的账簿")
    make_book(out / "book", arguments.accounts, SEED, AS_OF)
    planned = nights.prepare(open_book(out / "book"), AS_OF)
    summary = run_shown(planned, out / "night", None)
    if arguments.json:
        print_json(summary)
    else:
        print_summary(summary, arguments.lang)
    print(f"\n  {out / 'night' / 'worklist.csv'}")
    _real_tape(out, arguments.lang)
    _one_account()
    _head("5. From work list to contact, to stand-ins that reach nobody  ·  从名单到联系（替身服务器，不会联系任何人）")
    contact(out, AS_OF, arguments.lang)
    print(f"\nNext: arrears explain {story('sms-but-no-visit')} --svg chart.svg  ·  docs/tutorial/first-night.md")
    return 0


def _fresh(out: Path) -> Path:
    """The demo's own folder, emptied; a folder that is not the demo's is left alone."""
    if out.exists() and not (out / MARK).exists() and any(out.iterdir()):
        raise refuse(
            "demo", "is not empty and was not made by the demo", file=str(out), exit_code=2, todo="give another --out"
        )
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    (out / MARK).touch()
    return out


def _head(text: str) -> None:
    print(f"\n{text}\n{'─' * show.wide(text)}")


def examples() -> Path:
    """The examples that stand beside the source."""
    return Path(show.__file__).parents[2] / "examples"


def _real_tape(out: Path, language: str) -> None:
    """30,000 real credit-card accounts (Taiwan, 2005) through the same door and the same night."""
    _head("2. A real tape: 30,000 credit-card accounts, Taiwan 2005 (UCI, CC BY 4.0)  ·  真实数据")
    tape = examples() / "uci" / "uci_credit_card.parquet"
    if not tape.exists():
        print(f"The tape is not here ({tape}); it comes with the source repository, not with the installed package.")
        return
    folder = tape.parent
    report = import_tape(
        [tape], load_mapping(folder / "mapping.yaml"), out / "real-book", [("uci-card", folder / "uci-card.yaml")]
    )
    print(", ".join(f"{table} {rows:,}" for table, rows in report.imported.items() if rows))
    planned = nights.prepare(open_book(out / "real-book"), REAL_AS_OF, ladder=folder / "ladder.yaml")
    print_summary(run_shown(planned, out / "real-night", None), language)


def _one_account() -> None:
    """One account line by line in both languages, and the founding question."""
    case = case_at(story("sms-but-no-visit"))
    assert case.as_of is not None
    account = look_at(case.facts, case.account_ids[0], load_ladder("cn-consumer"), case.as_of)
    _head("3. One account line by line  ·  逐笔说明")
    print(show.explanation(account, "zh-CN"))
    print(show.explanation(account, "en"))
    _head("4. An SMS came, but nobody visited: why?  ·  收到短信，但没有人上门：为什么？")
    print(show.why_not(account, "visit", "zh-CN"))
    print(show.why_not(account, "visit", "en"))
