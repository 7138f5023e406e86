"""The charts of the overview: a table, and the Vega-Lite specification that draws it, rendered to SVG on the server and kept.

The table is what is true; the picture is drawn from the same rows and stands beside it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from arrears import money
from arrears.facts.beside import tongue_of
from arrears.web.desk.shown import words_in
from arrears.web.desk.tonight import Night

CHARTS = ("stages", "buckets", "roll", "work", "complaints", "fairness")
#: Colours that hold their contrast on the page's paper, light and dark; of two together one is light and one is dark.
THEMES = {
    "light": {"ink": "#1b1f24", "line": "#c5ccd3", "act": "#0b5394", "second": "#9bb8d3"},
    "dark": {"ink": "#edf0f3", "line": "#46505a", "act": "#8ec1f5", "second": "#3d5f80"},
}
WIDTH = 560


@dataclass(frozen=True)
class Chart:
    """Rows by column name; `x`, `y`, `color` name columns of them. `form`: bar or heat. Columns in the reader's words."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    x: str
    y: str
    color: str | None = None
    form: str = "bar"


def chart_of(name: str, night: Night, done: Sequence[tuple[str, str, int]], language: str) -> Chart:
    """One chart of a night. `done`: channel, state and count of the outbox (`tonight.work_done`)."""
    words, figures = words_in(language)["overview"]["axes"], night.figures
    made: Mapping[str, Any] = {
        "stages": _stages, "buckets": _buckets, "roll": _roll, "complaints": _complaints, "fairness": _fairness,
    }  # fmt: skip
    if name == "work":
        return _work(done, words, language)
    found: Chart = made[name](figures, night, words, language)
    return found


def _stages(figures: Any, night: Night, words: Any, language: str) -> Chart:
    names = night.words["stages"]
    rows = tuple(
        (names.get(stage, {}).get(tongue_of(language), stage), count) for stage, count in figures["by_stage"].items()
    )
    return Chart("stages", (words["stage"], words["accounts"]), rows, words["stage"], words["accounts"])


def _buckets(figures: Any, night: Night, words: Any, language: str) -> Chart:
    """Money in major units, whole: the overview is read at a distance."""
    rows = tuple(
        (
            row["bucket"],
            row["currency"],
            row["accounts"],
            round(row["past_due_minor"] / 10 ** money.decimals(row["currency"])),
        )
        for row in figures["by_bucket"]
        if row["currency"] and row["bucket"] != "0"
    )
    columns = (words["bucket"], words["currency"], words["accounts"], words["past_due"])
    several = len({row[1] for row in rows}) > 1
    return Chart("buckets", columns, rows, words["bucket"], words["past_due"], words["currency"] if several else None)


def _roll(figures: Any, night: Night, words: Any, language: str) -> Chart:
    rows = tuple(
        (row["bucket_before"], row["bucket_after"], row["accounts"], round(100 * row["rate"], 1))
        for row in figures["roll"]
    )
    columns = (words["before"], words["after"], words["accounts"], words["share"])
    return Chart("roll", columns, rows, words["after"], words["before"], words["share"], "heat")


def _complaints(figures: Any, night: Night, words: Any, language: str) -> Chart:
    rows = tuple(
        (
            row["month"],
            row["contacts"],
            row["complaints"],
            round(1000 * row["complaints"] / row["contacts"], 2) if row["contacts"] else 0.0,
        )
        for row in figures["complaints"]
    )
    columns = (words["month"], words["contacts"], words["complaints"], words["per_thousand"])
    return Chart("complaints", columns, rows, words["month"], words["per_thousand"])


def _fairness(figures: Any, night: Night, words: Any, language: str) -> Chart:
    told = words_in(language)
    groups, languages = told["overview"]["groups"], told["languages"]
    rows = tuple(
        (f"{groups[row['group']]}: {languages.get(row['value'], row['value'])}", row["accounts"], row["days"], round(100 * row["contact"] / row["accounts"], 1),
         round(100 * row["heavy"] / row["accounts"], 1))
        for row in figures["fairness"]
    )  # fmt: skip
    columns = (words["group"], words["accounts"], words["days"], words["share"], words["heavy"])
    return Chart("fairness", columns, rows, words["group"], words["share"])


def _work(done: Sequence[tuple[str, str, int]], words: Any, language: str) -> Chart:
    """What the guard let onto the night's list is the lawful capacity; what left or was told is done."""
    channels = words_in(language)["channels"]
    counted: dict[str, list[int]] = {}
    for channel, state, count in done:
        pair = counted.setdefault(channels.get(channel, channel), [0, 0])
        pair[0 if state == "sent" else 1] += count
    rows = tuple(
        (name, words[part], pair[at]) for name, pair in counted.items() for at, part in enumerate(("done", "open"))
    )
    return Chart(
        "work", (words["channel"], words["part"], words["work"]), rows, words["channel"], words["work"], words["part"]
    )


def specification(chart: Chart, title: str, theme: str) -> dict[str, Any]:
    """The chart as Vega-Lite. Field names are c0, c1 …, so that no word of ours is read as an expression."""
    colors, field = THEMES[theme], {name: f"c{at}" for at, name in enumerate(chart.columns)}
    text = {"labelColor": colors["ink"], "titleColor": colors["ink"], "gridColor": colors["line"], "domainColor": colors["line"],
            "tickColor": colors["line"], "labelFontSize": 13, "titleFontSize": 13}  # fmt: skip
    heat = chart.form == "heat"
    encoding: dict[str, Any] = {
        "x": {"field": field[chart.x], "type": "nominal", "title": chart.x, "sort": None, "axis": {"labelAngle": 0 if len(chart.rows) < 9 or heat else -40}},
        "y": {"field": field[chart.y], "type": "nominal" if heat else "quantitative", "title": chart.y, "sort": None},
    }  # fmt: skip
    if heat:
        places = [chart.columns.index(name) for name in (chart.y, chart.x)]
        encoding["x"]["sort"] = list(dict.fromkeys(row[place] for place in places for row in chart.rows))
        encoding["color"] = {"field": field[str(chart.color)], "type": "quantitative", "title": chart.color,
                             "scale": {"range": [colors["line"], colors["act"]]}}  # fmt: skip
    elif chart.color:
        encoding["color"] = {"field": field[chart.color], "type": "nominal", "title": None, "sort": None,
                             "scale": {"range": [colors["act"], colors["second"]]}}  # fmt: skip
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json", "width": WIDTH, "height": 260, "background": "transparent",
        "description": title, "data": {"values": [{f"c{at}": value for at, value in enumerate(row)} for row in chart.rows]},
        "mark": {"type": "rect"} if heat else {"type": "bar", "color": colors["act"]}, "encoding": encoding,
        "config": {"axis": text, "legend": text, "font": "sans-serif", "view": {"stroke": None}},
    }  # fmt: skip


def drawn(chart: Chart, title: str, theme: str) -> str:
    """The chart as SVG; one that was drawn before is not drawn again."""
    return _svg(json.dumps(specification(chart, title, theme), ensure_ascii=False, sort_keys=True))


@lru_cache(maxsize=128)
def _svg(text: str) -> str:
    import vl_convert

    return str(vl_convert.vegalite_to_svg(text))
