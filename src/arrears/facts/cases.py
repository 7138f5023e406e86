"""Case files: one account's facts (or several debts of one person) in YAML that a person can write.

The form is fixed in docs/cases.md. Every fault of a file is found at once and names file, line, field and reason.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, available_timezones

from arrears import calendar, money
from arrears.errors import Finding
from arrears.facts import schema
from arrears.facts.schema import CATEGORIES, Facts
from arrears.facts.yaml_text import Document, read_yaml

if TYPE_CHECKING:
    from arrears.replay.terms import Terms

ParseTerms = Callable[[Mapping[str, Any], str, Callable[[str], dict[str, Any]]], "Terms"]

TOP = ("account", "accounts", "terms", "instalments", "people", "events", "as_of", "known_at", "expect", "questions",
       "strategy", "title", "about")  # fmt: skip
ACCOUNT = (
    "id",
    "borrower",
    "product",
    "law",
    "currency",
    "principal",
    "opened_on",
    "rate",
    "penalty_rate",
    "time_zone",
)
INSTALMENT = ("number", "due_on", "principal", "interest", "fee")
PERSON = ("id", "role", "name", "language", "time_zone", "phones", "emails", "addresses")
EVENT = ("id", "account", "accounts", "person", "at", "recorded_at", "kind", "channel", "direction", "outcome", "amount",
         "ref", "data")  # fmt: skip
#: What an event may say beyond the columns of the table; it goes into `data`.
EVENT_DATA = (
    "by", "prepay", "category", "freeze", "from", "until", "instalments", "waive", "include", "grace_days", "party",
    "number", "to", "purpose", "notice", "hours", "place", "name", "value", "reason", "note", "called_by", "medium",
)  # fmt: skip
NEEDS_AMOUNT = ("payment", "fee", "adjustment", "refund", "promise")
MAY_BE_NEGATIVE = ("adjustment",)
FREEZABLE = ("interest", "penalty", "late_fee")


@dataclass(frozen=True)
class Case:
    """What a case file says. `as_of` is a date (its end is meant) or an instant; None where the file names none."""

    file: str
    facts: Facts
    account_ids: tuple[str, ...]
    as_of: date | datetime | None = None
    known_at: datetime | None = None
    strategy: str | None = None
    expect: Any = None
    questions: tuple[dict[str, Any], ...] = ()
    title: str = ""
    document: Document | None = field(default=None, repr=False, compare=False)


def read_case(path: Path, parse_terms: ParseTerms) -> Case:
    """The case in a file. `parse_terms` turns a `terms` mapping into Terms (the replay room's `Terms.from_mapping`).

    Refusal with every fault found.
    """
    return case_of(read_yaml(path), parse_terms)


def case_of(document: Document, parse_terms: ParseTerms) -> Case:
    """As `read_case`, from a document that is read already."""
    if not isinstance(document.value, dict):
        document.fault("empty", "", "is not a case file", todo="start with `account:`; docs/cases.md has the form")
        document.raise_findings()
    reader = _CaseReader(document, parse_terms)
    case = reader.case()
    document.raise_findings()
    return case


class _CaseReader:
    """Walks one document, collects rows of facts, and keeps every fault."""

    def __init__(self, document: Document, parse_terms: ParseTerms) -> None:
        self.doc, self.parse_terms = document, parse_terms
        self.top: dict[str, Any] = document.value
        self.accounts: list[dict[str, Any]] = []
        self.instalments: list[dict[str, Any]] = []
        self.people: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self.terms: dict[str, tuple[Terms, ...]] = {}
        self.zones: dict[str, str] = {}

    def case(self) -> Case:
        self.known_keys("", self.top, TOP)
        self.read_accounts()
        self.read_people()
        self.read_events()
        as_of = self.moment("as_of", self.top.get("as_of")) if self.top.get("as_of") is not None else None
        known = self.instant("known_at", self.top.get("known_at"))
        questions = self.top.get("questions") or []
        self.check_money()
        if self.doc.findings:
            self.doc.raise_findings()
        facts = Facts(
            schema.frame("accounts", self.accounts),
            schema.frame("instalments", self.instalments),
            schema.frame("events", self.events),
            schema.frame("people", self.people),
            self.terms,
        )
        return Case(
            self.doc.file, facts, tuple(row["account_id"] for row in self.accounts), as_of, known,
            self.top.get("strategy"), self.top.get("expect"), tuple(questions), str(self.top.get("title") or ""), self.doc,
        )  # fmt: skip

    # --- accounts -----------------------------------------------------------------------------------------

    def read_accounts(self) -> None:
        several = self.top.get("accounts")
        if several is None:
            self.read_account("", self.top)
            return
        if "account" in self.top or not isinstance(several, list):
            self.doc.fault(
                "form", "accounts", "is a list that stands in place of `account`", todo="keep one of the two"
            )
            return
        for index, part in enumerate(several):
            if self.mapping(f"accounts[{index}]", part):
                self.known_keys(f"accounts[{index}]", part, ("account", "terms", "instalments"))
                self.read_account(f"accounts[{index}]", part)

    def read_account(self, path: str, part: Mapping[str, Any]) -> None:
        at = f"{path}.account" if path else "account"
        account = part.get("account")
        if not self.mapping(at, account) or account is None:
            return
        self.known_keys(at, account, ACCOUNT)
        currency = self.choice(f"{at}.currency", account.get("currency"), money.currencies(), "CNY")
        law = self.choice(f"{at}.law", account.get("law"), schema.LAWS, "none")
        account_id = str(account.get("id") or "")
        if not account_id:
            self.doc.fault("missing", f"{at}.id", "is missing")
        if account_id in self.zones:
            self.doc.fault("duplicate", f"{at}.id", "names an account that stands here already", account_id)
        zone = self.zone(f"{at}.time_zone", account.get("time_zone"))
        self.zones[account_id] = zone or calendar.BUSINESS_ZONES[law]
        product = str(account.get("product") or account_id)
        self.accounts.append({
            "account_id": account_id, "borrower_id": account.get("borrower"), "product": product, "law": law,
            "currency": currency, "principal": self.amount(f"{at}.principal", account.get("principal"), currency),
            "opened_on": self.day(f"{at}.opened_on", account.get("opened_on"), required=True),
            "rate_ppm": self.rate(f"{at}.rate", account.get("rate")),
            "penalty_rate_ppm": self.rate(f"{at}.penalty_rate", account.get("penalty_rate")), "time_zone": zone,
        })  # fmt: skip
        self.read_terms(path, part, product, currency)
        self.read_instalments(path, part, account_id, currency)

    def read_terms(self, path: str, part: Mapping[str, Any], product: str, currency: str) -> None:
        at = f"{path}.terms" if path else "terms"
        terms = part.get("terms") or {}
        if not self.mapping(at, terms):
            return
        from arrears.errors import Refusal

        try:
            self.terms[product] = (self.parse_terms(terms, currency, lambda inner: self.doc.where(f"{at}.{inner}")),)
        except Refusal as refusal:
            self.doc.findings.extend(refusal.findings)

    def read_instalments(self, path: str, part: Mapping[str, Any], account_id: str, currency: str) -> None:
        at = f"{path}.instalments" if path else "instalments"
        rows = part.get("instalments") or []
        if not isinstance(rows, list):
            self.doc.fault("form", at, "is not a list")
            return
        seen: dict[date, str] = {}
        for index, row in enumerate(rows):
            here = f"{at}[{index}]"
            if not self.mapping(here, row):
                continue
            self.known_keys(here, row, INSTALMENT)
            due_on = self.day(f"{here}.due_on", row.get("due_on"), required=True)
            if due_on in seen:
                self.doc.fault("repeated_due_date", f"{here}.due_on", "is the due date of another instalment too",
                               due_on, "put both into one instalment")  # fmt: skip
            if due_on is not None:
                seen[due_on] = here
            amounts = {name: self.amount(f"{here}.{name}", row.get(name, "0"), currency) for name in INSTALMENT[2:]}
            number = int(row["number"]) if str(row.get("number", "")).isdigit() else index + 1
            self.instalments.append({"account_id": account_id, "number": number, "due_on": due_on, **amounts})

    def check_money(self) -> None:
        """The schedule adds up to the principal; no payment comes before the loan."""
        for index, account in enumerate(self.accounts):
            own = [row for row in self.instalments if row["account_id"] == account["account_id"]]
            total = sum(row["principal"] or 0 for row in own)
            path = f"accounts[{index}].account" if "accounts" in self.top else "account"
            if own and account["principal"] is not None and total != account["principal"]:
                shown = money.to_text(total, account["currency"])
                self.doc.fault("schedule_sum", f"{path}.principal", f"is not the sum of the instalments ({shown})",
                               money.to_text(account["principal"], account["currency"]))  # fmt: skip
            for row in own:
                if row["due_on"] and account["opened_on"] and row["due_on"] < account["opened_on"]:
                    self.doc.fault("due_before_loan", f"{path}.opened_on", f"is after a due date ({row['due_on']})")

    # --- people -------------------------------------------------------------------------------------------

    def read_people(self) -> None:
        people = self.top.get("people") or []
        if not isinstance(people, list):
            self.doc.fault("form", "people", "is not a list")
            return
        seen: set[str] = set()
        for index, person in enumerate(people):
            here = f"people[{index}]"
            if not self.mapping(here, person):
                continue
            self.known_keys(here, person, PERSON)
            person_id = str(person.get("id") or f"P{index + 1}")
            if person_id in seen:
                self.doc.fault("duplicate", f"{here}.id", "stands twice", person_id)
            seen.add(person_id)
            row = {
                "person_id": person_id, "role": self.choice(f"{here}.role", person.get("role", "borrower"), schema.ROLES, "borrower"),
                "name": person.get("name"), "language": person.get("language"),
                "time_zone": self.zone(f"{here}.time_zone", person.get("time_zone")),
                "phones": self.texts(f"{here}.phones", person.get("phones")),
                "emails": self.texts(f"{here}.emails", person.get("emails")),
                "addresses": self.addresses(f"{here}.addresses", person.get("addresses")),
            }  # fmt: skip
            self.people.extend({"account_id": account, **row} for account in self.zones)

    def texts(self, path: str, value: Any) -> list[str]:
        if value is None:
            return []
        if not isinstance(value, list):
            self.doc.fault("form", path, "is not a list", value, 'write it as ["…"]')
            return []
        return [str(item) for item in value]

    def addresses(self, path: str, value: Any) -> list[dict[str, Any]]:
        if value is not None and not isinstance(value, list):
            self.doc.fault("form", path, "is not a list", value)
            return []
        found = []
        for item in value or []:
            text = item if isinstance(item, str) else str((item or {}).get("text", ""))
            spot = item if isinstance(item, dict) else {}
            try:
                place = {name: float(spot[name]) if spot.get(name) is not None else None for name in ("lat", "lon")}
            except ValueError:
                self.doc.fault("form", path, "has coordinates that are not numbers")
                place = {"lat": None, "lon": None}
            found.append({"text": text, **place})
        return found

    # --- events -------------------------------------------------------------------------------------------

    def read_events(self) -> None:
        events = self.top.get("events") or []
        if not isinstance(events, list):
            self.doc.fault("form", "events", "is not a list")
            return
        ids = {str(event.get("id") or f"E{n + 1}") for n, event in enumerate(events) if isinstance(event, dict)}
        seen: set[str] = set()
        for index, event in enumerate(events):
            here = f"events[{index}]"
            if not self.mapping(here, event):
                continue
            self.known_keys(here, event, EVENT + EVENT_DATA)
            event_id = str(event.get("id") or f"E{index + 1}")
            if event_id in seen:
                self.doc.fault("duplicate", f"{here}.id", "stands twice", event_id)
            seen.add(event_id)
            if event.get("ref") is not None and str(event["ref"]) not in ids:
                self.doc.fault("unknown_event", f"{here}.ref", "names no event of this case", event["ref"])
            for account in self.about(here, event):
                self.events.append(self.event_row(here, event, event_id, account))

    def about(self, here: str, event: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
        """The accounts an event is about: those it names, else the first (all, for a person's own events)."""
        named = event.get("accounts") or ([event["account"]] if event.get("account") else None)
        if named is None:
            return self.accounts[:1]
        found = []
        for account_id in named if isinstance(named, list) else [named]:
            match = [row for row in self.accounts if row["account_id"] == str(account_id)]
            if not match:
                self.doc.fault("unknown_account", here, "names an account that is not in this case", account_id)
            found.extend(match)
        return found

    def event_row(
        self, here: str, event: Mapping[str, Any], event_id: str, account: Mapping[str, Any]
    ) -> dict[str, Any]:
        zone = self.zones[account["account_id"]]
        kind = self.choice(f"{here}.kind", event.get("kind"), schema.KINDS, "contact")
        at = self.instant(f"{here}.at", event.get("at"), zone, required=True)
        recorded = self.instant(f"{here}.recorded_at", event.get("recorded_at"), zone) or at
        if (
            kind in schema.MONEY_KINDS
            and at
            and account["opened_on"]
            and calendar.local_day(at, zone) < account["opened_on"]
        ):
            self.doc.fault("before_loan", f"{here}.at", f"is before the loan ({account['opened_on']})", event.get("at"))
        amount = self.event_amount(here, kind, event, account["currency"])
        data = self.event_data(here, kind, event, account["currency"])
        return {
            "event_id": event_id, "account_id": account["account_id"], "person_id": event.get("person") or event.get("to"),
            "at": at, "recorded_at": recorded, "kind": kind,
            "channel": self.optional(f"{here}.channel", event.get("channel"), schema.CHANNELS),
            "direction": self.optional(f"{here}.direction", event.get("direction"), schema.DIRECTIONS),
            "outcome": self.optional(f"{here}.outcome", event.get("outcome"), schema.OUTCOMES),
            "amount": amount, "ref": event.get("ref"),
            "data": json.dumps(data, ensure_ascii=False, sort_keys=True) if data else None,
        }  # fmt: skip

    def event_amount(self, here: str, kind: str, event: Mapping[str, Any], currency: str) -> int | None:
        if event.get("amount") is None:
            if kind in NEEDS_AMOUNT:
                self.doc.fault("missing", f"{here}.amount", f"is missing: a {kind} has an amount")
            return None
        return self.amount(f"{here}.amount", event["amount"], currency, negative=kind in MAY_BE_NEGATIVE)

    def event_data(self, here: str, kind: str, event: Mapping[str, Any], currency: str) -> dict[str, Any]:
        """What goes into the `data` column, checked by kind; amounts in minor units, dates as ISO text."""
        inner = event.get("data") or {}
        if not self.mapping(f"{here}.data", inner):
            return {}
        told = {**inner, **{name: event[name] for name in EVENT_DATA if name in event}}
        data: dict[str, Any] = {}
        for name, value in told.items():
            path = f"{here}.{name}" if name in event else f"{here}.data.{name}"
            data[name] = self.data_value(path, name, value, currency)
        self.check_kind(here, kind, event, data)
        return data

    def data_value(self, path: str, name: str, value: Any, currency: str) -> Any:
        if name in ("by", "from", "until"):
            day = self.day(path, value)
            return day.isoformat() if day else None
        if name == "instalments":
            return self.plan_instalments(path, value, currency)
        if name == "waive":
            return self.plan_waivers(path, value, currency)
        if name == "category":
            return self.choice(path, value, CATEGORIES, "principal")
        if name in ("freeze", "include"):
            allowed = FREEZABLE if name == "freeze" else ("fee", "penalty")
            return [self.choice(path, item, allowed, allowed[0]) for item in (value or [])]
        if name == "grace_days":
            if not str(value).isdigit() or int(str(value)) > 3660:
                self.doc.fault("number", path, "is not a whole number of days", value)
                return 0
            return int(str(value))
        return value

    def plan_instalments(self, path: str, value: Any, currency: str) -> list[dict[str, Any]]:
        rows = []
        for index, row in enumerate(value if isinstance(value, list) else []):
            here = f"{path}[{index}]"
            if not self.mapping(here, row):
                continue
            self.known_keys(here, row, INSTALMENT)
            due_on = self.day(f"{here}.due_on", row.get("due_on"), required=True)
            amounts = {name: self.amount(f"{here}.{name}", row.get(name, "0"), currency) for name in INSTALMENT[2:]}
            rows.append({"due_on": due_on.isoformat() if due_on else "1970-01-01", **amounts})
        return rows

    def plan_waivers(self, path: str, value: Any, currency: str) -> dict[str, Any]:
        if not self.mapping(path, value):
            return {}
        self.known_keys(path, value, CATEGORIES)
        return {
            name: "all" if amount == "all" else self.amount(f"{path}.{name}", amount, currency)
            for name, amount in value.items()
        }

    def check_kind(self, here: str, kind: str, event: Mapping[str, Any], data: Mapping[str, Any]) -> None:
        if kind == "promise" and not data.get("by"):
            self.doc.fault("missing", f"{here}.by", "is missing: a promise says by when", todo="add `by: YYYY-MM-DD`")
        if kind == "plan":
            if not data.get("instalments"):
                self.doc.fault("missing", f"{here}.instalments", "is missing: a plan has instalments")
            at = str(event.get("at") or "")[:10]
            for index, row in enumerate(data.get("instalments") or []):
                if row["due_on"] < at:
                    self.doc.fault(
                        "due_before_plan", f"{here}.instalments[{index}].due_on", "is before the plan", row["due_on"]
                    )
        if kind == "waiver" and not data.get("category"):
            self.doc.fault(
                "missing", f"{here}.category", "is missing: a waiver names fee, penalty, interest or principal"
            )
        if kind == "payment_reversed" and not event.get("ref"):
            self.doc.fault("missing", f"{here}.ref", "is missing: a reversal names the payment")
        if kind == "contact" and not event.get("channel"):
            self.doc.fault("missing", f"{here}.channel", "is missing: a contact has a channel")
        if data.get("from") and data.get("until") and data["until"] < data["from"]:
            self.doc.fault("dates", f"{here}.until", "is before `from`", data["until"])

    # --- single values ------------------------------------------------------------------------------------

    def mapping(self, path: str, value: Any) -> bool:
        if not isinstance(value, dict):
            what = "is missing" if value is None else "is not a mapping"
            self.doc.fault("form", path, what, value)
            return False
        return True

    def known_keys(self, path: str, part: Mapping[str, Any], known: tuple[str, ...]) -> None:
        for key in part:
            if key not in known:
                near = difflib.get_close_matches(key, known, 1)
                todo = f"did you mean `{near[0]}`?" if near else "known: " + ", ".join(known)
                self.doc.fault("unknown_field", f"{path}.{key}" if path else key, "is not known", todo=todo)

    def choice(self, path: str, value: Any, allowed: tuple[str, ...], default: str) -> str:
        if value is None:
            self.doc.fault("missing", path, "is missing")
            return default
        if str(value) not in allowed:
            near = difflib.get_close_matches(str(value), allowed, 1)
            todo = (
                f"did you mean `{near[0]}`?" if near else ("one of: " + ", ".join(allowed) if len(allowed) < 20 else "")
            )
            self.doc.fault("unknown_value", path, "is not known", value, todo)
            return default
        return str(value)

    def optional(self, path: str, value: Any, allowed: tuple[str, ...]) -> str | None:
        return None if value is None else self.choice(path, value, allowed, allowed[0])

    def amount(self, path: str, value: Any, currency: str, negative: bool = False) -> int | None:
        if value is None:
            self.doc.fault("missing", path, "is missing")
            return None
        try:
            minor = money.to_minor(value, currency)
        except ValueError as reason:
            self.doc.fault("amount", path, str(reason), value, 'write plain digits, such as "1234.50"')
            return 0
        if minor < 0 and not negative:
            self.doc.fault("negative", path, "is negative", value)
        return minor

    def rate(self, path: str, value: Any) -> int | None:
        if value is None:
            return None
        try:
            return money.to_ppm(value)
        except ValueError as reason:
            self.doc.fault("rate", path, str(reason), value, 'a rate a year as a fraction: "0.18" is 18%')
            return None

    def day(self, path: str, value: Any, required: bool = False) -> date | None:
        if value is None:
            if required:
                self.doc.fault("missing", path, "is missing")
            return None
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.doc.fault("date", path, "is not a date", value, "write YYYY-MM-DD")
            return None

    def moment(self, path: str, value: Any) -> date | datetime | None:
        text = str(value)
        return self.day(path, text) if len(text) == 10 else self.instant(path, text)

    def instant(self, path: str, value: Any, zone: str = "UTC", required: bool = False) -> datetime | None:
        if value is None:
            if required:
                self.doc.fault("missing", path, "is missing")
            return None
        text = str(value)
        if len(text) == 10:
            day = self.day(path, text)
            return datetime.combine(day, time(12), ZoneInfo(zone)).astimezone(UTC) if day else None
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            self.doc.fault("instant", path, "is not an instant", value, 'write "2025-03-01T10:00:00+08:00"')
            return None
        if at.tzinfo is None:
            self.doc.fault("instant", path, "has no offset from UTC", value, 'write "2025-03-01T10:00:00+08:00"')
            return None
        return at.astimezone(UTC)

    def zone(self, path: str, value: Any) -> str | None:
        if value is not None and str(value) not in available_timezones():
            near = difflib.get_close_matches(str(value), available_timezones(), 1)
            self.doc.fault(
                "zone", path, "is not an IANA time zone", value, f"did you mean `{near[0]}`?" if near else ""
            )
            return None
        return str(value) if value is not None else None


def compare(expect: Any, got: Any, document: Document, path: str = "expect") -> list[Finding]:
    """Where `got` (what `explain --json` returns) differs from the part of it that a case expects."""
    if isinstance(expect, dict) and isinstance(got, dict):
        found = []
        for key, value in expect.items():
            if key not in got:
                found.append(Finding("expected", "is not in the answer", **document.where(f"{path}.{key}")))
            else:
                found += compare(value, got[key], document, f"{path}.{key}")
        return found
    if isinstance(expect, list) and isinstance(got, list):
        if len(expect) != len(got):
            what = f"has {len(expect)} entries, the answer has {len(got)}"
            return [Finding("expected", what, **document.where(path))]
        return [
            finding for index, pair in enumerate(zip(expect, got, strict=True))
            for finding in compare(*pair, document, f"{path}[{index}]")
        ]  # fmt: skip
    if _same(expect, got):
        return []
    return [Finding("expected", f"expected {expect}, the answer is {got}", **document.where(path))]


def _same(expect: Any, got: Any) -> bool:
    """Equal as values: text of the file against JSON values, amounts as decimals."""
    if expect is None or got is None or isinstance(got, bool) or isinstance(expect, bool):
        return bool(expect == got)
    if str(expect) == str(got):
        return True
    try:
        return Decimal(str(expect)) == Decimal(str(got))
    except InvalidOperation:
        return False
