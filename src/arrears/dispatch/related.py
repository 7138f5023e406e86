"""Which accounts belong together: those of the same person, and of people with the same number, for limits of law and for the lock."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select
from sqlalchemy.orm import aliased

from arrears.store.many import among
from arrears.store.tables import Person, Reach


def accounts_of(connection: Connection, person_ids: Collection[str]) -> dict[str, frozenset[str]]:
    """All accounts on which each person stands in any role."""
    wanted = select(Person.person_id, Person.account_id).where(among(connection, Person.person_id, person_ids))
    found: dict[str, set[str]] = {person: set() for person in person_ids}
    for person, account in connection.execute(wanted):
        found[person].add(account)
    return {person: frozenset(accounts) for person, accounts in found.items()}


def accounts_by_number(connection: Connection, person_ids: Collection[str]) -> dict[str, frozenset[str]]:
    """For each person the accounts of others who have a number in common with them: spouses, a household, a shop."""
    own, other = aliased(Reach), aliased(Reach)
    wanted = (
        select(own.person_id, other.account_id)
        .join(other, (other.token == own.token) & (other.person_id != own.person_id))
        .where(among(connection, own.person_id, person_ids), own.kind == "phone", other.kind == "phone")
    )
    found: dict[str, set[str]] = {person: set() for person in person_ids}
    for person, account in connection.execute(wanted):
        found[person].add(account)
    return {person: frozenset(accounts) for person, accounts in found.items()}
