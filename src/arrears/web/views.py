"""The audit of views: who looked at whose data, on which page, and when. Rows are added and never changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from arrears.store.tables import View
from arrears.web.served import Served
from arrears.web.sessions import Borrower, Staff
from arrears.web.tokens import Token


@dataclass(frozen=True)
class Viewed:
    """One look: when (UTC), by whom (`who_kind`: borrower, staff, or client of the API), at which person or account, on which page."""

    at: datetime
    who_kind: str
    who: str
    subject: str
    page: str


def note_view(served: Served, who: Borrower | Staff | Token, subject: str, page: str) -> None:
    """Write a look down, durably, before the page is shown. `subject`: a person_id or account_id; `page`: a short name of ours, no data."""
    note_list(served, who, (subject,), page)


def note_list(served: Served, who: Borrower | Staff | Token, subjects: Iterable[str], page: str) -> None:
    """Write down the looks at all whom a list shows, as `note_view` does; nothing where it shows nobody."""
    shown = list(subjects)
    if shown:
        with served.store.begin() as connection:
            note_views(connection, who, shown, page, served.now())


def note_views(
    connection: Connection, who: Borrower | Staff | Token, subjects: Iterable[str], page: str, now: datetime
) -> None:
    """Write down looks at several people or accounts (a list), in the caller's transaction."""
    rows = [
        {"at": now, "who_kind": who.kind, "who": who.name, "subject": subject, "page": page, "session_hash": who.session_id}
        for subject in dict.fromkeys(subjects)
    ]  # fmt: skip
    if rows:
        connection.execute(insert(View), rows)


def views_of(connection: Connection, subjects: Iterable[str], most: int = 500) -> list[Viewed]:
    """Who looked at these people or accounts, the latest first: also for the borrower's own page."""
    columns = (View.at, View.who_kind, View.who, View.subject, View.page)
    found = select(*columns).where(View.subject.in_(list(subjects))).order_by(View.number.desc()).limit(most)
    return [Viewed(*row) for row in connection.execute(found)]
