"""The soak from the command line: `python -m tests.soak.run --kills 1000 --backend postgresql`. Exit 1 if a promise was broken."""

import argparse
import json
import sys
from dataclasses import fields
from pathlib import Path

from tests.soak.plan import Plan
from tests.soak.report import put
from tests.soak.soak import run


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for one in fields(Plan):
        parser.add_argument(
            f"--{one.name}", type=type(one.default) if one.type is not bool else int, default=one.default
        )
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="an empty folder for the files of the run")
    parser.add_argument("--page", type=Path, metavar="FILE", help="put the figures there, between their markers")
    parser.add_argument("--command", default="python -m tests.soak.run", help="what the page says it was started by")
    told = vars(parser.parse_args())
    keep, page, command = (told.pop(name) for name in ("keep", "page", "command"))
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
    outcome = run(Plan(**told), keep).as_json()
    print(json.dumps(outcome, indent=1, default=str))
    if page is not None:
        put(page, outcome, command)
    return 1 if outcome["faults"] else 0


if __name__ == "__main__":
    sys.exit(main())
