"""Random people, random contacts: what a careless collections desk and its debtors might do, asked of the guard one by one.

Everything follows from the seed. The standing that the guard is told is folded here from the same events, in a few lines that share no
code with replay.
"""

import csv
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random

from arrears.law import Question, history_of, load_pack, may, stack
from arrears.law.packs import Stack

STARTS = datetime(2026, 3, 1, tzinfo=UTC)
CHANNELS = ("call", "call", "call", "sms", "sms", "email", "voicebot", "visit")
OUTCOMES = {
    "call": ("no_answer", "no_answer", "voicemail", "conversation", "refused", "busy", "not_in_service"),
    "voicebot": ("no_answer", "conversation", "voicemail"), "sms": ("delivered", "sent", "failed"),
    "email": ("delivered", "sent", "failed"), "visit": ("absent", "conversation", "refused"),
}  # fmt: skip
#: Flags of standing: what sets them, what takes them back.
FLAGS = {
    "disputed": ("dispute_opened", "dispute_closed"), "represented": ("represented", None), "ceased": ("cease", None),
    "bankrupt": ("bankruptcy", None), "deceased": ("deceased", None), "complaint_open": ("complaint_opened", "complaint_closed"),
    "plan_current": ("plan", "plan_cancelled"),
}  # fmt: skip
STANDING_EVENTS = tuple(kind for pair in FLAGS.values() for kind in pair if kind)


@dataclass
class Person:
    """A person of one or two debts: where they may be, and what happened so far (rows of the events table)."""

    number: int
    law: str
    binds: str
    zones: tuple[str, ...]
    region: str | None
    debts: tuple[str, ...]
    rows: list[dict] = field(default_factory=list)

    def standing(self, debt: str) -> dict:
        """The flags of a debt as they stand."""
        found = dict.fromkeys(FLAGS, False)
        for row in self.rows:
            for name, (begins, ends) in FLAGS.items():
                if row["account_id"] == debt and row["kind"] in (begins, ends):
                    found[name] = row["kind"] == begins
        return found | {"usable_phone": True}


def simulate(law, binds, zones, region, people, steps, seed, guarded):
    """Contacts of `people` in `steps` each; gives the persons, how many contacts were asked, and of those that the guard
    refused event, outcome and the clauses (id: kind) that were broken at that very instant."""
    random, asked, refused = Random(seed), 0, []
    crowd = [
        Person(n, law, binds, random.choice(zones), region, (f"A{n}",) if random.random() < 0.7 else (f"A{n}", f"B{n}"))
        for n in range(people)
    ]
    for person in crowd:
        at = STARTS + timedelta(minutes=random.randrange(60 * 24))
        for step in range(steps):
            at += timedelta(minutes=random.choice((7, 45, 200, 600, 1500, 3100)) + random.randrange(60))
            event = f"{person.number}-{step}"
            chance = random.random()
            if chance < 0.12:
                _say(person, at, event, random)
            elif chance < 0.2:
                _come_in(person, at, event, random)
            else:
                asked += 1
                verdict, broken, rows = _contact(person, at, event, random)
                if verdict.verdict != "allowed":
                    refused.append((event, rows[0]["outcome"], broken))
                if verdict.verdict == "allowed" or not guarded:
                    person.rows += rows
    return crowd, asked, refused


def _row(person, at, event, kind, debt, **more):
    data = {
        key: value
        for key, value in more.items()
        if key in ("number", "purpose", "hours", "until", "party", "binds", "to", "place")
    }
    return {"event_id": event, "account_id": debt, "person_id": more.get("who", f"P{person.number}"), "at": at, "recorded_at": at, "kind": kind,
            "channel": more.get("channel"), "direction": more.get("direction"), "outcome": more.get("outcome"),
            "data": json.dumps({k: v for k, v in data.items() if v is not None})}  # fmt: skip


def _say(person, at, event, random):
    """Something the person says: consent, a request, a dispute, a stop."""
    kind = random.choice(
        ("consent", "consent", "opt_out", "inconvenient", "dispute_opened", "dispute_closed", *STANDING_EVENTS)
    )
    more = {}
    if kind == "consent":
        more = {
            "channel": random.choice((None, "call", "sms")),
            "hours": random.choice((None, ["06:00", "08:00"], ["21:00", "23:00"])),
        }
    elif kind == "opt_out":
        more = {"channel": random.choice(("email", "voicebot", "sms"))}
    elif kind == "inconvenient":
        more = {"hours": random.choice((["09:00", "12:00"], ["18:00", "20:30"]))}
    person.rows += [_row(person, at, event, kind, debt, **more) for debt in person.debts]


def _come_in(person, at, event, random):
    channel = random.choice(("call", "sms", "email"))
    outcome = "conversation" if channel == "call" else "delivered"
    debts = [random.choice(person.debts)] if random.random() < 0.5 else person.debts
    person.rows += [
        _row(person, at, event, "contact", debt, channel=channel, direction="in", outcome=outcome) for debt in debts
    ]


def _contact(person, at, event, random):
    """One contact that somebody wants to make: the guard's verdict, the clauses it breaks then and there, and the rows it would leave."""
    channel = random.choice(CHANNELS)
    third = random.random() < 0.05
    role, who = ("third_party", f"T{person.number}") if third else ("borrower", f"P{person.number}")
    purpose = random.choice(("location_information", "collection")) if third else "collection"
    debts = (random.choice(person.debts),) if random.random() < 0.6 else person.debts
    question = Question(
        channel, at, person.zones, role=role, person=who, accounts=debts, purpose=purpose, binds=person.binds, region=person.region,
        number=f"+1{person.number}", lender_kind="bank", standing=person.standing(debts[0]),
    )  # fmt: skip
    history = history_of(person.rows, {f"P{person.number}": "borrower", f"T{person.number}": "third_party"})
    verdict = may(stack(person.law, person.region), question, history)
    broken = {clause.id: clause.kind for clause in verdict.clauses if _alone(clause, question, history) != "allowed"}
    outcome = random.choice(OUTCOMES[channel])
    rows = [
        _row(person, at, event, "contact", debt, channel=channel, direction="out", outcome=outcome, number=f"+1{person.number}",
             purpose=purpose, party=role, who=who, binds=person.binds)
        for debt in debts
    ]  # fmt: skip
    return verdict, broken, rows


def _alone(clause, question, history):
    """The verdict of one clause by itself: a wait also names clauses that close only the instants after the one asked about."""
    pack = load_pack(clause.pack)
    return may(Stack((replace(pack, clauses=(clause,)),)), question, history).verdict


def write_log(crowd, path):
    """The log of all persons as CSV, as an auditor gets it."""
    head = ("account_id", "event_id", "borrower_id", "person_id", "role", "at", "kind", "channel", "direction", "outcome", "number", "purpose",
            "binds", "law", "region", "zone", "zones", "lender_kind", "hours", "until")  # fmt: skip
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(head)
        for person in crowd:
            for row in person.rows:
                data = json.loads(row["data"])
                hours = "-".join(data["hours"]) if data.get("hours") else ""
                table.writerow([
                    row["account_id"], row["event_id"], f"B{person.number}", row["person_id"], data.get("party", "borrower"), row["at"].isoformat(),
                    row["kind"], row["channel"] or "", row["direction"] or "", row["outcome"] or "", data.get("number") or "",
                    data.get("purpose") or "", data.get("binds") or person.binds, person.law, person.region or "", person.zones[0],
                    ",".join(person.zones), "bank", hours, data.get("until") or "",
                ])  # fmt: skip
