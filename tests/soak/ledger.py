"""What the two sides of a run wrote down by themselves: what the provider took, and what was acknowledged to those who recorded facts.

Instants are nanoseconds of the machine's monotonic clock, which all processes share.
"""

import json
from collections import defaultdict
from dataclasses import dataclass

from tests.soak.smpp import part_of


@dataclass(frozen=True)
class Message:
    """A message that the provider took. `sent_at`: right before it left its worker; `gone_at`: when the hand-over was over, if that is known.

    `whole`: whether all of its parts are there; a worker that is killed may have handed over some.
    """

    account: str
    key: str
    attempt: str
    sent_at: int
    gone_at: int | None
    arrived_at: int
    whole: bool = True


@dataclass(frozen=True)
class Acknowledged:
    """Something that was recorded and acknowledged at an instant: payment, opt_out, cease, stop, stop_all, or lift_begins."""

    kind: str
    at: int
    accounts: tuple[str, ...]
    events: tuple[tuple[str, str], ...]
    switch: str | None = None


def lines(path):
    """The JSON lines of a file, none if it is not there. A line cut off by a kill says nothing."""
    if not path.exists():
        return []
    whole, _, _ = path.read_bytes().rpartition(b"\n")
    return [json.loads(line) for line in whole.splitlines()]


def from_line_provider(folder):
    """Messages in the file of the line provider."""
    return [
        Message(one["account"], one["key"], one["id"], one["sent_at"], None, one["received_at"])
        for one in lines(folder / "provider.jsonl")
    ]


def from_smsc(folder):
    """Messages in the journal of the SMSC, a line for each part, known by what the workers noted; one for each time that a part came."""
    noted = [one for path in sorted(folder.glob("handed-*.jsonl")) for one in lines(path)]
    begun = [one for one in noted if one["what"] == "begins"]
    gone = {one["id"]: one["at"] for one in noted if one["what"] == "done"}
    by_part = defaultdict(list)
    for one in begun:
        for part in set(one["parts"]):
            by_part[part].append(one)
    came = defaultdict(lambda: defaultdict(list))
    for line in lines(folder / "smsc.jsonl"):
        part = part_of(line["to"], bytes.fromhex(line["octets"]))
        # the same octets to the same number may belong to two attempts, which follow each other: it is the later one's that had begun
        owner = max((one for one in by_part[part] if one["at"] <= line["arrived_at"]), key=lambda one: one["at"])
        came[owner["id"]][part].append(line["arrived_at"])
    return [
        found for one in begun if one["id"] in came for found in _messages(one, came[one["id"]], gone.get(one["id"]))
    ]


def _messages(noted, came, gone_at):
    """A message as often as the part of it that came most often."""
    for time in range(max(len(arrivals) for arrivals in came.values())):
        there = [arrivals[time] for arrivals in came.values() if time < len(arrivals)]
        whole = len(there) == len(set(noted["parts"]))
        yield Message(noted["account"], noted["key"], noted["id"], noted["at"], gone_at, max(there), whole)


#: How what a provider took is read, by the provider's name in a plan.
TAKEN = {"line": from_line_provider, "smpp": from_smsc}


def acknowledged(folder):
    """All that the writers noted, in the order of the clock."""
    found = [
        Acknowledged(
            one["kind"], one["at"], tuple(one["accounts"]), tuple((a, e) for a, e in one["events"]), one.get("switch")
        )
        for path in sorted(folder.glob("acks-*.jsonl"))
        for one in lines(path)
    ]
    return sorted(found, key=lambda one: one.at)
