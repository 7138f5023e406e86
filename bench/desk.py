"""How long the pages of the desk and of the borrower take: median, 95th percentile and slowest in milliseconds, and processor time.

    python bench/desk.py --accounts 1000000 [--times 21] [--json]
    python bench/desk.py --config arrears.yaml [--times 21] [--json]

With `--accounts`, over made accounts in a PostgreSQL of its own, kept under bench-out/ (`desk_store`): the first run makes them, which for a
million takes some twenty minutes. With `--config`, over the store of an installation that has a night on the desk.

A member of staff and a borrower's session are made up for the measurement and go when it ends. The application answers in this process, so no
network is in the figures; each answer is about another account, and the first of each page is not counted. `cpu` is processor time of this process, in which the database's own
is not: it stands in `database`, of all processes of the server together.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from fastapi.testclient import TestClient
from machine import described

from arrears.installation import load_installation
from arrears.store.tables import DeskAccount, Person, SignedIn, StaffMember
from arrears.web import session_rows
from arrears.web.app import create_app
from arrears.web.cookies import HOST, NAMES
from dispatch import server_ms

MEMBER = "bench-of-the-desk"
ROLES = ["collector", "field", "supervisor", "compliance", "auditor"]
DESK = (
    "/desk", "/desk?stage=visit", "/desk?channel=call&days_band=31-60", "/desk?amount_band=20000%2B&channel=letter",
    "/desk?after={place}", "/desk/accounts/{account}", "/desk/call", "/desk/rounds", "/desk/cases/promises", "/desk/cases/disputes",
    "/desk/cases/complaints", "/desk/cases/hardship", "/desk/approvals", "/desk/figures", "/desk/strategy", "/desk/stops", "/desk/law",
    "/desk/log",
)  # fmt: skip
BORROWER = (
    "/account", "/account/loans/{account}", "/account/loans/{account}/pay", "/account/loans/{account}/plan", "/account/loans/{account}/say/promise",
    "/account/messages", "/account/contact", "/account/help", "/account/held",
)  # fmt: skip
#: Nobody is signed in. The form of `/stand` is sent with a loan of twelve instalments that is four months behind.
PUBLIC = ("/", "/verify", "/stand", "/questions", "/questions/sms-no-visit")
TYPED = {
    "place": "cn", "currency": "CNY", "lender_kind": "consumer_finance", "principal": "12000", "opened_on": "2026-01-10", "rate": "18",
    "count": "12", "each": "1100", "first_due": "2026-02-10", "payments": "2026-02-10 1100\n2026-03-12 600\n2026-06-20 1100",
    "who": "lender",
}  # fmt: skip
PASTED = {"text": "【示例消费金融】您的借款已逾期，请登录官网核实。验证码 7KQ2-MW4D-X9PA", "code": ""}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    over = parser.add_mutually_exclusive_group(required=True)
    over.add_argument("--accounts", type=int, help="make a store of so many accounts, or take the one that stands")
    over.add_argument("--config", help="the installation to measure")
    parser.add_argument("--out", type=Path, default=Path("bench-out"), help="where made stores are kept")
    parser.add_argument("--times", type=int, default=21)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.config:
        rows = measure(Path(given.config), given.times, lambda: datetime.now(UTC))
    else:
        from desk_store import MORNING, running

        begun = time.monotonic()
        with running(given.out.resolve(), given.accounts) as config:
            rows = measure(config, given.times, lambda: MORNING + timedelta(seconds=time.monotonic() - begun))
    print(json.dumps(rows) if given.json else table(rows))


def measure(config: Path, times: int, now: Callable[[], datetime]) -> list[dict[str, Any]]:
    """Every page, one after another."""
    app = create_app(load_installation(config), now, loopback=True)
    store = app.state.served.store
    with TestClient(app, base_url="https://127.0.0.1") as client, signed_in(store, now(), times + 1) as visits:
        rows = []
        for kind, pages in (("staff", DESK), ("borrower", BORROWER), ("", PUBLIC)):
            rows += [measured(store, page, get(client, page, kind, visits), times) for page in pages]
        for page, form in (("/stand", TYPED), ("/verify", PASTED)):
            rows.append(measured(store, f"{page} (answer)", post(app, page, form), times))
    return rows


@dataclass(frozen=True)
class Visit:
    """What one answer is asked for with: an account, a place of the list, and the sessions of the member of staff and of its borrower."""

    names: dict[str, Any]
    tokens: dict[str, str]


@contextmanager
def signed_in(store: Any, now: datetime, visits: int) -> Iterator[list[Visit]]:
    """So many visits, each with another account from all along the list. Sessions go when the block ends, and with them the member of staff."""
    row = {"name": MEMBER, "shown_name": MEMBER, "roles": json.dumps(ROLES), "failures": 0, "added_at": now}
    made = []
    with store.begin() as connection:
        connection.execute(sa.delete(StaffMember).where(StaffMember.name == MEMBER))
        connection.execute(sa.insert(StaffMember).values(**row))
        staff = session_rows.begin(connection, "staff", MEMBER, now)
        for names in named(connection, visits):
            theirs = session_rows.begin(connection, "borrower", names["person"], now)
            made.append(Visit(names, {"staff": staff, "borrower": theirs}))
    try:
        yield made
    finally:
        hashes = [session_rows.hash_of(token) for visit in made for token in visit.tokens.values()]
        with store.begin() as connection:
            connection.execute(sa.delete(SignedIn).where(SignedIn.session_hash.in_(hashes)))
            connection.execute(sa.delete(StaffMember).where(StaffMember.name == MEMBER))


def named(connection: Any, visits: int) -> Iterator[dict[str, Any]]:
    """Accounts at even distances along the list, each with its borrower and its place."""
    last = connection.execute(sa.select(sa.func.max(DeskAccount.place))).scalar() or 0
    for number in range(visits):
        place = 1 + number * last // visits
        listed = sa.select(DeskAccount.account_id).where(DeskAccount.place >= place).order_by(DeskAccount.place)
        account = connection.execute(listed.limit(1)).scalar()
        theirs = sa.select(Person.person_id).where(Person.account_id == account, Person.role == "borrower")
        yield {"place": place, "account": account, "person": connection.execute(theirs.limit(1)).scalar()}


def get(client: Any, page: str, kind: str, visits: list[Visit]) -> Callable[[int], int]:
    """Ask for a page as one visit after another does."""

    def asked(number: int) -> int:
        visit = visits[number]
        client.cookies.clear()
        if kind:
            client.cookies.set(HOST + NAMES[kind], visit.tokens[kind])
        return client.get(page.format(**visit.names)).status_code

    return asked


def post(app: Any, page: str, form: dict[str, str]) -> Callable[[int], int]:
    """Send a form, each time from another address: who asks may do so a few times a minute only."""

    def sent(number: int) -> int:
        client = TestClient(app, base_url="https://127.0.0.1", client=(f"10.0.{number // 250}.{number % 250}", 50_000))
        return client.post(page, data=form).status_code

    return sent


def measured(store: Any, page: str, ask: Callable[[int], int], times: int) -> dict[str, Any]:
    """One page, after a first answer that is not counted."""
    taken, spent, server = [], [], 0.0
    for number in range(times + 1):
        if number == 1:
            server = server_ms(store)
        begun, used = time.perf_counter(), time.process_time()
        status = ask(number)
        if status != 200:
            raise SystemExit(f"{page}: {status}")
        if number:
            taken.append(1000 * (time.perf_counter() - begun))
            spent.append(1000 * (time.process_time() - used))
    server = (server_ms(store) - server) / times
    taken.sort()
    return {
        "page": page, "median_ms": round(statistics.median(taken), 1), "p95_ms": round(taken[int(0.95 * (len(taken) - 1))], 1),
        "slowest_ms": round(taken[-1], 1), "cpu_ms": round(statistics.median(spent), 1), "database_ms": round(server, 1),
    }  # fmt: skip


def table(rows: list[dict[str, Any]]) -> str:
    """The figures as a table of Markdown, under the machine."""
    lines = [
        f"- {name}: {value}" for name, value in described() if name in ("processors", "memory", "system", "Python")
    ]
    lines += ["", "| page | median | 95% | slowest | cpu | database |", "| --- | ---: | ---: | ---: | ---: | ---: |"]
    for row in rows:
        figures = (row[f"{name}_ms"] for name in ("median", "p95", "slowest", "cpu", "database"))
        lines.append(f"| `{row['page']}` | " + " | ".join(f"{figure:,.1f}" for figure in figures) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
