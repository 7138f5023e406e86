"""The channel `call`: a queue that people work off (`dispatch.calls`), and what an installation says of it.

Nothing is handed over by a worker: `carried_by_people`. Settings (`channels: call:`) are checked when they are read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from arrears.dispatch.channels.carried_channel import CarriedChannel, whole
from arrears.errors import Refusal, refuse
from arrears.installation import Installation
from arrears.store.connect import Store

KEYS = ("click", "lease_minutes", "export_minutes", "staff")
STAFF_KEYS = ("id", "languages", "actions", "a_night")
SCHEMES = ("tel", "https", "sip", "sips", "callto")
_SLOT = re.compile(r"\{(\w*)\}")


@dataclass(frozen=True)
class Collector:
    """Somebody who calls. Empty `languages` or `actions`: any. `a_day`: the most calls in a day; None: no limit."""

    id: str
    languages: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    a_day: int | None = None


@dataclass(frozen=True)
class CallSettings:
    """`click`: the URL that dials, with {number} and {attempt}. `lease`: how long an outcome is awaited. `export`: how long a dialler file holds."""

    click: str = "tel:{number}"
    lease: timedelta = timedelta(minutes=30)
    export: timedelta = timedelta(minutes=30)
    staff: tuple[Collector, ...] = ()

    def url(self, number: str, attempt: str) -> str:
        """The address that dials a number, for one attempt; both are escaped for where they stand."""
        # in tel: and sip: the plus is part of the number (RFC 3966)
        safe = "+" if self.click.startswith(("tel:", "sip:", "sips:", "callto:")) else ""
        return self.click.format(number=quote(number, safe=safe), attempt=quote(attempt, safe=""))

    def collector(self, name: str) -> Collector:
        """The collector of that name. Refusal if staff is named and this one is not among it."""
        found = next((one for one in self.staff if one.id == name), None)
        if found is None and self.staff:
            raise refuse(
                "staff", "is not among the staff of the channel call", field="--staff", value=name, exit_code=2
            )
        return found or Collector(name)


def open_channel(settings: Mapping[str, Any], installation: Installation, store: Store | None = None) -> CarriedChannel:
    """The channel as workers see it. Refusal if the settings cannot work."""
    call_settings(settings, installation)
    return CarriedChannel("call")


def call_settings(settings: Mapping[str, Any], installation: Installation) -> CallSettings:
    """The settings, checked. Refusal with what is wrong."""

    def unfit(name: str, what: str) -> Refusal:
        return refuse("installation", what, file=str(installation.path), field=f"channels.call.{name}", exit_code=2)

    for name in settings:
        if name not in KEYS:
            raise unfit(str(name), f"is not known; known: {', '.join(KEYS)}")
    click = str(settings.get("click", CallSettings.click))
    if click.partition(":")[0] not in SCHEMES:
        raise unfit("click", f"must begin with one of {', '.join(scheme + ':' for scheme in SCHEMES)}")
    slots = _SLOT.findall(click)
    if (
        "number" not in slots
        or not set(slots) <= {"number", "attempt"}
        or len(slots) * 2 != click.count("{") + click.count("}")
    ):
        raise unfit("click", "must name {number}, may name {attempt}, and nothing else in braces")
    lease = timedelta(minutes=whole(settings, "lease_minutes", 30, unfit))
    export = timedelta(minutes=whole(settings, "export_minutes", 30, unfit))
    staff = settings.get("staff") or []
    if not isinstance(staff, list) or not all(
        isinstance(one, dict) and one.get("id") and set(one) <= set(STAFF_KEYS) for one in staff
    ):
        raise unfit("staff", f"must be a list of {{{', '.join(STAFF_KEYS)}}}")
    return CallSettings(click, lease, export, tuple(_collector(one) for one in staff))


def _collector(one: Mapping[str, Any]) -> Collector:
    a_day = one.get("a_night")
    return Collector(
        str(one["id"]),
        tuple(one.get("languages") or ()),
        tuple(one.get("actions") or ()),
        None if a_day is None else int(a_day),
    )
