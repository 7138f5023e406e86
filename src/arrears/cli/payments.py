"""`payments import|list|match|set-aside`."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from arrears import money
from arrears.cli.out import print_json, print_table
from arrears.cli.rehearsal import now_of
from arrears.facts.mapping import load_mapping
from arrears.installation import Installation, load_installation
from arrears.payments import Waiting, match_by_hand, read_payments, set_aside, take_in, waiting
from arrears.payments.reference import reference_pattern
from arrears.store.connect import Store, open_store
from arrears.store.personal import Personal, open_personal


def import_(arguments: argparse.Namespace) -> int:
    """`arrears payments import`."""
    mapping = load_mapping(Path(arguments.mapping)) if arguments.mapping else None
    statements = [read_payments(Path(file), mapping) for file in arguments.files]
    installation, store, personal = _opened(arguments)
    found = take_in(store, personal, statements, now_of(installation, arguments.at), reference_pattern(installation))
    if arguments.json:
        print_json({
            "payments": found.payments, "reversals": found.reversals, "known": found.known, "waiting": dict(found.waiting),
            "not_ours": found.not_ours, "pending": found.pending,
        })  # fmt: skip
        return 0
    print(f"{found.payments:,} payments and {found.reversals:,} reversals are new facts; {found.known:,} were known")
    print(f"{found.not_ours:,} bookings are not ours, {found.pending:,} are not booked yet")
    for why, count in sorted(found.waiting.items()):
        print(f"{count:,} wait for a person: {WHY[why]}")
    return 0


#: Why an entry waits, for people.
WHY = {
    "no_reference": "there is no reference",
    "unknown_reference": "the reference names no account",
    "several_accounts": "the reference names several accounts",
    "other_currency": "the account has another currency",
    "unknown_payment": "the payment that it takes back is not known",
    "several_payments": "it may take back several payments",
    "before_the_loan": "its day lies before the loan",
}


def list_(arguments: argparse.Namespace) -> int:
    """`arrears payments list`."""
    _, store, personal = _opened(arguments)
    found = waiting(store, personal)
    if arguments.json:
        print_json([_as_json(item) for item in found])
        return 0
    rows = [
        (item.number, item.entry.on.isoformat(), f"{money.to_text(item.entry.amount, item.entry.currency)} {item.entry.currency}",
         WHY[item.why], ", ".join(item.named), " / ".join(item.entry.references)[:60])
        for item in found
    ]  # fmt: skip
    print_table(["number", "on", "amount", "why it waits", "names", "reference"], rows, right=(0, 2))
    return 0


def _as_json(item: Waiting) -> dict[str, Any]:
    entry = item.entry
    return {
        "number": item.number, "kind": entry.kind, "on": entry.on.isoformat(), "amount": money.to_text(entry.amount, entry.currency),
        "currency": entry.currency, "why": item.why, "named": list(item.named), "references": list(entry.references),
        "payer": entry.payer, "queued_at": item.queued_at.isoformat(),
    }  # fmt: skip


def match_(arguments: argparse.Namespace) -> int:
    """`arrears payments match`."""
    _, store, personal = _opened(arguments)
    match_by_hand(store, personal, arguments.number, arguments.account, arguments.by, datetime.now(UTC))
    return _said(arguments, f"entry {arguments.number} is a payment of account {arguments.account}")


def set_aside_(arguments: argparse.Namespace) -> int:
    """`arrears payments set-aside`."""
    _, store, _ = _opened(arguments)
    set_aside(store, arguments.number, arguments.by, arguments.why, datetime.now(UTC))
    return _said(arguments, f"entry {arguments.number} is set aside")


def _said(arguments: argparse.Namespace, text: str) -> int:
    print_json({"done": text}) if arguments.json else print(text)
    return 0


def _opened(arguments: argparse.Namespace) -> tuple[Installation, Store, Personal]:
    installation = load_installation(Path(arguments.config) if arguments.config else None)
    store = open_store(installation.database)
    return installation, store, open_personal(store, installation.keys)
