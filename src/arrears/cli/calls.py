"""`calls`: the queue of calls at a terminal, and its files for a dialler."""

from __future__ import annotations

import argparse
from pathlib import Path
from zoneinfo import ZoneInfo

from arrears.cli.field_office import opened, reasons_text, show_recorded, show_withdrawn, take_in
from arrears.cli.out import print_json, tell
from arrears.dispatch.calls import Call, NotCalled, next_call
from arrears.dispatch.channels.call import call_settings
from arrears.dispatch.dialler import export, keys_of, withdrawn
from arrears.dispatch.outcome_file import read_form
from arrears.dispatch.outcomes import Told
from arrears.dispatch.telling import tell as tell_outcome

_WORDS = {
    "zh-CN": {"number": "号码", "name": "姓名", "click": "拨号", "owed": "欠款", "until": "结果请在{time}前登记", "say": "话术", "do": "必须做到",
              "dont": "不得说", "none": "目前没有可拨打的电话", "passed": "账户{account}未拨打：{why}", "key": "编号",
              "exported": "已写入{rows}条，有效至{until}；{passed}条未写入", "unconfirmed": "（原文未核对）"},
    "en": {"number": "number", "name": "name", "click": "dial", "owed": "owed", "until": "tell the outcome by {time}", "say": "what to say",
           "do": "duties", "dont": "do not say", "none": "there is no call that may be made now", "passed": "account {account} not called: {why}",
           "key": "key", "exported": "{rows} written, valid until {until}; {passed} not written", "unconfirmed": "(text not checked)"},
}  # fmt: skip


def next_(arguments: argparse.Namespace) -> int:
    """`arrears calls next`."""
    with opened(arguments) as own:
        settings = call_settings(own.settings("call"), own.installation)
        call, passed = next_call(own.office, own.speaker(), settings.collector(arguments.staff), settings, own.now)
    if arguments.json:
        print_json({"call": None if call is None else _as_json(call), "passed": [_passed(one) for one in passed]})
        return 0
    say = _WORDS[arguments.lang]
    for one in passed:
        tell(say["passed"].format(account=one.account_id, why=reasons_text(one.reasons, arguments.lang)))
    if call is None:
        print(say["none"])
    else:
        _print(call, say, "zh" if arguments.lang == "zh-CN" else "en")
    return 0


def _passed(one: NotCalled) -> dict[str, object]:
    return {"account": one.account_id, "verdict": one.verdict, "reasons": [why.id for why in one.reasons]}


def _as_json(call: Call) -> dict[str, object]:
    return {
        "key": call.key, "account": call.account_id, "number": call.number, "name": call.name, "language": call.language,
        "zone": call.zone, "url": call.url, "text": call.words.text, "code": call.words.code, "owed": dict(call.owed),
        "not_after": call.not_after.isoformat(), "until": call.until.isoformat(),
        "duties": [{"sort": duty.sort, "zh": duty.says["zh"], "en": duty.says["en"], "clause": duty.clause, "source": duty.source,
                    "confirmed": duty.confirmed} for duty in call.duties],
    }  # fmt: skip


def _print(call: Call, say: dict[str, str], tongue: str) -> None:
    local = call.until.astimezone(ZoneInfo(call.zone))
    for name, text in (
        ("key", call.key), ("number", call.number), ("name", call.name or ""), ("click", call.url),
        ("owed", f"{call.owed['past_due']} / {call.owed['due_total']} / {call.owed['payoff']}"),
    ):  # fmt: skip
        print(f"{say[name]}: {text}")
    print(say["until"].format(time=f"{local:%Y-%m-%d %H:%M} ({call.zone})"))
    print(f"\n{say['say']}:\n{call.words.text}")
    for sort in ("do", "dont"):
        duties = [duty for duty in call.duties if duty.sort == sort]
        if duties:
            print(f"\n{say[sort]}:")
        for duty in duties:
            mark = "" if duty.confirmed == "read" else f" {say['unconfirmed']}"
            print(f"- {duty.says[tongue]} [{duty.clause} · {duty.source}]{mark}")


def outcome(arguments: argparse.Namespace) -> int:
    """`arrears calls outcome`."""
    with opened(arguments) as own:
        details = {
            name.removeprefix("detail_"): text
            for name, text in vars(arguments).items()
            if name.startswith("detail_") and text
        }
        told = Told(arguments.key, arguments.made_at or own.now, arguments.code, details=details)
        recorded = tell_outcome(own.office, told, own.now)
    show_recorded([recorded], 0, arguments)
    return 1 if recorded.breach else 0


def export_(arguments: argparse.Namespace) -> int:
    """`arrears calls export`."""
    form = read_form(Path(arguments.mapping) if arguments.mapping else None)
    with opened(arguments) as own:
        settings = call_settings(own.settings("call"), own.installation)
        done = export(
            own.office,
            own.speaker(),
            Path(arguments.file),
            form,
            arguments.channel,
            settings.export,
            own.now,
            arguments.most,
        )
    if arguments.json:
        passed = [
            {"account": one.work.account_id, "verdict": one.verdict, "reasons": [why.id for why in one.reasons]}
            for one in done.passed
        ]
        print_json({"rows": done.rows, "valid_until": done.valid_until.isoformat(), "passed": passed})
        return 0
    say = _WORDS[arguments.lang]
    for one in done.passed:
        tell(say["passed"].format(account=one.work.account_id, why=reasons_text(one.reasons, arguments.lang)))
    print(
        say["exported"].format(
            rows=done.rows, until=done.valid_until.isoformat(timespec="minutes"), passed=len(done.passed)
        )
    )
    return 0


def recheck_(arguments: argparse.Namespace) -> int:
    """`arrears calls recheck`."""
    form = read_form(Path(arguments.mapping) if arguments.mapping else None)
    keys = keys_of(Path(arguments.file), form)
    with opened(arguments) as own:
        return show_withdrawn(withdrawn(own.office, keys, own.now), arguments)


def outcomes(arguments: argparse.Namespace) -> int:
    """`arrears calls outcomes`."""
    return take_in(arguments)
