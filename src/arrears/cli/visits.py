"""`visits`: rounds of crews."""

from __future__ import annotations

import argparse

from arrears.cli.field_office import Opened, opened, reasons_text, show_recorded, show_withdrawn, take_in
from arrears.cli.out import print_json, print_table, tell
from arrears.dispatch.carried import InHand, in_hand, recheck
from arrears.dispatch.channels.visit import visit_settings
from arrears.dispatch.outcomes import Told
from arrears.dispatch.round_files import summary, write_round
from arrears.dispatch.rounds import Round, plan_round
from arrears.dispatch.telling import tell as tell_outcome
from arrears.errors import refuse

_WORDS = {
    "zh-CN": {"head": ("外访组", "人员", "户数", "出发", "返回", "里程（公里）", "预计收益", "成本"), "left": ("账户", "未上门的原因"),
              "none": "当天没有上门", "written": "路线单：{folder}", "estimated": "其中{count}段路程为估算", "round": "路线编号：{name}"},
    "en": {"head": ("crew", "members", "visits", "leaves", "returns", "km", "gain", "cost"), "left": ("account", "why not visited"),
           "none": "nobody is visited that day", "written": "round sheets: {folder}", "estimated": "{count} legs are estimated",
           "round": "round: {name}"},
}  # fmt: skip


def plan(arguments: argparse.Namespace) -> int:
    """`arrears visits plan`."""
    with opened(arguments) as own:
        settings = visit_settings(own.settings("visit"), own.installation)
        made = plan_round(own.office, own.speaker(), settings, arguments.on, own.now, arguments.crew)
        try:
            folder = write_round(made, settings, arguments.lang, own.now)
        except BaseException:
            _release(own, f"round:{made.id}")  # without its sheets nobody goes
            raise
    told = summary(made, settings)
    if arguments.json:
        print_json({**told, "folder": str(folder)})
    else:
        _print(made, told, arguments.lang)
        tell(_WORDS[arguments.lang]["written"].format(folder=folder))  # type: ignore[attr-defined]
    return 0


def _print(made: Round, told: dict[str, object], language: str) -> None:
    say: dict[str, object] = _WORDS[language]  # type: ignore[assignment]
    routes = [route for route in told["routes"] if route["visits"]]  # type: ignore[attr-defined]
    print(str(say["round"]).format(name=made.id) if routes else say["none"])
    rows = [
        (route["crew"], " ".join(route["members"]), len(route["visits"]), route["leaves"][11:16], route["returns"][11:16],
         f"{route['metres'] / 1000:.1f}", f"{sum(float(visit['gain']) for visit in route['visits']):,.2f}", route["cost"])
        for route in routes
    ]  # fmt: skip
    if rows:
        print_table(say["head"], rows, right=(2, 5, 6, 7))  # type: ignore[arg-type]
    left = sorted((one.work.account_id, reasons_text(one.reasons, language)) for one in made.not_visited)
    if left:
        print()
        print_table(say["left"], left)  # type: ignore[arg-type]
    if made.estimated and rows:
        tell(str(say["estimated"]).format(count=made.estimated))


def _of_round(own: Opened, name: str) -> list[InHand]:
    with own.office.store.read() as connection:
        found = in_hand(connection, by=f"round:{name}")
    if not found:
        raise refuse(
            "visits",
            "has no visit whose outcome is still awaited, or there is no such round",
            field="ROUND",
            value=name,
        )
    return found


def recheck_(arguments: argparse.Namespace) -> int:
    """`arrears visits recheck`."""
    with opened(arguments) as own:
        found = recheck(own.office, _of_round(own, arguments.round), own.now)
    return show_withdrawn([(item, asked) for item, asked in found if asked.verdict != "send"], arguments)


def withdraw(arguments: argparse.Namespace) -> int:
    """`arrears visits withdraw`."""
    with opened(arguments) as own:
        there = {item.attempt_id: item for item in _of_round(own, arguments.round)}
        unknown = [key for key in arguments.keys if key not in there]
        if unknown:
            raise refuse("visits", "is no visit of the round whose outcome is awaited", field="KEY", value=unknown[0])
        recorded = [_not_made(own, there[key]) for key in arguments.keys or there]
    show_recorded(recorded, 0, arguments)
    return 0


def _release(own: Opened, by: str) -> None:
    with own.office.store.read() as connection:
        items = in_hand(connection, by=by)
    for item in items:
        _not_made(own, item)


def _not_made(own: Opened, item: InHand):  # type: ignore[no-untyped-def]
    return tell_outcome(
        own.office, Told(item.attempt_id, max(own.now, item.started_at), "NV"), max(own.now, item.started_at)
    )


def outcomes(arguments: argparse.Namespace) -> int:
    """`arrears visits outcomes`."""
    return take_in(arguments)
