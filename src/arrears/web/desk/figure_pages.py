"""`/desk/figures`: the overview. Each picture has its table beside it."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import Response

from arrears.web.desk.charts import CHARTS, Chart, chart_of, drawn
from arrears.web.desk.live import Recent
from arrears.web.desk.shown import desk_page, language_here, linker, words_in
from arrears.web.desk.tonight import Night, night_on_desk, work_done
from arrears.web.roles import who_may
from arrears.web.served import served_by
from arrears.web.sessions import Staff, staff

router = APIRouter(include_in_schema=False)
Reader = Annotated[Staff, Depends(staff(*who_may("see_figures")))]
_done: Recent[list[tuple[str, str, int]]] = Recent(30.0)


@router.get("/desk/figures")
def figures(request: Request, who: Reader) -> Response:
    """All charts with their tables."""
    night = _night(request)
    if night is None:
        return desk_page(request, who, "no_night.html")
    language, link = language_here(request), linker(request.query_params.get("lang"))
    shown = []
    for name in CHARTS:
        picture_of = partial(link, "/desk/figures/{}/{}.svg", night.number, name)
        shown.append({
            "chart": _chart(request, night, name), "name": name, "title": words_in(language)["overview"]["charts"][name],
            "light": picture_of(theme="light"), "dark": picture_of(theme="dark"),
        })  # fmt: skip
    return desk_page(request, who, "figures.html", shown=shown, as_of=night.figures["as_of"])


@router.get("/desk/figures/{number}/{name}.svg")
def picture(
    request: Request, who: Reader, number: int, name: str, theme: Literal["light", "dark"] = "light"
) -> Response:
    """One chart of the night that is on the desk."""
    night = _night(request)
    if night is None or night.number != number or name not in CHARTS:
        raise HTTPException(404, "Not here")
    title = words_in(language_here(request))["overview"]["charts"][name]
    return Response(drawn(_chart(request, night, name), title, theme), media_type="image/svg+xml")


def _night(request: Request) -> Night | None:
    with served_by(request).store.read() as connection:
        return night_on_desk(connection)


def _chart(request: Request, night: Night, name: str) -> Chart:
    served = served_by(request)

    def counted() -> list[tuple[str, str, int]]:
        with served.store.read() as connection:
            return work_done(connection)

    done = _done.of(str(served.store.engine.url), counted) if name == "work" else []
    return chart_of(name, night, done, language_here(request))
