"""`serve`: the web service."""

from __future__ import annotations

import argparse
from pathlib import Path

from arrears.errors import refuse
from arrears.installation import load_installation


def serve(arguments: argparse.Namespace) -> int:
    """`arrears serve`: until it is told to stop. Addresses of clients are taken from a proxy only on this machine."""
    import uvicorn

    from arrears.dispatch.channels.settings import is_loopback
    from arrears.web.app import create_app

    installation = load_installation(Path(arguments.config) if arguments.config else None)
    app = create_app(installation, loopback=is_loopback(arguments.host))
    print(f"http://{arguments.host}:{arguments.port}/", flush=True)
    try:
        uvicorn.run(
            app, host=arguments.host, port=arguments.port, log_level="warning", access_log=False, server_header=False,
            proxy_headers=True, forwarded_allow_ips="127.0.0.1,::1",
        )  # fmt: skip
    except SystemExit:
        raise refuse("serve", "cannot listen there", field=f"{arguments.host}:{arguments.port}", exit_code=2,
                     todo="give another --port") from None  # fmt: skip
    return 0
