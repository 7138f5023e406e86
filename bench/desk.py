"""How long the pages of the desk and of the borrower take: median, 95th percentile and slowest in milliseconds, and processor time.

    python bench/desk.py --accounts 1000000 [--times 21] [--json] [--write]
    python bench/desk.py --config arrears.yaml [--times 21] [--json]

With `--accounts`, over made accounts in a PostgreSQL of its own, kept under bench-out/ (`desk_store`): the first run makes them, which for a
million takes some twenty minutes; `--write` puts the table into docs/performance.md. With `--config`, over the store of an installation that has
a night on the desk.

A member of staff and borrowers' sessions are made up for the measurement and go when it ends, and so do the plans that borrowers wait for. The
application answers in this process, so no network is in the figures; each answer is about another account, and the first of each page is not
counted. `cpu` is processor time of this process, in which the database's own is not: it stands in `database`, of all processes of the server
together.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from desk_asked import Asked, Service, Visit
from fastapi.testclient import TestClient
from machine import described

from arrears.installation import load_installation
from arrears.store.tables import Approval, DeskAccount, Person, SignedIn, StaffMember
from arrears.web import session_rows
from arrears.web.app import create_app
from arrears.web.approvals import ask_for_borrower
from dispatch import server_ms

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
from tests.soak.report import put_section  # noqa: E402

PAGE = ROOT / "docs" / "performance.md"
MEMBER = "bench-of-the-desk"
ROLES = ["collector", "field", "supervisor", "compliance", "auditor"]
HEAD = ("median", "95%", "slowest", "cpu", "database")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    over = parser.add_mutually_exclusive_group(required=True)
    over.add_argument("--accounts", type=int, help="make a store of so many accounts, or take the one that stands")
    over.add_argument("--config", help="the installation to measure")
    parser.add_argument("--out", type=Path, default=Path("bench-out"), help="where made stores are kept")
    parser.add_argument("--times", type=int, default=21)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write", action="store_true", help="write the table into docs/performance.md")
    given = parser.parse_args()
    if given.config:
        rows = measure(Path(given.config), given.times, lambda: datetime.now(UTC))
    else:
        from desk_store import MORNING, running

        begun = time.monotonic()
        with running(given.out.resolve(), given.accounts) as config:
            rows = measure(config, given.times, lambda: MORNING + timedelta(seconds=time.monotonic() - begun))
    print(json.dumps(rows) if given.json else table(rows))
    if given.write and given.accounts:
        put_section(PAGE, f"desk {given.accounts}", section(rows, given.accounts, given.times))


def measure(config: Path, times: int, now: Callable[[], datetime]) -> list[dict[str, Any]]:
    """Every page, one after another."""
    app = create_app(load_installation(config), now, loopback=True)
    store = app.state.served.store
    with TestClient(app, base_url="https://127.0.0.1") as client, signed_in(store, now(), times + 1) as visits:
        found = Service(app, client, visits).everything()
        return [row for turns in found for row in measured(store, turns, times)]


@contextmanager
def signed_in(store: Any, now: datetime, visits: int) -> Iterator[list[Visit]]:
    """So many visits, each with another account from all along the list, whose borrower waits for a plan. What is made for them goes again."""
    row = {"name": MEMBER, "shown_name": MEMBER, "roles": json.dumps(ROLES), "failures": 0, "added_at": now}
    made, asked = [], []
    with store.begin() as connection:
        connection.execute(sa.delete(StaffMember).where(StaffMember.name == MEMBER))
        connection.execute(sa.insert(StaffMember).values(**row))
        staff = session_rows.begin(connection, "staff", MEMBER, now)
        for names in named(connection, visits):
            theirs = session_rows.begin(connection, "borrower", names["person"], now)
            made.append(Visit(names, {"staff": staff, "borrower": theirs}))
            asked.append(ask_for_borrower(connection, "plan", names["account"], plan_of(now), "not at once", now))
    try:
        yield made
    finally:
        hashes = [session_rows.hash_of(token) for visit in made for token in visit.tokens.values()]
        with store.begin() as connection:
            connection.execute(sa.delete(Approval).where(Approval.number.in_(asked)))
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


def plan_of(now: datetime) -> dict[str, Any]:
    """What an approval holds of a plan of twelve instalments whose budget is gone."""
    rows = [
        {
            "due_on": (now + timedelta(days=30 * number)).date().isoformat(),
            "principal": 100_000,
            "interest": 0,
            "fee": 0,
        }
        for number in range(1, 13)
    ]
    return {"currency": "CNY", "contact": "", "event": {"data": {"reason": "instalments", "instalments": rows}}}


def measured(store: Any, turns: Sequence[Asked], times: int) -> list[dict[str, Any]]:
    """What takes turns, after a first turn that is not counted."""
    taken: list[list[tuple[float, float, float]]] = [[] for _ in turns]
    for number in range(times + 1):
        for place, one in enumerate(turns):
            server, used, begun = server_ms(store), time.process_time(), time.perf_counter()
            status = one.ask(number)
            wall, cpu = time.perf_counter() - begun, time.process_time() - used
            if status not in (200, 303):
                raise SystemExit(f"{one.name}: {status}")
            if number:
                taken[place].append((1000 * wall, 1000 * cpu, server_ms(store) - server))
    return [row_of(one.name, figures) for one, figures in zip(turns, taken, strict=True)]


def row_of(name: str, taken: list[tuple[float, float, float]]) -> dict[str, Any]:
    """The figures of one page. The server's clock has ticks of ten milliseconds, so its time is a mean."""
    wall = sorted(one for one, _, _ in taken)
    return {
        "page": name, "median_ms": round(statistics.median(wall), 1), "p95_ms": round(wall[int(0.95 * (len(wall) - 1))], 1),
        "slowest_ms": round(wall[-1], 1), "cpu_ms": round(statistics.median(cpu for _, cpu, _ in taken), 1),
        "database_ms": round(statistics.mean(server for _, _, server in taken), 1),
    }  # fmt: skip


def section(rows: list[dict[str, Any]], accounts: int, times: int) -> str:
    """The section of docs/performance.md."""
    command = f"python bench/desk.py --accounts {accounts} --times {times} --write"
    head = f"## The pages over {accounts:,} accounts, measured on {datetime.now(UTC):%Y-%m-%d}"
    machine = "\n".join(f"- {name}: {value}" for name, value in described())
    slow = [row["page"] for row in rows if row["median_ms"] >= 200]
    said = (
        f"At the median above 200 ms: {', '.join(f'`{page}`' for page in slow)}."
        if slow
        else "No median is above 200 ms."
    )
    return f"{head}\n\n{machine}\n- command: `{command}`\n\n{said} All in milliseconds.\n\n{table(rows)}"


def table(rows: list[dict[str, Any]]) -> str:
    """The figures as a table of Markdown."""
    lines = [f"| page | {' | '.join(HEAD)} |", "| --- |" + " ---: |" * len(HEAD)]
    for row in rows:
        figures = (row[f"{name}_ms"] for name in ("median", "p95", "slowest", "cpu", "database"))
        lines.append(f"| `{row['page']}` | " + " | ".join(f"{figure:,.1f}" for figure in figures) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
