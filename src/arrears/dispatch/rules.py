"""By which rules dispatch asks again: who asks the law, the ladders by name, the terms of the products."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from arrears.errors import refuse
from arrears.installation import Installation
from arrears.law import PLAIN, Asking, policy_of
from arrears.law.windows import columns_read
from arrears.replay.terms import Terms
from arrears.strategy import Ladder, included, load_ladder


@dataclass(frozen=True)
class Rules:
    """`terms`: by product, as they stand in the store. `ladders`: by name."""

    terms: Mapping[str, tuple[Terms, ...]]
    ladders: Mapping[str, Ladder]
    asking: Asking = PLAIN

    @cached_property
    def columns(self) -> frozenset[str]:
        """Columns of replay that asking again reads."""
        ladders = frozenset().union(*(ladder.columns for ladder in self.ladders.values()))
        return columns_read() | ladders | POSITION


#: Columns of the position that a message may name.
POSITION = frozenset(
    (
        "account_id", "law", "currency", "product", "days_past_due", "oldest_due_on", "due_fee", "due_penalty",
        "due_interest", "due_principal", "due_total", "past_due_total", "not_due_principal", "credit", "payoff",
        "next_due_on", "next_due_amount", "settled", "refused", "promises_open", "promise_amount", "promise_due_on",
        "plan_status", "plan_current", "person_id", "language", "time_zone",
    )
)  # fmt: skip


def ladders_of(files: list[Path]) -> dict[str, Ladder]:
    """The included ladders and those of the house, by name."""
    loaded = [load_ladder(name) for name in included()] + [load_ladder(file) for file in files]
    return {ladder.name: ladder for ladder in loaded}


def rules_of(installation: Installation, terms: Mapping[str, tuple[Terms, ...]]) -> Rules:
    """The rules of an installation: sections `law` (house, blocks) and `strategy` (ladders) of its file."""
    law, strategy = installation.section("law"), installation.section("strategy")
    house = tuple(_files(installation, law.get("house"), "law.house"))
    blocks = law.get("blocks")
    asking = Asking(installation.lender.binds, house, policy_of(blocks))
    return Rules(terms, ladders_of(_files(installation, strategy.get("ladders"), "strategy.ladders")), asking)


def _files(installation: Installation, named: Any, field: str) -> list[Path]:
    """Files named in the installation, from its folder on."""
    if named is None:
        return []
    if not isinstance(named, list) or not all(isinstance(name, str) for name in named):
        raise refuse("installation", "must be a list of files", file=str(installation.path), field=field, exit_code=2)
    return [installation.folder / name for name in named]
