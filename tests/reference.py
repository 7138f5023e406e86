"""The money rules a second time: plain Python, `Fraction`, one day after the other, written from docs/reference/money.md.

Slow and obvious on purpose. It shares nothing with the kernel but the facts and the terms.
"""

import json
from calendar import isleap, monthrange
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)
CATEGORIES = ("fee", "penalty", "interest", "principal")
FREEZE = {
    "hardship_granted": {"penalty", "late_fee"},
    "breathing_space": {"interest", "penalty", "late_fee"},
    "plan": {"penalty", "late_fee"},
}
ZONES = {
    "cn": "Asia/Shanghai",
    "us": "America/New_York",
    "uk": "Europe/London",
    "in": "Asia/Kolkata",
    "au": "Australia/Sydney",
    "none": "UTC",
}
EVERYTHING = 10**18
CHANNELS = ("sms", "call", "voicebot", "email", "letter", "visit", "push", "portal")
FLAGGED = {
    "represented": "represented", "cease": "ceased", "vulnerable": "vulnerable", "deceased": "deceased", "bankruptcy": "bankrupt",
}  # fmt: skip
#: Money and what is done to the account as a whole: it counts whoever is named.
SAID_BY_NOBODY = (
    "payment", "payment_reversed", "fee", "waiver", "adjustment", "refund", "charge_off", "plan", "plan_cancelled",
)  # fmt: skip


def day_fraction(basis, day):
    """What the night that ends on `day` is worth of a year (rule 3)."""
    if basis == "actual/365":
        return Fraction(1, 365)
    if basis == "actual/360":
        return Fraction(1, 360)
    if basis == "actual/actual":
        return Fraction(1, 366 if isleap(day.year) else 365)
    before = day - ONE_DAY
    total = lambda d: 360 * d.year + 30 * d.month + min(d.day, 30)  # noqa: E731
    return Fraction(total(day) - total(before), 360)


def rounded(exact, how):
    """Rule 4."""
    whole, rest = divmod(exact, 1)
    whole = int(whole)
    if how == "down" or rest < Fraction(1, 2):
        return whole
    if rest > Fraction(1, 2) or how == "half_up":
        return whole + 1
    return whole + whole % 2


@dataclass
class Item:
    """An instalment of the loan or of a plan, or the time before the first (no due date)."""

    due_on: date | None
    scheduled_fee: int = 0
    interest: int = 0
    principal: int = 0
    charge: int = 0
    fallen: bool = False
    in_grace: bool = False
    latent: Fraction = Fraction(0)
    penalty_from: date | None = None
    late_fee_on: date | None = None

    def unpaid(self):
        return self.scheduled_fee + self.interest + self.principal


@dataclass
class Total:
    """A running total of penalty: accrued, settled, and what of it carries penalty itself."""

    accrued: Fraction = Fraction(0)
    settled: int = 0
    base: int = 0


@dataclass
class Pause:
    event_id: str
    first: date
    last: date | None
    freeze: set
    kind: str

    def covers(self, day):
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass
class Saved:
    """What a plan replaced."""

    items: list
    values: dict
    charges: dict
    penalties: dict
    billed: int
    begins_on: date
    current: int


