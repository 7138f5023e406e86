"""What the pages of the desk ask with: the office of dispatch over the service's own store, with the rules as they stand now."""

from __future__ import annotations

import os
import threading
from datetime import date
from typing import Any

from fastapi import Request
from sqlalchemy import func, select

from arrears.dispatch.carried import Office
from arrears.dispatch.rules import rules_of
from arrears.dispatch.running import terms_in
from arrears.dispatch.spoken import Speaker
from arrears.notice.writer import open_writer
from arrears.store.tables import TermsFile
from arrears.web.served import Served, served_by

_lock = threading.Lock()


def office_of(request: Request) -> Office:
    """The office. Terms that were put in meanwhile count from the next request on."""
    served = served_by(request)
    with served.store.read() as connection:
        latest = connection.execute(select(func.max(TermsFile.seq))).scalar()
        with _lock:
            known = getattr(request.app.state, "desk_office", None)
            if known is None or known[0] != latest:
                rules = rules_of(served.installation, terms_in(connection))
                known = (latest, Office(served.store, served.personal, rules))
                request.app.state.desk_office = known
    office: Office = known[1]
    return office


def speaker_of(request: Request, office: Office) -> Speaker:
    """What writes the words of a call, by the keys and templates of the day; read once a day."""
    served = served_by(request)
    today = served.now().date()
    known: Any = getattr(request.app.state, "desk_writer", None)
    if known is None or known[0] != today:
        known = _written(request, served, today)
    return Speaker(known[1], office.personal, office.rules, os.urandom)


def _written(request: Request, served: Served, today: date) -> Any:
    known = (today, open_writer(served.installation, today))
    request.app.state.desk_writer = known
    return known
