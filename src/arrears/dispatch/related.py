"""Which accounts belong together: those of the same person, for limits of law that count across debts, and for the lock."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from arrears.store.many import among
from arrears.store.tables import Person


def accounts_of(connection: Connection, person_ids: Collection[str]) -> dict[str, frozenset[str]]:
    """All accounts on which each person stands in any role."""
    wanted = select(Person.person_id, Person.account_id).where(among(connection, Person.person_id, person_ids))
    found: dict[str, set[str]] = {person: set() for person in person_ids}
    for person, account in connection.execute(wanted):
        found[person].add(account)
    return {person: frozenset(accounts) for person, accounts in found.items()}
