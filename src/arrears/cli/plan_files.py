"""The files that `arrears plan` writes and reads: the case with its plan, the signed agreement, letters to creditors."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from arrears import plans
from arrears.cli.keys import installation_of
from arrears.cli.out import write_file
from arrears.errors import refuse
from arrears.facts.beside import tongue_of
from arrears.facts.cases import Case
from arrears.notice.keys import public_keys, read_public, signer
from arrears.plans.paper import (
    Sheet,
    Signature,
    agreement,
    certificate,
    creditor_letter,
    read_signatures,
    sheet_pdf,
    sign,
)
from arrears.plans.paper.penalty_letters import as_text


def as_yaml(content: Any) -> str:
    """Plain YAML in the order it was made."""
    return str(yaml.safe_dump(content, allow_unicode=True, sort_keys=False)).rstrip()


def case_with(case: Case, events: Sequence[dict[str, Any]], path: Path) -> None:
    """The case file with the events at its end; what the case expects is left out, for it speaks of the time before."""
    content = dict(case.document.value if case.document else {})
    content.pop("expect", None)
    content["events"] = [*(content.get("events") or []), *events]
    write_file(path, (as_yaml(content) + "\n").encode())


def signed_agreement(
    arguments: argparse.Namespace, found: plans.Offers, offer: plans.Offer, warning: plans.Limitation
) -> None:
    """The agreement as PDF, signed with the installation's key in use."""
    house = installation_of(arguments)
    own = signer(house.keys, house.lender.id)
    begins = public_keys(house.keys, house.lender.id).keys[own.key_id].valid_from
    name = house.lender.name[tongue_of(arguments.lang)]
    sheet = agreement(found, offer, name, warning, arguments.lang)
    der = certificate(own.private, name, own.key_id, begins)
    write_file(Path(arguments.pdf), sign(sheet_pdf(sheet), own.private, der, sheet.title))


def signatures(arguments: argparse.Namespace) -> list[Signature]:
    """The signatures of an agreement, held against published keys."""
    if arguments.keys:
        known = read_public(Path(arguments.keys))
    else:
        house = installation_of(arguments)
        known = public_keys(house.keys, house.lender.id)
    try:
        content = Path(arguments.signed).read_bytes()
    except OSError as fault:
        raise refuse("file", f"cannot be read: {fault.strerror}", file=arguments.signed, exit_code=2) from None
    return read_signatures(content, dict(known.keys))


def letters(
    folder: Path, shares: Sequence[plans.Share], budget: plans.Budget, sender: str, on: date, language: str
) -> Iterator[Path]:
    """A letter for every creditor, numbered, in a folder that is made."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, share in enumerate(shares, 1):
        named = re.sub(r"[^\w-]+", "-", share.name).strip("-")[:40]
        path = folder / f"{number:02d}-{named or 'creditor'}.pdf"
        write_file(path, sheet_pdf(creditor_letter(shares, share, budget, sender, on, language)))
        yield path


def letter(sheet: Sheet, path: Path) -> None:
    """A letter as PDF or plain text, by the end of the file's name. Refusal if it is neither."""
    if path.suffix not in (".pdf", ".txt"):
        raise refuse("file", "is neither .pdf nor .txt", file=str(path), exit_code=2)
    write_file(path, sheet_pdf(sheet) if path.suffix == ".pdf" else as_text(sheet).encode())
