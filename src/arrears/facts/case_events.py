"""The events of a case file as rows of the events table, checked by kind.

An event about several accounts becomes one row for each, all with the same event_id. What an event says beyond the
columns of the table goes into `data`: amounts in minor units, dates as ISO text. docs/cases.md lists it kind by kind.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from arrears import calendar
from arrears.facts.fields import Fields, at_noon, suggest
from arrears.facts.schema import CATEGORIES, CHANNELS, DIRECTIONS, KINDS, MONEY_KINDS, OUTCOMES, ROLES

EVENT = ("id", "account", "accounts", "person", "at", "recorded_at", "kind", "channel", "direction", "outcome", "amount",
         "ref", "data")  # fmt: skip
#: What events of a kind may say beyond the columns, flat on the event or under `data:`.
DATA_KEYS: dict[str, tuple[str, ...]] = {
    "payment": ("prepay", "medium"),
    "fee": ("name",),
    "waiver": ("category",),
    "adjustment": ("category",),
    "charge_off": ("freeze",),
    "contact": ("party", "to", "number", "purpose", "by", "notice", "medium", "place", "invited"),
    "promise": ("by",),
    "plan": ("instalments", "freeze", "waive", "include", "grace_days", "repair_days"),
    "hardship_granted": ("from", "until", "freeze"),
    "breathing_space": ("from", "until", "freeze"),
    "deceased": ("until",),
    "opt_out": ("number",),
    "consent": ("until", "hours", "number", "place"),
    "inconvenient": ("hours", "place", "number", "from", "until"),
    "contact_invalid": ("number", "value"),
    "notice_served": ("notice", "received_on"),
}
COMMON_DATA = ("reason", "note", "language")
#: Kinds whose `data:` may hold anything: what a court, a collector or a system wrote down.
FREE_KINDS = ("notice_served", "demand", "acknowledged", "suit_filed", "judgment", "enforcement_applied", "frozen",
              "released", "decision", "override", "placed", "recalled", "sold")  # fmt: skip
EVENT_DATA = tuple(dict.fromkeys([name for names in DATA_KEYS.values() for name in names] + list(COMMON_DATA)))
INSTALMENT = ("number", "due_on", "principal", "interest", "fee")
NEEDS_AMOUNT = ("payment", "fee", "adjustment", "refund", "promise")
MAY_BE_NEGATIVE = ("adjustment",)
FREEZABLE = ("interest", "penalty", "late_fee")
INCLUDABLE = ("fee", "penalty")
#: Kinds whose `to` under `data:` is a company: the buyer or the agency.
TO_A_COMPANY = ("sold", "placed", "recalled")
ONE_ACCOUNT = (*MONEY_KINDS, "promise", "plan", "plan_cancelled")
#: About the person, so about all debts of a case unless the event names some.
PERSONS_OWN = ("represented", "cease", "opt_out", "consent", "inconvenient", "vulnerable", "deceased", "bankruptcy",
               "breathing_space", "contact_invalid")  # fmt: skip
REFERS_TO = {
    "payment_reversed": ("payment",), "pause_ended": ("hardship_granted", "breathing_space"), "delivery": ("contact",),
}  # fmt: skip
#: What a delivery may have come to.
DELIVERED = ("delivered", "failed")
#: What must stand on an event of a kind, and why.
NEEDED = {
    "promise": ("by", "a promise says by when"),
    "plan": ("instalments", "a plan has instalments"),
    "waiver": ("category", "a waiver names fee, penalty, interest or principal"),
    "payment_reversed": ("ref", "a reversal names the payment"),
    "contact": ("channel", "a contact has a channel"),
    "delivery": ("ref", "a delivery names the contact"),
}


class EventReader:
    """Reads the events of one case. `accounts` are rows of the accounts table, `zones` their business time zones."""

    def __init__(
        self, fields: Fields, accounts: list[dict[str, Any]], zones: Mapping[str, str], people: tuple[str, ...]
    ) -> None:
        self.fields, self.accounts, self.zones, self.people = fields, accounts, zones, people
        self.rows: list[dict[str, Any]] = []
        self.paths: dict[str, str] = {}  # event id -> where it stands

    def read(self, value: Any) -> list[dict[str, Any]]:
        """The rows of all events; faults are kept in the document."""
        for index, event in enumerate(self.fields.listed("events", value)):
            here = f"events[{index}]"
            if self.fields.mapping(here, event) is not None:
                self.event(here, event, f"E{index + 1}")
        self.check_references()
        return self.rows

    def event(self, here: str, event: Mapping[str, Any], default_id: str) -> None:
        fields = self.fields
        event_id = fields.text(f"{here}.id", event.get("id")) or default_id
        if event_id in self.paths:
            fields.fault("duplicate", f"{here}.id", f"is the id of {self.paths[event_id]} too", event_id)
        self.paths.setdefault(event_id, here)
        kind = fields.choice(f"{here}.kind", event.get("kind"), KINDS)
        inner = event.get("data")
        inner = {} if inner is None else fields.mapping(f"{here}.data", inner) or {}
        self.check_keys(here, kind, event, inner)
        for account in self.about(here, kind, event):
            self.rows.append(self.row(here, kind, event, inner, event_id, account))

    def check_keys(self, here: str, kind: str | None, event: Mapping[str, Any], inner: Mapping[str, Any]) -> None:
        """Flat keys are columns or data of the kind; under `data:` stands data of the kind (of free kinds, anything)."""
        if kind is None or kind in FREE_KINDS:
            self.fields.known_keys(here, event, EVENT + EVENT_DATA)
            return
        allowed = (*DATA_KEYS.get(kind, ()), *COMMON_DATA)
        self.fields.known_keys(here, event, EVENT + allowed, f"is not known for {kind}")
        self.fields.known_keys(f"{here}.data", inner, allowed, f"is not known for {kind}")
        for name in inner:
            if name in event:
                self.fields.fault("repeated", f"{here}.data.{name}", "stands on the event too", todo="keep one")

    # --- whom it is about ---------------------------------------------------------------------------------

    def about(self, here: str, kind: str | None, event: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The accounts an event is about."""
        fields = self.fields
        if "account" in event and "accounts" in event:
            fields.fault("form", f"{here}.accounts", "stands beside `account`", todo="keep one of the two")
        if "accounts" in event:
            path, named = f"{here}.accounts", fields.texts(f"{here}.accounts", event["accounts"])
            if len(set(named)) > 1 and kind in ONE_ACCOUNT:
                fields.fault("form", f"{here}.accounts", f"names several accounts: a {kind} is about one")
        elif event.get("account") is not None:
            path, named = f"{here}.account", [str(event["account"])]
        elif len(self.accounts) <= 1 or kind in PERSONS_OWN:
            return self.accounts
        else:
            fields.missing(f"{here}.account", "this case has several accounts", "name `account` or `accounts`")
            return []
        return self.named(path, named)

    def named(self, path: str, named: list[str]) -> list[dict[str, Any]]:
        """The accounts of those ids."""
        ids = [row["account_id"] for row in self.accounts]
        for account_id in named:
            if account_id not in ids:
                self.fields.fault("unknown_account", path, "names an account that is not in this case", account_id,
                                  suggest(account_id, ids))  # fmt: skip
        return [row for row in self.accounts if row["account_id"] in named]

    def person(self, here: str, event: Mapping[str, Any], inner: Mapping[str, Any]) -> str | None:
        """The person's id: `person`, or the `to` of a contact. Must be among the people where the case names any.

        Under `data:` of a sale, a placement or a recall `to` names a company, which is nobody of the case.
        """
        inner_to = None if event.get("kind") in TO_A_COMPANY else inner.get("to")
        for name, value in (("person", event.get("person")), ("to", event.get("to", inner_to))):
            person = self.fields.text(f"{here}.{name}", value)
            if person is None:
                continue
            if self.people and person not in self.people:
                self.fields.fault("unknown_person", f"{here}.{name}", "names nobody of `people`", person,
                                  suggest(person, self.people))  # fmt: skip
            return person
        return None

    # --- one row ------------------------------------------------------------------------------------------

    def row(
        self, here: str, kind: str | None, event: Mapping[str, Any], inner: Mapping[str, Any], event_id: str,
        account: Mapping[str, Any],
    ) -> dict[str, Any]:  # fmt: skip
        fields, zone = self.fields, self.zones[account["account_id"]]
        at = at_noon(fields.moment(f"{here}.at", event.get("at"), required=True), zone)
        recorded = at_noon(fields.moment(f"{here}.recorded_at", event.get("recorded_at")), zone) or at
        day = calendar.local_day(at, zone) if at else None
        self.check_days(here, kind, event, day, recorded and calendar.local_day(recorded, zone), account)
        data = self.data(here, kind or "", event, inner, account["currency"])
        self.check_data(here, kind or "", event, data, day)
        direction = fields.optional(f"{here}.direction", event.get("direction"), DIRECTIONS)
        return {
            "event_id": event_id, "account_id": account["account_id"], "person_id": self.person(here, event, inner),
            "at": at, "recorded_at": recorded, "kind": kind,
            "channel": fields.optional(f"{here}.channel", event.get("channel"), CHANNELS),
            "direction": direction or ("out" if kind == "contact" else None),
            "outcome": fields.optional(f"{here}.outcome", event.get("outcome"), OUTCOMES),
            "amount": self.amount(here, kind, event, account["currency"]),
            "ref": fields.text(f"{here}.ref", event.get("ref")),
            "data": json.dumps(data, ensure_ascii=False, sort_keys=True) if data else None,
        }  # fmt: skip

    def check_days(
        self, here: str, kind: str | None, event: Mapping[str, Any], day: date | None, recorded_on: date | None,
        account: Mapping[str, Any],
    ) -> None:  # fmt: skip
        opened_on = account["opened_on"]
        if day and opened_on and kind in ONE_ACCOUNT and day < opened_on:
            self.fields.fault("before_loan", f"{here}.at", f"is before the loan (opened on {opened_on})", event["at"])
        if day and recorded_on and recorded_on < day:
            value = event.get("recorded_at")
            self.fields.fault("dates", f"{here}.recorded_at", "is before `at`: nobody knew it then", value)

    def amount(self, here: str, kind: str | None, event: Mapping[str, Any], currency: str | None) -> int | None:
        if event.get("amount") is None:
            if kind in NEEDS_AMOUNT:
                self.fields.missing(f"{here}.amount", f"a {kind} has an amount")
            return None
        return self.fields.amount(f"{here}.amount", event["amount"], currency, negative=kind in MAY_BE_NEGATIVE)

    # --- data ---------------------------------------------------------------------------------------------

    def data(
        self, here: str, kind: str, event: Mapping[str, Any], inner: Mapping[str, Any], currency: str | None
    ) -> dict[str, Any]:
        """What goes into the `data` column. `by` of anything but a promise is a person: `by_whom` there."""
        flat = {name: event[name] for name in EVENT_DATA if name in event}
        data = {}
        for name, value in {**inner, **flat}.items():
            path = f"{here}.{name}" if name in flat else f"{here}.data.{name}"
            key = "by_whom" if name == "by" and kind != "promise" else name
            data[key] = self.data_value(path, key, value, currency)
        return data

    def data_value(self, path: str, name: str, value: Any, currency: str | None) -> Any:
        fields = self.fields
        match name:
            case "by" | "from" | "until" | "received_on":
                day = fields.day(path, value, required=True)
                return day.isoformat() if day else None
            case "prepay" | "invited":
                return fields.flag(path, value)
            case "category":
                return fields.choice(path, value, CATEGORIES)
            case "party":
                return fields.choice(path, value, ROLES)
            case "freeze":
                return fields.choices(path, value, FREEZABLE)
            case "include":
                return fields.choices(path, value, INCLUDABLE)
            case "grace_days" | "repair_days":
                return fields.whole(path, value)
            case "hours":
                return fields.hours(path, value)
            case "instalments":
                return self.plan_instalments(path, value, currency)
            case "waive":
                return self.plan_waivers(path, value, currency)
            case "to" | "by_whom" | "number" | "purpose" | "language" | "medium" | "place" | "name" | "note":
                return fields.text(path, value)
        return value

    def plan_instalments(self, path: str, value: Any, currency: str | None) -> list[dict[str, Any]]:
        rows = instalment_rows(self.fields, path, value, currency)
        return [{**row, "due_on": row["due_on"].isoformat()} for row in rows if row["due_on"]]

    def plan_waivers(self, path: str, value: Any, currency: str | None) -> dict[str, Any]:
        waived = self.fields.mapping(path, value) or {}
        self.fields.known_keys(path, waived, CATEGORIES)
        return {
            name: "all" if amount == "all" else self.fields.amount(f"{path}.{name}", amount, currency)
            for name, amount in waived.items()
        }

    def check_data(
        self, here: str, kind: str, event: Mapping[str, Any], data: Mapping[str, Any], day: date | None
    ) -> None:
        """What a kind must say, and that its days come in order."""
        name, why = NEEDED.get(kind, ("", ""))
        if name and not event.get(name) and name not in (event.get("data") or {}):
            self.fields.missing(f"{here}.{name}", why)
        elif kind == "plan" and event.get("instalments") == []:
            self.fields.missing(f"{here}.instalments", why)
        if kind == "delivery" and event.get("outcome") not in DELIVERED:
            self.fields.fault("unknown_value", f"{here}.outcome", "is not delivered or failed", event.get("outcome"))
        if day is None:
            return
        today = day.isoformat()
        if kind == "promise" and data.get("by") and data["by"] < today:
            self.fields.fault("dates", f"{here}.by", "is before the promise", data["by"])
        if data.get("until") and data["until"] < (data.get("from") or today):
            self.fields.fault("dates", f"{here}.until", f"is before the first day ({data.get('from') or today})",
                              data["until"])  # fmt: skip
        for index, row in enumerate(data.get("instalments") or () if kind == "plan" else ()):
            if row["due_on"] < today:
                path = f"{here}.instalments[{index}].due_on"
                self.fields.fault("due_before_plan", path, f"is before the plan ({today})", row["due_on"])

    def check_references(self) -> None:
        """A `ref` names an event of this case; a reversal, a payment of the same account made by then."""
        at_of: dict[tuple[str, str], tuple[str | None, datetime | None]] = {
            (row["event_id"], row["account_id"]): (row["kind"], row["at"]) for row in self.rows
        }
        for row in self.rows:
            ref, path = row["ref"], f"{self.paths[row['event_id']]}.ref"
            if ref is None:
                continue
            kind, at = at_of.get((ref, row["account_id"]), (None, None))
            wanted = REFERS_TO.get(row["kind"])
            if ref not in self.paths:
                self.fields.fault("unknown_event", path, "names no event of this case", ref, suggest(ref, self.paths))
            elif wanted and kind not in wanted:
                what = f"does not name a {' or '.join(wanted)} of the same account"
                self.fields.fault("wrong_event", path, what, ref)
            elif at and row["at"] and row["at"] < at:
                self.fields.fault("dates", path, "names an event that comes later", ref)


def instalment_rows(fields: Fields, path: str, value: Any, currency: str | None) -> list[dict[str, Any]]:
    """Instalments (of a schedule or a plan): number, due_on, and amounts in minor units; what is left out is zero."""
    rows: list[dict[str, Any]] = []
    days: dict[date, str] = {}
    numbers: set[int] = set()
    for here, part in fields.mappings(path, value, INSTALMENT):
        due_on = fields.day(f"{here}.due_on", part.get("due_on"), required=True)
        if due_on in days:
            fields.fault("repeated_due_date", f"{here}.due_on", f"is the due date of {days[due_on]} too", due_on,
                         "put both into one instalment")  # fmt: skip
        elif due_on is not None:
            days[due_on] = here
        number = fields.whole(f"{here}.number", part["number"], 1) if "number" in part else len(rows) + 1
        if number in numbers:
            fields.fault("duplicate", f"{here}.number", "is the number of another instalment too", number)
        if number is not None:
            numbers.add(number)
        amounts = {name: fields.amount(f"{here}.{name}", part.get(name, "0"), currency) for name in INSTALMENT[2:]}
        rows.append({"number": number, "due_on": due_on, **amounts})
    return rows
