"""The end of the demo: both doors open, on the morning after the night, until the demo is stopped; or tried and closed (`CI=true`)."""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import polars as pl
import pyotp
import uvicorn

from arrears.errors import refuse
from arrears.installation import Installation, load_installation
from arrears.lab.stand_ins import texts
from arrears.store.connect import open_store
from arrears.store.personal import open_personal
from arrears.web import staff_accounts
from arrears.web.app import create_app

PORT = 8000
#: Staff of the demo: name, name as shown, roles. Two may agree with each other.
STAFF = (
    ("ann", "安然", ("collector", "supervisor")),
    ("lee", "李未", ("supervisor", "compliance", "field")),
)
CODES_SHOWN = 3
#: Pages that anybody may see, and doors that send whoever is not signed in to their sign-in.
OPEN = ("/", "/verify", "/stand", "/questions", "/account/sign-in", "/desk/sign-in")
CLOSED = {"/account": "/account/sign-in", "/desk": "/desk/sign-in"}
STARTS_WITHIN = 60.0


def doors(out: Path, night: Path, morning: datetime) -> None:
    """Add two members of staff and serve. `morning`: what the service's clock says when it starts (UTC)."""
    installation = load_installation(out / "arrears.yaml")
    staff = _staff(installation, morning)
    begun = time.monotonic()
    app = create_app(installation, lambda: morning + timedelta(seconds=time.monotonic() - begun), loopback=True)
    with _served(app) as address:
        _tried(address)
        print(f"\n  {address}/  ·  {address}/?lang=en")
        print(
            "\n  Borrower · 借款人: the code comes as a text to the stand-in, and is shown below · 验证码短信显示在下方"
        )
        print(f"    {address}/account/sign-in  {_borrower(night)}")
        print("\n  Staff · 工作人员: each recovery code signs in once · 每个恢复码可登录一次")
        for name, password, codes in staff:
            print(f"    {address}/desk/sign-in  {name}  {password}  {'  '.join(codes)}")
        if os.environ.get("CI", "").lower() not in ("", "0", "false"):
            print(f"\n{len(OPEN) + len(CLOSED)} pages answered; closed again, since CI is set.")
            return
        print("\nOpen until Ctrl-C · 按 Ctrl-C 结束", flush=True)
        _phone(out / "smsc.jsonl")


def _staff(installation: Installation, now: datetime) -> list[tuple[str, str, list[str]]]:
    """The members of staff with password and some recovery codes, which stand for the authenticator app that a demo has not."""
    store = open_store(installation.database)
    personal = open_personal(store, installation.keys)
    found = []
    for name, shown, roles in STAFF:
        password, secret = secrets.token_urlsafe(12), pyotp.random_base32()
        with store.begin() as connection:
            staff_accounts.add_member(connection, name, shown, roles, password, now)
            typed = pyotp.TOTP(secret).at(int(now.timestamp()))
            codes = staff_accounts.set_up_second(connection, personal, name, secret, typed, now)
        assert codes is not None  # the code is right by how it was made
        found.append((name, password, codes[:CODES_SHOWN]))
    store.close()
    return found


def _borrower(night: Path) -> str:
    """An account of the work list that is past due and has a phone."""
    work = pl.read_parquet(night / "worklist.parquet").sort("account_id")
    called = work.filter(pl.col("channel").is_in(["call", "sms"]) & (pl.col("days_past_due") > 0))
    return str(called["account_id"][2])


@contextmanager
def _served(app: object) -> Iterator[str]:
    """The service in a thread; gives its address. Refusal if it does not start."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, server_header=False))  # type: ignore[arg-type]
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", PORT))
        except OSError:  # somebody has that port
            listening.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, args=([listening],), name="service")
        thread.start()
        until = time.monotonic() + STARTS_WITHIN
        while not server.started and thread.is_alive() and time.monotonic() < until:
            time.sleep(0.02)
        try:
            if not server.started:
                raise refuse("demo", "did not start", field="service")
            yield f"http://localhost:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def _tried(address: str) -> None:
    """Refusal if a page does not answer as it should."""
    with httpx.Client(base_url=address, timeout=60, trust_env=False) as client:
        for path in OPEN:
            for language in ("zh-CN", "en"):
                found = client.get(path, params={"lang": language})
                if found.status_code != 200 or f'lang="{language}"' not in found.text:
                    raise refuse("demo", f"answered {found.status_code}", field=path)
        for path, door in CLOSED.items():
            found = client.get(path)
            if found.status_code != 303 or not found.headers["location"].startswith(door):
                raise refuse("demo", "does not ask for a sign-in", field=path)


def _phone(journal: Path) -> None:
    """The texts that come from now on, as the phone of whoever they are for would show them, until the demo is stopped."""
    shown = len(texts(journal))
    try:
        while True:
            time.sleep(0.5)
            came = texts(journal)
            for text in came[shown:]:
                print(f"\n  SMS · 短信: {text}", flush=True)
            shown = len(came)
    except KeyboardInterrupt:
        print()
