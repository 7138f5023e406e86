"""Case files: one account's facts (or several debts of one person) in YAML that a person can write.

The form is in docs/cases.md, and for editors in case.schema.json beside this module. Every fault of a file is found at
once and names file, line, field, value and reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arrears import calendar, money
from arrears.errors import Refusal
from arrears.facts import schema
from arrears.facts.case_events import EventReader, instalment_rows
from arrears.facts.expected import compare
from arrears.facts.fields import Fields, suggest
from arrears.facts.schema import Facts
from arrears.facts.yaml_text import Document, read_yaml

__all__ = ["Case", "ParseTerms", "case_of", "compare", "read_case"]

if TYPE_CHECKING:
    from arrears.replay.terms import Terms

ParseTerms = Callable[[Mapping[str, Any], str, Callable[[str], dict[str, Any]]], "Terms"]

TOP = ("title", "about", "account", "accounts", "terms", "instalments", "people", "events", "as_of", "known_at",
       "strategy", "questions", "expect")  # fmt: skip
ACCOUNT = ("id", "borrower", "product", "law", "currency", "principal", "opened_on", "rate", "penalty_rate",
           "time_zone", "lender_kind")  # fmt: skip
DEBT = ("account", "terms", "instalments")
PERSON = ("id", "role", "name", "language", "time_zone", "time_zones", "region", "phones", "emails", "addresses",
          "accounts")  # fmt: skip
ADDRESS = ("text", "lat", "lon")
QUESTION = ("channel", "at", "to", "number", "accounts", "purpose", "by", "notice", "place", "act", "medium", "binds",
            "invited", "expect")  # fmt: skip
QUESTION_TEXTS = ("to", "number", "by", "place", "medium")
REGION = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}", re.ASCII)
VERDICTS = ("allowed", "wait", "never")
ANSWER = ("verdict", "not_before", "clauses", "requires", "advisories", "without")


@dataclass(frozen=True)
class Case:
    """What a case file says. `as_of` is a date (its end is meant) or an instant; None where the file names none.

    `questions` are as they are written, their keys and values checked: `channel` and `at` (an instant) always stand.
    `document` has the line of every field, for what is found later.
    """

    file: str
    facts: Facts
    account_ids: tuple[str, ...]
    as_of: date | datetime | None = None
    known_at: datetime | None = None
    strategy: str | None = None
    expect: Any = None
    questions: tuple[dict[str, Any], ...] = ()
    title: str = ""
    about: str = ""
    document: Document | None = field(default=None, repr=False, compare=False)


def read_case(path: Path, parse_terms: ParseTerms) -> Case:
    """The case in a file. `parse_terms` turns a `terms` mapping into Terms (the replay room's `Terms.from_mapping`).

    Refusal with every fault found.
    """
    return case_of(read_yaml(path), parse_terms)


def case_of(document: Document, parse_terms: ParseTerms) -> Case:
    """As `read_case`, from a document that is read already."""
    if not isinstance(document.value, dict):
        what = "is empty" if document.value is None else "is not a case file"
        document.fault("empty", "", what, todo="start with `account:`; docs/cases.md has the form")
        document.raise_findings()
    case = _CaseReader(document, parse_terms).case()
    document.raise_findings()
    return case


class _CaseReader:
    """Walks one document, collects rows of facts, and keeps every fault."""

    def __init__(self, document: Document, parse_terms: ParseTerms) -> None:
        self.document, self.fields, self.parse_terms = document, Fields(document), parse_terms
        self.top: dict[str, Any] = document.value
        self.accounts: list[dict[str, Any]] = []
        self.instalments: list[dict[str, Any]] = []
        self.people: list[dict[str, Any]] = []
        self.terms: dict[str, tuple[Terms, ...]] = {}
        self.zones: dict[str, str] = {}

    def case(self) -> Case:
        top, fields = self.top, self.fields
        fields.known_keys("", top, TOP)
        self.read_accounts()
        self.read_people()
        names = tuple(dict.fromkeys(row["person_id"] for row in self.people))
        events = EventReader(fields, self.accounts, self.zones, names).read(top.get("events"))
        as_of, known_at = fields.moment("as_of", top.get("as_of")), self.known_at()
        questions = self.read_questions()
        texts = {name: fields.text(name, top.get(name)) for name in ("strategy", "title", "about")}
        self.document.raise_findings()
        facts = Facts(
            schema.frame("accounts", self.accounts), schema.frame("instalments", self.instalments),
            schema.frame("events", events), schema.frame("people", self.people), self.terms,
        )  # fmt: skip
        return Case(
            file=self.document.file, facts=facts, account_ids=tuple(self.zones), as_of=as_of, known_at=known_at,
            strategy=texts["strategy"], expect=top.get("expect"), questions=questions, title=texts["title"] or "",
            about=texts["about"] or "", document=self.document,
        )  # fmt: skip

    def known_at(self) -> datetime | None:
        """An instant; a date means the end of that day in the (first) account's business time zone."""
        moment = self.fields.moment("known_at", self.top.get("known_at"))
        if moment is None or isinstance(moment, datetime):
            return moment
        return calendar.end_of_day(moment, next(iter(self.zones.values()), "UTC"))

    # --- accounts -----------------------------------------------------------------------------------------

    def read_accounts(self) -> None:
        if "accounts" not in self.top:
            self.read_debt("", self.top)
            return
        for name in DEBT:
            if name in self.top:
                self.fields.fault("form", name, "stands beside `accounts`", todo="put it inside one of `accounts`")
        debts = self.fields.mappings("accounts", self.top["accounts"], DEBT)
        if not debts:
            self.fields.missing("accounts", "a case has at least one account")
        for path, debt in debts:
            self.read_debt(f"{path}.", debt)

    def read_debt(self, prefix: str, debt: Mapping[str, Any]) -> None:
        """One account with its terms and its schedule."""
        account = self.fields.mapping(f"{prefix}account", debt.get("account"))
        if account is None:
            return
        row = self.read_account(f"{prefix}account", account)
        self.read_terms(f"{prefix}terms", debt.get("terms"), row)
        schedule = instalment_rows(self.fields, f"{prefix}instalments", debt.get("instalments"), row["currency"])
        self.check_schedule(prefix, row, schedule)
        self.instalments += [{"account_id": row["account_id"], **instalment} for instalment in schedule]

    def read_account(self, at: str, account: Mapping[str, Any]) -> dict[str, Any]:
        fields = self.fields
        fields.known_keys(at, account, ACCOUNT)
        account_id = fields.text(f"{at}.id", account.get("id")) or ""
        if not account_id:
            fields.missing(f"{at}.id")
        elif account_id in self.zones:
            fields.fault("duplicate", f"{at}.id", "is the id of another account of this case", account_id)
        currency = fields.choice(f"{at}.currency", account.get("currency"), money.currencies())
        law = fields.choice(f"{at}.law", account.get("law"), schema.LAWS)
        zone = fields.zone(f"{at}.time_zone", account.get("time_zone"))
        self.zones.setdefault(account_id, zone or calendar.BUSINESS_ZONES[law or "none"])
        row = {
            "account_id": account_id, "borrower_id": fields.text(f"{at}.borrower", account.get("borrower")),
            "product": fields.text(f"{at}.product", account.get("product")) or account_id, "law": law,
            "currency": currency, "principal": fields.amount(f"{at}.principal", account.get("principal"), currency),
            "opened_on": fields.day(f"{at}.opened_on", account.get("opened_on"), required=True),
            "rate_ppm": fields.rate(f"{at}.rate", account.get("rate")),
            "penalty_rate_ppm": fields.rate(f"{at}.penalty_rate", account.get("penalty_rate")), "time_zone": zone,
            "lender_kind": fields.optional(f"{at}.lender_kind", account.get("lender_kind"), schema.LENDER_KINDS),
        }  # fmt: skip
        self.accounts.append(row)
        return row

    def read_terms(self, at: str, value: Any, row: Mapping[str, Any]) -> None:
        """The terms of the account's product. Accounts of one product have the same terms, or the later name none."""
        product, currency = row["product"], row["currency"]
        terms = {} if value is None else self.fields.mapping(at, value)
        if terms is None or currency is None or (value is None and product in self.terms):
            return
        try:
            parsed = (self.parse_terms(terms, currency, lambda inner: self.fields.where(f"{at}.{inner}")),)
        except Refusal as refusal:
            self.document.findings.extend(refusal.findings)
            return
        if self.terms.setdefault(product, parsed) != parsed:
            todo = "give the account a product of its own"
            self.fields.fault("terms", at, "differs from the terms of another account of the product", product, todo)

    def check_schedule(self, prefix: str, row: Mapping[str, Any], schedule: list[dict[str, Any]]) -> None:
        """The schedule adds up to the principal and begins no earlier than the loan."""
        principals = [instalment["principal"] for instalment in schedule]
        currency, principal = row["currency"], row["principal"]
        if schedule and currency and principal is not None and None not in principals:
            total = sum(principals)
            if total != principal:
                told, found = money.to_text(principal, currency), money.to_text(total, currency)
                what = f"is not the sum of the instalments' principal ({found}, off by {money.to_text(total - principal, currency)})"
                self.fields.fault("schedule_sum", f"{prefix}account.principal", what, told)
        for index, instalment in enumerate(schedule):
            due_on, opened_on = instalment["due_on"], row["opened_on"]
            if due_on and opened_on and due_on < opened_on:
                path = f"{prefix}instalments[{index}].due_on"
                self.fields.fault("due_before_loan", path, f"is before the loan (opened on {opened_on})", due_on)

    # --- people -------------------------------------------------------------------------------------------

    def read_people(self) -> None:
        fields, seen = self.fields, set()
        for index, (here, person) in enumerate(fields.mappings("people", self.top.get("people"), PERSON)):
            person_id = fields.text(f"{here}.id", person.get("id")) or f"P{index + 1}"
            if person_id in seen:
                fields.fault("duplicate", f"{here}.id", "is the id of another person of this case", person_id)
            seen.add(person_id)
            row = {
                "person_id": person_id, "role": fields.choice(f"{here}.role", person.get("role", "borrower"), schema.ROLES),
                "name": fields.text(f"{here}.name", person.get("name")),
                "language": fields.text(f"{here}.language", person.get("language")),
                **self.zones_of(here, person), "region": self.region(f"{here}.region", person.get("region")),
                "phones": fields.texts(f"{here}.phones", person.get("phones")),
                "emails": fields.texts(f"{here}.emails", person.get("emails")),
                "addresses": self.addresses(f"{here}.addresses", person.get("addresses")),
            }  # fmt: skip
            self.people += [{"account_id": account, **row} for account in self.stands_to(here, person)]

    def zones_of(self, here: str, person: Mapping[str, Any]) -> dict[str, Any]:
        """The person's time zone, and every further one where they may be (`time_zones` holds all)."""
        main = self.fields.zone(f"{here}.time_zone", person.get("time_zone"))
        listed = self.fields.texts(f"{here}.time_zones", person.get("time_zones"))
        named = [self.fields.zone(f"{here}.time_zones[{index}]", zone) for index, zone in enumerate(listed)]
        zones = list(dict.fromkeys(zone for zone in (main, *named) if zone))
        return {"time_zone": zones[0] if zones else None, "other_zones": zones[1:] or None}

    def region(self, path: str, value: Any) -> str | None:
        """An ISO 3166-2 code."""
        code = self.fields.text(path, value)
        if code is not None and not REGION.fullmatch(code):
            self.fields.fault("region", path, "is not an ISO 3166-2 code", code, "such as US-MA or GB-SCT")
        return code

    def stands_to(self, here: str, person: Mapping[str, Any]) -> tuple[str, ...]:
        """The accounts to which a person stands in their role: those named, else all of the case."""
        if person.get("accounts") is None:
            return tuple(self.zones)
        return self.known_accounts(f"{here}.accounts", person["accounts"])

    def known_accounts(self, path: str, value: Any) -> tuple[str, ...]:
        named = self.fields.texts(path, value)
        for account in named:
            if account not in self.zones:
                what, todo = "names an account that is not in this case", suggest(account, self.zones)
                self.fields.fault("unknown_account", path, what, account, todo)
        return tuple(named)

    def addresses(self, path: str, value: Any) -> list[dict[str, Any]]:
        """Each address is text, or a mapping with text and coordinates in degrees."""
        found = []
        for index, item in enumerate(self.fields.listed(path, value)):
            here = f"{path}[{index}]"
            spot = {"text": item} if isinstance(item, str) else self.fields.mapping(here, item)
            if spot is None:
                continue
            self.fields.known_keys(here, spot, ADDRESS)
            place = {
                name: self.degrees(f"{here}.{name}", spot.get(name), most) for name, most in (("lat", 90), ("lon", 180))
            }
            found.append({"text": self.fields.text(f"{here}.text", spot.get("text")), **place})
        return found

    def degrees(self, path: str, value: Any, most: int) -> float | None:
        if value is None:
            return None
        try:
            degrees = float(value)
        except (TypeError, ValueError):
            degrees = most + 1.0
        if not -most <= degrees <= most:
            self.fields.fault("number", path, f"is not a number of degrees from -{most} to {most}", value)
            return None
        return degrees

    # --- questions ----------------------------------------------------------------------------------------

    def read_questions(self) -> tuple[dict[str, Any], ...]:
        found = []
        people = {row["person_id"] for row in self.people}
        for here, part in self.fields.mappings("questions", self.top.get("questions"), QUESTION):
            self.check_asked(here, part)
            self.fields.instant(f"{here}.at", part.get("at"), required=True)
            texts = {name: self.fields.text(f"{here}.{name}", part.get(name)) for name in QUESTION_TEXTS}
            if texts["to"] and people and texts["to"] not in people:
                what, todo = "names nobody of `people`", suggest(texts["to"], people)
                self.fields.fault("unknown_person", f"{here}.to", what, texts["to"], todo)
            self.known_accounts(f"{here}.accounts", part.get("accounts"))
            self.check_answer(f"{here}.expect", part.get("expect"))
            found.append(part)
        return tuple(found)

    def check_asked(self, here: str, part: Mapping[str, Any]) -> None:
        """What is asked: a contact names its channel; acts of another kind may leave it out."""
        act = self.fields.optional(f"{here}.act", part.get("act"), schema.ACTS)
        if act in (None, "contact") or part.get("channel") is not None:
            self.fields.choice(f"{here}.channel", part.get("channel"), schema.CHANNELS)
        self.fields.optional(f"{here}.purpose", part.get("purpose"), schema.PURPOSES)
        self.fields.optional(f"{here}.binds", part.get("binds"), schema.BINDS)
        if "invited" in part:
            self.fields.flag(f"{here}.invited", part["invited"])

    def check_answer(self, path: str, value: Any) -> None:
        """What a question expects of `arrears may`."""
        expect = {} if value is None else self.fields.mapping(path, value) or {}
        self.fields.known_keys(path, expect, ANSWER)
        self.fields.optional(f"{path}.verdict", expect.get("verdict"), VERDICTS)
        self.fields.instant(f"{path}.not_before", expect.get("not_before"))
        for name in ("clauses", "requires", "advisories", "without"):
            self.fields.texts(f"{path}.{name}", expect.get(name))
