"""Made borrowers who gave a mailbox and no phone number, for showing e-mail."""

from __future__ import annotations

from datetime import date
from importlib import resources
from pathlib import Path

import numpy as np
import polars as pl

from arrears.facts.book import BookChange, FolderBook, create_book
from arrears.facts.schema import Facts
from arrears.lab.made import make_facts

FIRST = 900_000_000  # numbers that no made book of ordinary size reaches


def make_mailbox_book(path: Path, accounts: int, seed: int, as_of: date) -> FolderBook:
    """A book of one part of such accounts, as of `as_of`. Mailboxes are under `.example`, which nobody can receive at."""
    facts = make_facts(np.arange(FIRST, FIRST + accounts), seed, as_of)
    mailbox = pl.concat_list(pl.col("person_id").str.to_lowercase() + "@mail.example")
    people = facts.people.with_columns(phones=pl.lit([], pl.List(pl.String)), emails=mailbox)
    book = create_book(path, 1)
    with BookChange(book) as change:
        change.write_part(0, Facts(facts.accounts, facts.instalments, facts.events, people))
        terms = resources.files("arrears.lab").joinpath("consumer-12.yaml").read_text("utf-8")
        change.put_terms("consumer-12", terms)
        return change.commit()
