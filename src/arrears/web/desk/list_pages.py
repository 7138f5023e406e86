"""`/desk`: tonight's list, with filters that are links, and the work done so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from arrears.facts.beside import tongue_of
from arrears.notice.language import amount_text
from arrears.web.desk.bands import AMOUNTS, DAYS
from arrears.web.desk.live import Recent, stream
from arrears.web.desk.shown import desk_page, desk_text, language_here, linker, local, words_in
from arrears.web.desk.tonight import FILTERS, Line, Night, Page, night_on_desk, page_of, work_done
from arrears.web.roles import who_may
from arrears.web.served import served_by
from arrears.web.sessions import Staff, staff
from arrears.web.views import note_list

router = APIRouter(include_in_schema=False)
Reader = Annotated[Staff, Depends(staff(*who_may("see_work_list")))]
Watcher = Annotated[Staff, Depends(staff(*who_may("see_work_list"), by_person=False))]
_BANDS = {"days_band": DAYS, "amount_band": AMOUNTS}
#: The work of a night is counted at most so often, however many look at it.
_done: Recent[Sequence[tuple[str, str, int]]] = Recent(5.0)


@router.get("/desk")
def tonight(request: Request, who: Reader, after: int = 0) -> Response:
    """The list under the filters of the address."""
    chosen = {name: request.query_params[name][:64] for name in FILTERS if request.query_params.get(name)}
    with served_by(request).store.read() as connection:
        night = night_on_desk(connection)
        page = page_of(connection, night, chosen, max(0, after)) if night else None
    if night is None or page is None:
        return desk_page(request, who, "no_night.html")
    note_list(served_by(request), who, (line.account_id for line in page.lines), "desk list")
    return desk_page(
        request, who, "list.html", night=night, page=page, filters=_filters(request, night, page, chosen),
        lines=[_line(line, night, language_here(request)) for line in page.lines], done=_work(request),
        chosen=chosen, after=after, planned_for=night.planned_for.isoformat(),
    )  # fmt: skip


@router.get("/desk/live")
async def live(request: Request, who: Watcher) -> Response:
    """The work done, as it changes."""
    return stream(request, who, lambda: desk_text(request, who, "work_done.html", done=_work(request)))


def _work(request: Request) -> list[dict[str, Any]]:
    """By channel: the words of each state with its count, and the share that is done."""
    served, words = served_by(request), words_in(language_here(request))

    def counted() -> Sequence[tuple[str, str, int]]:
        with served.store.read() as connection:
            return work_done(connection)

    by_channel: dict[str, dict[str, int]] = {}
    for channel, state, count in _done.of(str(served.store.engine.url), counted):
        by_channel.setdefault(channel, {})[state] = count
    return [
        {"channel": words["channels"].get(channel, channel), "total": sum(states.values()),
         "states": [(words["states"][state], count) for state, count in states.items()],
         "done": sum(count for state, count in states.items() if state not in ("ready", "leased"))}
        for channel, states in by_channel.items()
    ]  # fmt: skip


def _filters(request: Request, night: Night, page: Page, chosen: Mapping[str, str]) -> list[dict[str, Any]]:
    """Each filter with its values as links: one that is chosen leads to the list without it."""
    link = linker(request.query_params.get("lang"))
    found = []
    for name in FILTERS:
        values = []
        for value in _ordered(name, page.counts[name], night):
            on = chosen.get(name) == value
            parameters = {other: told for other, told in chosen.items() if other != name} | (
                {} if on else {name: value}
            )
            values.append({
                "text": _value(name, value, night, language_here(request)), "count": page.counts[name][value], "on": on,
                "href": link("/desk", **parameters),
            })  # fmt: skip
        found.append({"name": name, "values": values})
    return found


def _ordered(name: str, counts: Mapping[str, int], night: Night) -> list[str]:
    if name in _BANDS:
        return [band for band, _ in _BANDS[name] if band in counts]
    order = list(night.words.get(f"{name}s", {}))
    return sorted(counts, key=lambda value: (order.index(value) if value in order else len(order), value))


def _value(name: str, value: str, night: Night, language: str) -> str:
    """A value of a filter in words."""
    words, tongue = words_in(language), tongue_of(language)
    if value == "-":
        return str(words["none"])
    if name in ("stage", "action"):
        return str(night.words[f"{name}s"].get(value, {}).get(tongue, value))
    if name == "channel":
        return str(words["channels"].get(value, value))
    return value


def _line(line: Line, night: Night, language: str) -> dict[str, Any]:
    words = words_in(language)
    return {
        "account": line.account_id, "stage": _value("stage", line.stage, night, language),
        "action": _value("action", line.action, night, language), "channel": _value("channel", line.channel, night, language),
        "days": line.days_past_due, "past_due": amount_text(line.past_due, line.currency, language),
        "opens": local(line.not_before)[11:], "closes": local(line.not_after)[11:], "staff": line.staff or "",
        "state": words["states"][line.state] if line.state else "", "product": line.product,
    }  # fmt: skip