@dataclass
class Reference:
    """One account under one version of terms, up to `as_of`."""

    account: dict
    terms: object
    instalments: list
    events: list
    as_of: object
    known_at: datetime | None = None
    people: list = field(default_factory=list)
    items: list = field(default_factory=list)
    live: list = field(default_factory=list)

    # ------------------------------------------------------------------ what counts (rules 1, 2, 16, 20)

    def __post_init__(self):
        self.zone = ZoneInfo(self.account["time_zone"] or ZONES[self.account["law"]])
        instant = isinstance(self.as_of, datetime)
        self.today = self.as_of.astimezone(self.zone).date() if instant else self.as_of
        known = [e for e in self.events if self.known_at is None or e["recorded_at"] <= self.known_at]
        happened = [e for e in known if (e["at"] <= self.as_of if instant else self.day_of(e) <= self.as_of)]
        self.events = sorted(happened, key=lambda e: (e["at"], e["event_id"]))
        self.borrower = self.find_borrower()
        self.struck = self.reversals()
        self.pauses = self.find_pauses()
        self.items = [Item(None, fallen=True)]
        for row in sorted(self.instalments, key=lambda r: (r["due_on"], r["number"])):
            self.items.append(Item(row["due_on"], row["fee"], row["interest"], row["principal"]))
        self.live = self.items[1:]
        self.totals = {}
        self.accrued_interest, self.billed = Fraction(0), 0
        self.credit = 0
        self.paid = dict.fromkeys(CATEGORIES, 0)
        self.current = 0
        self.begins_on = self.account["opened_on"]
        self.frozen_by_plan, self.frozen_by_charge_off = set(), set()
        self.plan, self.saved, self.plan_since, self.plan_grace = "none", None, None, 0
        self.plan_kept, self.repair_days, self.repair_until = None, None, None
        self.broken_on, self.repaired_on = None, None
        self.plan_paid = dict.fromkeys(CATEGORIES, 0)
        self.promise, self.kept, self.broken = None, 0, 0
        self.payments, self.reversed, self.refunded, self.refund_charged = 0, 0, 0, 0
        self.waived, self.recovered, self.charged_off, self.charged_off_on = 0, 0, 0, None
        self.last_payment_on, self.last_payment = None, 0
        self.paid_today = (None, 0)
        self.worst, self.worst_12m = 0, 0
        self.principal_days = 0

    def day_of(self, event):
        return event["at"].astimezone(self.zone).date()

    def data(self, event):
        return json.loads(event["data"]) if event["data"] else {}

    def reversals(self):
        struck = {}
        for event in self.events:
            if event["kind"] == "payment_reversed":
                target = next((e for e in self.events_all(event["ref"]) if e["kind"] == "payment"), None)
                if target is not None:
                    part = target["amount"] if event["amount"] is None else event["amount"]
                    struck[target["event_id"]] = min(target["amount"], struck.get(target["event_id"], 0) + part)
        return struck

    # ------------------------------------------------------------------ whose fact it is (rule 28)

    def find_borrower(self):
        borrowers = sorted(p["person_id"] for p in self.people if p["role"] == "borrower")
        gone = {e.get("person_id") for e in self.events if e["kind"] in ("deceased", "bankruptcy")}
        return next((p for p in borrowers if p not in gone), borrowers[0] if borrowers else None)

    def whose(self, event):
        """`borrower` (the one whom contact is planned with, or nobody named), `joint`, or the role of somebody else."""
        roles = [p["role"] for p in self.people if p["person_id"] == event.get("person_id")]
        if not roles or event.get("person_id") == self.borrower:
            return "borrower"
        return "joint" if "borrower" in roles else roles[0]

    def counts(self, event):
        own = ("opt_out", "consent", "deceased", "bankruptcy", "contact_invalid")
        if event["kind"] == "contact" and self.data(event).get("party", "borrower") != "borrower":
            return False
        match self.whose(event):
            case "borrower":
                return True
            case "joint":
                return event["kind"] not in (*own, "represented", "cease")
            case "representative":
                return event["kind"] not in (*own, "vulnerable", "contact")
        return event["kind"].startswith("complaint") or event["kind"] in SAID_BY_NOBODY

    def standing(self):
        """What events say of the person, one after the other; counted from the facts, not from the fold's own state."""
        found = dict.fromkeys(
            ("represented", "ceased", "vulnerable", "deceased", "bankrupt", "hardship_requested"), False
        )
        open_, opted_out, bad_phones = {"dispute": 0, "complaint": 0}, set(), 0
        for event in filter(self.counts, self.events):
            kind, channel = event["kind"], event.get("channel")
            if kind in FLAGGED:
                found[FLAGGED[kind]] = True
            if kind in ("hardship_requested", "hardship_granted", "hardship_refused"):
                found["hardship_requested"] = kind == "hardship_requested"
            for what in open_:
                change = {f"{what}_opened": 1, f"{what}_closed": -1}.get(kind, 0)
                open_[what] = max(0, open_[what] + change)
            if kind == "opt_out":
                opted_out |= {channel} if channel else set(CHANNELS)
            if kind == "consent":
                opted_out -= {channel} if channel else set(CHANNELS)
            bad_phones += kind == "contact_invalid" and channel in ("sms", "call", "voicebot")
        phones = sum(
            len(p["phones"] or ()) for p in self.people if (p["person_id"], p["role"]) == (self.borrower, "borrower")
        )
        return {
            **found, "disputed": open_["dispute"] > 0, "complaint_open": open_["complaint"] > 0,
            **{f"opted_out_{channel}": channel in opted_out for channel in CHANNELS},
            "usable_phone": phones > bad_phones, "person_id": self.borrower,
        }  # fmt: skip

    def events_all(self, event_id):
        return [e for e in self.events if e["event_id"] == event_id]

    def find_pauses(self):
        pauses = []
        for event in self.events:
            data, day = self.data(event), self.day_of(event)
            if not self.counts(event):
                continue
            if event["kind"] in ("hardship_granted", "breathing_space"):
                first = date.fromisoformat(data["from"]) if data.get("from") else day
                last = date.fromisoformat(data["until"]) if data.get("until") else None
                pauses.append(
                    Pause(event["event_id"], first, last, set(data.get("freeze", FREEZE[event["kind"]])), event["kind"])
                )
            if event["kind"] == "pause_ended":
                for pause in pauses:
                    named = not event["ref"] or event["ref"] == pause.event_id
                    if named and (pause.last is None or pause.last >= day):
                        pause.last = day - ONE_DAY
        return pauses

    def paused(self, day):
        return any(pause.covers(day) for pause in self.pauses)

    def frozen(self, day):
        found = self.frozen_by_plan | self.frozen_by_charge_off
        for pause in self.pauses:
            if pause.covers(day):
                found |= pause.freeze
        return found

    # ------------------------------------------------------------------ sums

    def total_of(self, item):
        key = 0 if self.terms.allocate_by == "debt" else self.items.index(item)
        return self.totals.setdefault(key, Total())

    def payable(self, total):
        return rounded(total.accrued, self.terms.rounding) - total.settled

    def due_penalty(self):
        return sum(self.payable(total) for total in self.totals.values())

    def interest_open(self):
        return rounded(self.accrued_interest, self.terms.rounding) - self.billed

    def all_fallen(self):
        return all(item.fallen for item in self.live)

    def tail(self):
        return self.interest_open() if self.all_fallen() else 0

    def due(self, category):
        if category == "penalty":
            return self.due_penalty()
        if category == "fee":
            return sum(item.charge + (item.scheduled_fee if item.fallen else 0) for item in self.items)
        found = sum(getattr(item, category) for item in self.items if item.fallen)
        return found + (self.tail() if category == "interest" else 0)

    def due_total(self):
        return sum(self.due(category) for category in CATEGORIES)

    def not_due_principal(self):
        return sum(item.principal for item in self.items if not item.fallen)

    def payoff(self):
        accrued = 0 if self.all_fallen() else self.interest_open()
        return max(0, self.due_total() + self.not_due_principal() + accrued - self.credit)

    def oldest(self):
        found = [i for i in self.live if i.fallen and i.unpaid() > self.terms.tolerance_minor]
        return found[0] if found else None

    def days_past_due(self, day):
        item = self.oldest()
        if item is None:
            return 0
        first = item.due_on if self.terms.first_day == "due_day" else item.due_on + ONE_DAY
        count = sum(not self.paused(first + timedelta(days=n)) for n in range((day - first).days + 1))
        return max(0, count - self.terms.past_due_grace_days)

    # ------------------------------------------------------------------ a day

    def run(self):
        pending = list(self.events)
        day = self.account["opened_on"]
        while day <= self.today:
            if day > self.account["opened_on"]:
                self.accrue(day)
            self.compound(day)
            self.end_grace(day)
            for item in list(self.live):
                if not item.fallen and item.due_on <= day:
                    self.fall_due(item, day)
            self.late_fees(day)
            self.allocate(day)
            self.watch_plan(day)
            while pending and max(self.day_of(pending[0]), self.account["opened_on"]) <= day:
                self.happen(pending.pop(0), day)
            worst = self.days_past_due(day)
            self.worst = max(self.worst, worst)
            if day > self.today - timedelta(days=365):
                self.worst_12m = max(self.worst_12m, worst)
            day += ONE_DAY
        if self.promise and self.today > self.promise["by"]:
            self.promise, self.broken = None, self.broken + 1
        return self

    def accrue(self, day):
        self.principal_days += sum(item.principal for item in self.items)
        terms, frozen = self.terms, self.frozen(day)
        if terms.interest_method == "daily" and "interest" not in frozen:
            base = self.not_due_principal()
            if terms.interest_on_overdue == "continues":
                base += sum(item.principal for item in self.items if item.fallen)
            self.accrued_interest += Fraction(base * terms.interest_rate_ppm, 10**6) * day_fraction(
                terms.interest_basis, day
            )
        if "penalty" in frozen:
            return
        for item in self.live:
            base = self.penalty_base(item)
            if not item.fallen or not base or day <= item.penalty_from:
                continue
            if item.in_grace:
                item.latent += self.penalty(base, day)
            else:
                self.total_of(item).accrued += self.penalty(base, day)
        for total in self.totals.values():
            total.accrued += self.penalty(total.base, day)

    def penalty(self, base, day):
        return Fraction(base * self.terms.penalty_rate_ppm, 10**6) * day_fraction(self.terms.penalty_basis, day)

    def penalty_base(self, item):
        return item.principal + (item.interest if self.terms.penalty_on == "principal_and_interest" else 0)

    def compound(self, day):
        if not self.terms.penalty_compound or len(self.items) < 2 or not self.instalments:
            return
        first = min(row["due_on"] for row in self.instalments)
        if day > first and (day.year, day.month) != (first.year, first.month):
            if day.day == min(first.day, monthrange(day.year, day.month)[1]):
                for total in self.totals.values():
                    total.base = self.payable(total)

    def end_grace(self, day):
        for item in self.live:
            if item.fallen and item.in_grace and day >= item.due_on + timedelta(days=self.terms.penalty_grace_days + 1):
                if self.penalty_base(item):
                    self.total_of(item).accrued += item.latent
                item.in_grace, item.latent = False, Fraction(0)

    def fall_due(self, item, day):
        terms = self.terms
        if terms.interest_method == "daily":
            part = self.interest_open()
            item.interest += part
            self.billed += part
        item.fallen = True
        grace = terms.penalty_grace_days
        item.in_grace = grace > 0 and terms.penalty_from == "due"
        item.penalty_from = day + timedelta(days=grace if terms.penalty_from == "grace_end" else 0)
        item.late_fee_on = item.due_on + timedelta(days=terms.late_fee_grace_days + 1)
        self.current = self.items.index(item)

    def late_fees(self, day):
        terms = self.terms
        for item in self.live:
            if not item.fallen or item.late_fee_on != day:
                continue
            if item.unpaid() > terms.tolerance_minor and "late_fee" not in self.frozen(day):
                share = Fraction((item.interest + item.principal) * terms.late_fee_percent_ppm, 10**6)
                fee = terms.late_fee_minor + rounded(share, terms.rounding)
                item.charge += fee if terms.late_fee_max_minor is None else min(fee, terms.late_fee_max_minor)

    # ------------------------------------------------------------------ settling

    def order(self, day):
        after = self.terms.allocation_after_days
        late = after is not None and self.days_past_due(day) > after
        return self.terms.allocation_after if late else self.terms.allocation

    def allocate(self, day):
        if not self.credit:
            return
        order = self.order(day)
        if self.terms.allocate_by == "debt":
            for category in order:
                self.credit -= self.pay(category, self.credit, self.items, tail=True)
        else:
            for item in list(self.items):
                for category in order:
                    self.credit -= self.pay(category, self.credit, [item], tail=item is self.items[-1])

    def pay(self, category, wanted, items, tail):
        taken = self.take(category, wanted, items, tail, paying=True)
        self.paid[category] += taken
        return taken

    def take(self, category, wanted, items, tail, paying=False):
        left = wanted
        for item in items:
            left -= self.take_from(category, item, left, paying)
        if tail and category == "interest" and left:
            part = min(left, self.tail())
            self.billed += part
            left -= part
            if paying and self.plan == "current":
                self.plan_paid["interest"] += part
        return wanted - left

    def take_from(self, category, item, wanted, paying):
        if category == "penalty":
            key = 0 if self.terms.allocate_by == "debt" else self.items.index(item)
            total = self.totals.get(key)
            if total is None:
                return 0
            part = min(wanted, self.payable(total))
            total.settled += part
            total.base = min(total.base, self.payable(total))
            return part
        ours = paying and self.plan == "current" and item in self.live
        if category == "fee":
            scheduled = min(wanted, item.scheduled_fee) if item.fallen else 0
            charge = min(wanted - scheduled, item.charge)
            item.scheduled_fee -= scheduled
            item.charge -= charge
            self.plan_paid["fee"] += scheduled if ours else 0
            return scheduled + charge
        if not item.fallen:
            return 0
        part = min(wanted, getattr(item, category))
        setattr(item, category, getattr(item, category) - part)
        self.plan_paid[category] += part if ours else 0
        return part

    def forgive(self, category, wanted):
        taken = self.take(category, wanted, self.items, tail=True)
        if category == "principal":
            for item in reversed(self.live):
                if not item.fallen:
                    part = min(wanted - taken, item.principal)
                    item.principal -= part
                    taken += part
        return taken

    def prepay(self, day):
        if not self.all_fallen():
            part = min(self.credit, self.interest_open())
            self.billed += part
            self.credit -= part
            self.paid["interest"] += part
            self.plan_paid["interest"] += part if self.plan == "current" else 0
        for index in range(len(self.live) - 1, -1, -1):
            item = self.live[index]
            part = 0 if item.fallen else min(self.credit, item.principal)
            if not part:
                continue
            item.principal -= part
            self.credit -= part
            self.paid["principal"] += part
            self.plan_paid["principal"] += part if self.plan == "current" else 0
            begins = self.live[index - 1].due_on if index else self.begins_on
            if not item.principal and self.terms.interest_method == "scheduled" and begins >= day:
                item.interest = item.scheduled_fee = 0

    # ------------------------------------------------------------------ events

    def happen(self, event, day):
        handler = getattr(self, f"on_{event['kind']}", None)
        if handler is not None and self.counts(event):
            handler(event, day, self.data(event))
            if event["kind"] != "promise":
                self.allocate(day)
            self.watch_plan(day)

    def on_payment(self, event, day, data):
        struck = self.struck.get(event["event_id"], 0)
        amount = event["amount"] - struck
        self.reversed += struck
        if amount <= 0:
            return
        self.payments += amount
        self.last_payment_on, self.last_payment = day, amount
        self.recovered += amount if self.charged_off_on else 0
        self.count_for_promise(day, amount)
        self.credit += amount
        self.allocate(day)
        if data.get("prepay"):
            self.prepay(day)

    def on_fee(self, event, day, data):
        self.items[self.current].charge += event["amount"]

    def on_refund(self, event, day, data):
        part = min(event["amount"], self.credit)
        self.credit -= part
        self.refunded += event["amount"]
        self.refund_charged += event["amount"] - part
        self.items[self.current].charge += event["amount"] - part

    def on_waiver(self, event, day, data):
        wanted = EVERYTHING if event["amount"] is None else event["amount"]
        self.waived += self.forgive(data["category"], wanted)

    def on_adjustment(self, event, day, data):
        category, amount = data.get("category", "principal"), event["amount"]
        if amount < 0:
            self.forgive(category, -amount)
            return
        item = self.items[self.current]
        before_first = not any(i.fallen for i in self.live)
        if category == "penalty":
            self.total_of(item).accrued += amount
        elif category == "fee" or (before_first and not self.live):
            item.charge += amount
        else:
            item = self.live[0] if before_first else item
            setattr(item, category, getattr(item, category) + amount)

    def on_charge_off(self, event, day, data):
        self.charged_off = self.payoff() if event["amount"] is None else event["amount"]
        self.charged_off_on = day
        self.frozen_by_charge_off = set(data.get("freeze", ()))

    def on_plan(self, event, day, data):
        for category in CATEGORIES:
            if category in (data.get("waive") or {}):
                amount = data["waive"][category]
                self.waived += self.forgive(category, EVERYTHING if amount == "all" else amount)
        self.saved = self.set_aside(set(data.get("include", ())))
        rows = sorted(data["instalments"], key=lambda row: row["due_on"])
        self.live = [
            Item(date.fromisoformat(r["due_on"]), r.get("fee", 0), r.get("interest", 0), r.get("principal", 0))
            for r in rows
        ]
        self.items = self.items + self.live
        self.plan, self.plan_since, self.plan_grace = "current", day, int(data.get("grace_days", 0))
        self.plan_kept, self.repair_days = "current", data.get("repair_days")
        self.broken_on, self.repaired_on, self.repair_until = None, None, None
        self.plan_paid = dict.fromkeys(CATEGORIES, 0)
        self.frozen_by_plan = set(data.get("freeze", FREEZE["plan"]))
        self.begins_on = day
        for item in self.live:
            if item.due_on <= day:
                self.fall_due(item, day)

    def set_aside(self, include):
        charges, penalties = {}, {}
        for index, item in enumerate(self.items):
            if item.fallen:
                item.charge += item.scheduled_fee
                item.scheduled_fee = 0
            if "fee" in include:
                charges[index], item.charge = item.charge, 0
        if "penalty" in include:
            for key, total in self.totals.items():
                penalties[key] = self.payable(total)
                total.settled += penalties[key]
                total.base = 0
        saved = Saved(self.live, {}, charges, penalties, self.billed, self.begins_on, self.current)
        self.billed += self.tail() if self.terms.interest_method == "daily" else 0
        for item in self.live:
            saved.values[id(item)] = (item.scheduled_fee, item.interest, item.principal)
            item.scheduled_fee = item.interest = item.principal = 0
            item.in_grace, item.latent, item.late_fee_on = False, Fraction(0), None
        return saved

    def on_plan_cancelled(self, event, day, data):
        if self.plan != "current":
            return
        for item in self.live:
            item.scheduled_fee = item.interest = item.principal = 0
            item.late_fee_on = None
        saved, self.plan, self.frozen_by_plan = self.saved, "cancelled", set()
        self.live, self.billed, self.begins_on = saved.items, saved.billed, saved.begins_on
        for index, charge in saved.charges.items():
            self.items[index].charge += charge
        for key, penalty in saved.penalties.items():
            self.totals[key].settled -= penalty
        self.current = 0
        for item in self.live:
            item.scheduled_fee, item.interest, item.principal = saved.values[id(item)]
            if item.fallen:
                self.current = self.items.index(item)
                item.penalty_from = max(item.penalty_from, day)
        for item in self.live:
            if not item.fallen and item.due_on <= day:
                self.fall_due(item, day)
                item.in_grace, item.penalty_from, item.late_fee_on = False, day, None
        for category in CATEGORIES:
            self.paid[category] -= self.plan_paid[category]
            self.credit += self.plan_paid[category]

    def plan_status(self):
        if self.plan != "current":
            return self.plan
        if self.plan_kept != "current":
            return self.plan_kept
        return "current" if self.unpaid_of_plan() else "completed"

    def unpaid_of_plan(self):
        return [item for item in self.live if item.unpaid() > self.terms.tolerance_minor]

    def watch_plan(self, day):
        """Rule 23, looked at after everything that happens."""
        if self.plan != "current":
            return
        missed = any((day - item.due_on).days > self.plan_grace for item in self.unpaid_of_plan())
        if self.plan_kept == "current" and missed:
            self.broken_on = day
            first = self.repaired_on is None
            self.plan_kept = "in_repair" if self.repair_days and first else "broken"
            self.repair_until = day + timedelta(days=self.repair_days or 0)
        elif self.plan_kept == "in_repair" and day > self.repair_until:
            self.plan_kept = "broken"
        elif not missed and (
            self.plan_kept == "in_repair" or (self.plan_kept == "broken" and self.repair_days is None)
        ):
            self.plan_kept, self.repaired_on = "current", day

    # ------------------------------------------------------------------ promises (rule 25)

    def on_promise(self, event, day, data):
        if self.promise and day > self.promise["by"]:
            self.broken += 1
        got = self.paid_today[1] if self.paid_today[0] == day else 0
        self.promise = {"amount": event["amount"], "by": date.fromisoformat(data["by"]), "got": got}
        self.keep()

    def count_for_promise(self, day, amount):
        if self.promise and day > self.promise["by"]:
            self.promise, self.broken = None, self.broken + 1
        self.paid_today = (day, amount + (self.paid_today[1] if self.paid_today[0] == day else 0))
        if self.promise:
            self.promise["got"] += amount
            self.keep()

    def keep(self):
        if self.promise["got"] >= self.promise["amount"] - self.terms.tolerance_minor:
            self.promise, self.kept = None, self.kept + 1

    # ------------------------------------------------------------------ the answer

    def position(self):
        """The columns that are compared with the kernel's."""
        oldest = self.oldest()
        tolerance = self.terms.tolerance_minor
        return {
            **{f"due_{category}": self.due(category) for category in CATEGORIES},
            "due_total": self.due_total(),
            "not_due_principal": self.not_due_principal(),
            "principal_days": self.principal_days,
            "accrued_interest": 0 if self.all_fallen() else self.interest_open(),
            "credit": self.credit,
            "payoff": self.payoff(),
            **{f"paid_{category}": self.paid[category] for category in CATEGORIES},
            "payments": self.payments,
            "reversed": self.reversed,
            "refunded": self.refunded,
            "refund_charged": self.refund_charged,
            "waived_total": self.waived,
            "recovered": self.recovered,
            "charged_off_amount": self.charged_off,
            "charged_off_on": self.charged_off_on,
            "last_payment_on": self.last_payment_on,
            "last_payment_amount": self.last_payment,
            "days_past_due": self.days_past_due(self.today),
            "worst_days_past_due": self.worst,
            "worst_days_past_due_12m": self.worst_12m,
            "oldest_due_on": oldest.due_on if oldest else None,
            "missed_instalments": sum(i.fallen and i.unpaid() > tolerance and i.due_on < self.today for i in self.live),
            "plan_status": self.plan_status(),
            "plan_since": self.plan_since,
            "plan_broken_on": self.broken_on,
            "plan_repaired_on": self.repaired_on,
            "plan_repair_until": self.repair_until if self.plan_status() == "in_repair" else None,
            "promises_open": int(self.promise is not None),
            "promises_kept": self.kept,
            "promises_broken": self.broken,
            "paused": self.paused(self.today),
            **self.standing(),
        }


def reference(facts, account_id, as_of, known_at=None):
    """The position of one account of `Facts`."""
    from arrears.replay.terms import in_force, with_own_rates

    def rows(frame):
        return [row for row in frame.iter_rows(named=True) if row["account_id"] == account_id]

    account = rows(facts.accounts)[0]
    terms = in_force(facts.terms[account["product"]], account["opened_on"])
    terms = with_own_rates(terms, account["rate_ppm"], account["penalty_rate_ppm"])
    told = rows(facts.instalments), rows(facts.events), as_of, known_at, rows(facts.people)
    return Reference(account, terms, *told).run().position()
