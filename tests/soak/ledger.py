"""What the two sides of a run wrote down by themselves: what the provider took, and what was acknowledged to those who recorded facts.

Instants are nanoseconds of the machine's monotonic clock, which all processes share.
"""

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Message:
    """A message that the provider took. `sent_at`: right before it left its worker; `gone_at`: when the hand-over was over, if that is known."""

    account: str
    key: str
    attempt: str
    sent_at: int
    gone_at: int | None
    arrived_at: int


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
