"""`pages`: the public pages as files."""

from __future__ import annotations

import argparse
from pathlib import Path
from urllib.parse import urlsplit

from arrears.cli.keys import keys_of_lender
from arrears.cli.out import print_json, write_file
from arrears.errors import refuse
from arrears.web.site_files import site


def pages(arguments: argparse.Namespace) -> int:
    """`arrears pages`."""
    service = arguments.service or ""
    if service and urlsplit(service).scheme not in ("http", "https"):
        raise refuse(
            "service", "is no web address", field="--service", exit_code=2, todo="such as https://www.example.com"
        )
    folder = Path(arguments.out)
    written = site(keys_of_lender(arguments.keys)[0] if arguments.keys else None, service)
    for name, content in written.items():
        write_file(folder / name, content, folders=True)
    if arguments.json:
        print_json({"out": str(folder), "files": sorted(written)})
    else:
        print(folder / "index.html")
    return 0
