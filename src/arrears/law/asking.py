"""Who asks the law, and by which rules: the same for one contact, one account and a whole night."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from arrears.law.guard import EVERYTHING, Policy


@dataclass(frozen=True)
class Asking:
    """`binds`: lender, agency or assignee. `house`: files of the lender's own stricter clauses. `policy`: the forces that block."""

    binds: str = "lender"
    house: tuple[Path, ...] = ()
    policy: Policy = EVERYTHING

    @property
    def digest(self) -> str:
        """A name for all that an answer depends on beside the facts: who asks, the policy, and the content of every clause."""
        whole = hashlib.sha256(f"{self.binds}\n{sorted(self.policy.blocks)}\n{_packs_digest()}".encode())
        for path in self.house:
            whole.update(path.read_bytes())
        return whole.hexdigest()


#: A lender in its own name, every force but proposals, no rules of the house.
PLAIN = Asking()


def policy_of(blocks: Iterable[str] | None) -> Policy:
    """The policy that lets the named forces block; None: all but proposals."""
    return EVERYTHING if blocks is None else Policy(frozenset(blocks))


@cache
def _packs_digest() -> str:
    """A name for the content of all packs, calendars and rates that come with arrears."""
    whole = hashlib.sha256()
    for folder in ("packs", "calendars", "data"):
        for entry in sorted(Path(str(resources.files("arrears.law").joinpath(folder))).rglob("*.*")):
            if entry.suffix in (".yaml", ".csv"):
                whole.update(entry.name.encode() + entry.read_bytes())
    return whole.hexdigest()
