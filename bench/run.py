"""Measure arrears and its peers side by side in one run, print the table, and write it into docs/performance.md.

Each row is measured in a process of its own, so its peak of memory is its own; this process imports nothing large, because a process starts with
the peak of the one that started it. Rows are measured one after another, never two at a time.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from datetime import date
from pathlib import Path

import book
import table
from measured import Measured, Task, read_measured
from rows import ANSWERS, BY_KEY, ROWS

ROOT = Path(__file__).parent.parent
sys.path.insert(1, str(ROOT))

from tests.soak.report import put_section  # noqa: E402

from arrears.memory import keep_freed  # noqa: E402

PAGE = ROOT / "docs" / "performance.md"


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=1_000_000, help="size of the made book")
    parser.add_argument("--date", default=date.today().isoformat(), help="the day that the page names")
    parser.add_argument("--out", type=Path, default=ROOT / "bench-out", help="where book and answers are kept")
    parser.add_argument(
        "--only", action="append", choices=sorted(BY_KEY), help="measure this row only (may be repeated)"
    )
    parser.add_argument("--quick", action="store_true", help="one repetition each, to try the bench itself")
    parser.add_argument("--row", help=argparse.SUPPRESS)
    parser.add_argument("--result", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> int:
    """Everything, or in a process started for it one row."""
    given = arguments()
    folder = book.book_folder(given.out, given.accounts)
    task = Task(folder, given.out / "answers", given.out / "scratch", book.AS_OF.isoformat(), given.quick)
    if given.row:
        keep_freed()  # as `arrears night` does; for every row, so that all stand alike
        row = ANSWERS if given.row == ANSWERS.key else BY_KEY[given.row]
        row.load()(task).write(given.result)
        return 0
    given.out.mkdir(exist_ok=True)
    _say(f"book of {given.accounts:,} made accounts")
    book.make_apart(folder, given.accounts)
    found = measure_all(given)
    text = table.section(found, given.accounts, given.date, command_of(given))
    print(text)
    if not given.quick and not given.only:
        put_section(PAGE, f"bench {given.accounts}", text)
        _say(f"written: {PAGE.relative_to(ROOT)}")
    # a row that could not be measured is in the table with its reason, and the run is not a success
    return 0 if all(isinstance(measured, Measured) for measured in found.values()) else 1


def measure_all(given: argparse.Namespace) -> dict[str, Measured | str]:
    """Each row in turn; a row that fails says why and does not stop the others."""
    wanted = [row for row in ROWS if not given.only or row.key in given.only]
    answers = measure(ANSWERS.key, given)
    if isinstance(answers, str):
        sys.exit(f"arrears itself failed: {answers}")
    found = {}
    for row in wanted:
        _say(row.title)
        found[row.key] = measure(row.key, given)
    return found


def measure(key: str, given: argparse.Namespace) -> Measured | str:
    """One row in a process of its own; its last lines of error output if it fails."""
    result = given.out / f"{key}.json"
    result.unlink(missing_ok=True)
    options = BY_KEY[key].python if key in BY_KEY else ()
    asked = [
        "--row",
        key,
        "--result",
        result,
        "--accounts",
        given.accounts,
        "--out",
        given.out,
        *["--quick"] * given.quick,
    ]
    command = [sys.executable, *options, __file__, *map(str, asked)]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode or not result.exists():
        sys.stderr.write(done.stderr)
        return " ".join(done.stderr.strip().splitlines()[-1:]) or f"exit code {done.returncode}"
    return read_measured(result)


def command_of(given: argparse.Namespace) -> str:
    """How to measure the same again."""
    return "make bench" + (f" ACCOUNTS={given.accounts}" if given.accounts != 1_000_000 else "")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
