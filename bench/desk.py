"""How long the pages of the desk take over a store that is there: median, 95th percentile and slowest, in milliseconds.

    python bench/desk.py --config arrears.yaml [--times 21] [--json]

The store has a night on the desk (`arrears desk`). A member of staff is made up for the measurement and goes when it ends. The application
answers in this process, so no network is in the figures; the first answer of each page is not counted.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from fastapi.testclient import TestClient

from arrears.installation import load_installation
from arrears.store.tables import DeskAccount, StaffMember
from arrears.web import session_rows
from arrears.web.app import create_app
from arrears.web.cookies import HOST, NAMES

MEMBER = "bench-of-the-desk"
ROLES = ["collector", "field", "supervisor", "compliance", "auditor"]
PAGES = (
    "/desk", "/desk?stage=visit", "/desk?channel=call&days_band=31-60", "/desk?amount_band=20000%2B&channel=letter",
    "/desk?after={middle}", "/desk/accounts/{account}", "/desk/call", "/desk/cases/promises", "/desk/cases/disputes", "/desk/cases/complaints",
    "/desk/cases/hardship", "/desk/approvals", "/desk/figures", "/desk/strategy", "/desk/stops", "/desk/law", "/desk/log",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", required=True)
    parser.add_argument("--times", type=int, default=21)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    app = create_app(load_installation(Path(arguments.config)), loopback=True)
    store = app.state.served.store
    token = signed_in(store)
    with TestClient(app, base_url="https://127.0.0.1") as client:
        try:
            client.cookies.set(HOST + NAMES["staff"], token)
            rows = [measured(client, page, arguments.times) for page in pages(store)]
        finally:
            signed_out(store)
    if arguments.json:
        print(json.dumps(rows))
        return
    for row in rows:
        print(f"{row['page']:<48} {row['median_ms']:>8.1f} {row['p95_ms']:>8.1f} {row['slowest_ms']:>8.1f}")


def signed_in(store):
    """A session of a member with every role that reads."""
    now = datetime.now(UTC)
    row = {"name": MEMBER, "shown_name": MEMBER, "roles": json.dumps(ROLES), "failures": 0, "added_at": now}
    with store.begin() as connection:
        connection.execute(sa.delete(StaffMember).where(StaffMember.name == MEMBER))
        connection.execute(sa.insert(StaffMember).values(**row))
        return session_rows.begin(connection, "staff", MEMBER, now)


def signed_out(store):
    """The member goes, and the session with them."""
    with store.begin() as connection:
        connection.execute(sa.delete(StaffMember).where(StaffMember.name == MEMBER))


def pages(store):
    """The addresses, with an account and a place in the middle of the list that are there."""
    with store.read() as connection:
        last = connection.execute(sa.select(sa.func.max(DeskAccount.place))).scalar() or 0
        account = connection.execute(sa.select(DeskAccount.account_id).order_by(DeskAccount.place).limit(1)).scalar()
    return [page.format(middle=last // 2, account=account) for page in PAGES]


def measured(client, page, times):
    """One page, after a first answer that is not counted."""
    taken = []
    for number in range(times + 1):
        begun = time.perf_counter()
        answer = client.get(page)
        if answer.status_code != 200:
            raise SystemExit(f"{page}: {answer.status_code}")
        if number:
            taken.append(1000 * (time.perf_counter() - begun))
    taken.sort()
    return {
        "page": page, "median_ms": round(statistics.median(taken), 1), "p95_ms": round(taken[int(0.95 * (len(taken) - 1))], 1),
        "slowest_ms": round(taken[-1], 1),
    }  # fmt: skip


if __name__ == "__main__":
    main()
