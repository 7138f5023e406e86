"""`/desk/rounds`: a crew's round on a phone. Each door is asked again when it is opened, and its outcome told there."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from arrears.dispatch.carried import in_hand
from arrears.dispatch.channels.visit import visit_settings
from arrears.dispatch.outcomes import Told, codes
from arrears.dispatch.telling import tell
from arrears.errors import Refusal
from arrears.facts.beside import tongue_of
from arrears.store.many import among
from arrears.store.tables import Attempt
from arrears.web.csrf import checked
from arrears.web.desk.carried_view import details_of, view_of
from arrears.web.desk.faults import fault_text
from arrears.web.desk.office import office_of
from arrears.web.desk.shown import desk_page, language_here, linker
from arrears.web.links import Id
from arrears.web.roles import who_may
from arrears.web.served import served_by
from arrears.web.sessions import Staff, staff
from arrears.web.views import note_list, note_view

router = APIRouter(include_in_schema=False)
Visitor = Annotated[Staff, Depends(staff(*who_may("make_visits")))]
_ROUND = re.compile(r"\d{4}-\d{2}-\d{2}-[0-9a-f]{6}")
#: The latest rounds that are listed.
MOST = 14


@dataclass(frozen=True)
class Door:
    """A visit of a round: the attempt's key, the account, and the planned instant as text on the crew's clock."""

    key: str
    account: str
    at: str


@dataclass(frozen=True)
class CrewRound:
    """One crew's part of a round."""

    id: str
    on: str
    crew: str
    members: tuple[str, ...]
    doors: tuple[Door, ...]


@router.get("/desk/rounds")
def rounds(request: Request, who: Visitor) -> Response:
    """The rounds of the one who asks; a supervisor sees all."""
    if "visit" not in served_by(request).installation.channels:
        return desk_page(request, who, "rounds.html", set_up=False, found=[])
    found = _of(request, who)
    note_list(served_by(request), who, (door.account for one in found for door in one.doors), "desk rounds")
    return desk_page(request, who, "rounds.html", set_up=True, found=[(one, _open(request, one)) for one in found])


@router.get("/desk/rounds/{round_id}/{key}")
def door(request: Request, who: Visitor, round_id: Id, key: Id, told: str = "") -> Response:
    """One door: whether the visit may be made now, where, and what to say."""
    return _page(request, who, _door(request, who, round_id, key), round_id, told=told)


@router.post("/desk/rounds/{round_id}/{key}", dependencies=[Depends(checked)])
async def outcome(request: Request, who: Visitor, round_id: Id, key: Id) -> Response:
    """The outcome at a door, as a fact."""
    form = dict(await request.form())
    return await run_in_threadpool(_told, request, who, round_id, key, form)


def _told(request: Request, who: Staff, round_id: str, key: str, form: dict[str, Any]) -> Response:
    served, found = served_by(request), _door(request, who, round_id, key)
    now = served.now()
    try:
        recorded = tell(
            office_of(request), Told(key, now, str(form.get("code", "")), agent=who.name, details=details_of(form)), now
        )
    except Refusal as refusal:
        return _page(
            request, who, found, round_id, fault=fault_text(refusal, language_here(request)), typed=form, status=422
        )
    link = linker(request.query_params.get("lang"))
    return RedirectResponse(link("/desk/rounds/{}/{}", round_id, key, told=recorded.code), 303)


def _page(
    request: Request, who: Staff, found: Door, round_id: str, *, told: str = "", fault: str = "", typed: dict[str, Any] | None = None,
    status: int = 200,
) -> Response:  # fmt: skip
    served, language = served_by(request), language_here(request)
    with served.store.read() as connection:
        items = in_hand(connection, attempt_ids=[found.key])
    view = view_of(office_of(request), items[0], language, served.now()) if items else None
    note_view(served, who, found.account, "desk visit")
    known = codes("visit")
    return desk_page(
        request, who, "door.html", status, view=view, door=found, round_id=round_id, fault=fault, typed=typed or {},
        told=known[told].says[tongue_of(language)] if told in known else "",
    )  # fmt: skip


def _door(request: Request, who: Staff, round_id: str, key: str) -> Door:
    """The door of that key on a round of theirs; 404 else."""
    for one in _of(request, who):
        if one.id == round_id:
            for found in one.doors:
                if found.key == key:
                    return found
    raise HTTPException(404, "Not here")


def _of(request: Request, who: Staff) -> list[CrewRound]:
    installation = served_by(request).installation
    if "visit" not in installation.channels:
        return []
    folder = visit_settings(installation.channels["visit"], installation).rounds
    names = (
        sorted((path.name for path in folder.iterdir() if _ROUND.fullmatch(path.name)), reverse=True)
        if folder.is_dir()
        else []
    )
    found = [one for name in names[:MOST] for one in _read(folder / name)]
    return [one for one in found if "supervisor" in who.roles or who.name in one.members]


def _read(folder: Path) -> list[CrewRound]:
    try:
        told = json.loads((folder / "round.json").read_text("utf-8"))
    except (OSError, ValueError):
        return []  # it is being written
    return [
        CrewRound(told["round"], told["on"], route["crew"], tuple(route["members"]),
                  tuple(Door(visit["key"], visit["account"], str(visit["at"])[11:16]) for visit in route["visits"]))
        for route in told["routes"]
        if route["visits"]
    ]  # fmt: skip


def _open(request: Request, one: CrewRound) -> frozenset[str]:
    """The keys whose outcome was not told yet."""
    with served_by(request).store.read() as connection:
        wanted = select(Attempt.attempt_id).where(
            among(connection, Attempt.attempt_id, {found.key for found in one.doors}), Attempt.answer.is_(None)
        )
        return frozenset(connection.execute(wanted).scalars())
