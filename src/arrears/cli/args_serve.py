"""Arguments of `serve`: the web service."""

from __future__ import annotations

from typing import Any

from arrears.cli.arguments import command, configured, positive


def add(commands: Any) -> None:
    """Add the command."""
    serve = command(commands, "serve", "serve:serve", "the public pages and the API", worded=False)
    configured(serve)
    serve.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: this machine alone)")
    serve.add_argument("--port", type=positive, default=8321, metavar="N", help="the port (default: 8321)")
