"""Arguments of `desk`: a night onto the pages of staff."""

from __future__ import annotations

from typing import Any

from arrears.cli.arguments import command, configured


def add(commands: Any) -> None:
    """Add the command."""
    desk = command(commands, "desk", "desk:take", "take a night onto the pages of staff", worded=False)
    configured(desk)
    desk.add_argument("night", metavar="NIGHT", help="the folder of the finished night")
    desk.add_argument("--previous", metavar="NIGHT", help="an earlier night, for roll rates")
