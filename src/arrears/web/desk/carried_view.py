"""A call or a visit that somebody has in hand, as a page shows it: asked again now, the words that were written down, the outcomes by key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from arrears.dispatch.ask import Asked
from arrears.dispatch.calls import clauses_of, owed_of
from arrears.dispatch.carried import InHand, Office, recheck, to_of
from arrears.dispatch.duties import duties_of
from arrears.dispatch.outcomes import codes
from arrears.facts.beside import tongue_of
from arrears.law.source_words import source_in
from arrears.store.tables import Attempt, Notice
from arrears.web.desk.shown import local, words_in

#: Outcomes by group, in the order of their keys.
GROUPS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "call": {
        "spoke": ("RPC", "PTP", "RTP", "HU", "CB", "PD"), "nobody": ("NA", "BZ", "AM", "VM", "WN", "NIS", "ND"),
        "asks": ("DISP", "HARD", "COMP", "DNC", "CEASE", "INC", "REP"), "other": ("TPC", "VUL", "BKY", "DEC"),
    },
    "visit": {
        "spoke": ("MET", "PTP", "RTP", "REF", "CB", "PD"), "nobody": ("ABS", "WA", "NV"),
        "asks": ("DISP", "HARD", "COMP", "NOV", "CEASE", "INC", "REP"), "other": ("TPM", "VUL", "BKY", "DEC"),
    },
}  # fmt: skip
#: What may be told beside a code.
FIELDS = ("amount", "by", "hours", "place", "note")


def view_of(office: Office, item: InHand, language: str, now: datetime) -> dict[str, Any]:
    """Everything a page shows of it. `lawful`: whether it may be made at this instant; only then is there a `to`."""
    ((_, asked),) = recheck(office, [item], now)
    with office.store.read() as connection:
        to, text = _to(connection, office, item), _words(connection, office, item)
    zone = asked.recipient.zones[0] if asked.recipient else "UTC"
    lawful = asked.verdict == "send"
    told = words_in(language)
    words, zone_name = told["call"]["owed_names"], told["zones"].get(zone, zone)
    owed = owed_of(asked.position, language) if asked.position else {}
    return {
        "key": item.attempt_id, "account": item.work.account_id, "lawful": lawful, "to": to if lawful else None,
        "name": asked.recipient.name if asked.recipient else None, "text": text, "until": f"{local(item.until, zone)} ({zone_name})",
        "owed": [(words[name], amount) for name, amount in owed.items()], "why": [why.text(language) for why in asked.reasons],
        **_duties(asked, language), "groups": groups_of(item.work.channel, language),
    }  # fmt: skip


def groups_of(channel: str, language: str) -> list[dict[str, Any]]:
    """The outcomes of a call or a visit with their two keys."""
    known, names = codes(channel), words_in(language)["call"]["groups"]
    return [
        {"key": str(place), "name": names[group],
         "codes": [{"id": code, "keys": f"{place}{number}", "says": known[code].says[tongue_of(language)]} for number, code in enumerate(ids, 1)]}
        for place, (group, ids) in enumerate(GROUPS[channel].items(), 1)
    ]  # fmt: skip


def details_of(form: Mapping[str, Any]) -> dict[str, str]:
    """What was told beside the code, as texts; empty fields are left out."""
    return {name: text for name in FIELDS if (text := str(form.get(name, "")).strip()[:500])}


def _duties(asked: Asked, language: str) -> dict[str, Any]:
    duties = duties_of(clauses_of(asked)) if asked.recipient else []
    return {
        sort: [(duty.says[tongue_of(language)], f"{duty.clause} · {source_in(duty.source, language)}", duty.confirmed == "read") for duty in duties if duty.sort == sort]
        for sort in ("do", "dont")
    }  # fmt: skip


def _to(connection: Connection, office: Office, item: InHand) -> str | None:
    detail = connection.execute(select(Attempt.detail).where(Attempt.attempt_id == item.attempt_id)).scalar()
    work = item.work
    return to_of(connection, office, work.account_id, work.person_id, work.channel, detail)


def _words(connection: Connection, office: Office, item: InHand) -> str:
    """What was written down to be said."""
    wanted = select(Notice.sealed).where(Notice.person_id == item.work.person_id, Notice.attempt_id == item.attempt_id)
    sealed = connection.execute(wanted).scalar()
    said = office.personal.unseal(connection, "notices", item.work.person_id, sealed)
    return str((said or {}).get("text", ""))
