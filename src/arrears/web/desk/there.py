"""Whether an account that an address names is there: asked by the pages that work on one account."""

from __future__ import annotations

from fastapi import HTTPException
from sqlalchemy import select

from arrears.store.tables import Account
from arrears.web.served import Served


def account_there(served: Served, account_id: str) -> str:
    """The id, where the store has the account; 404 where it has not."""
    with served.store.read() as connection:
        if connection.execute(select(Account.account_id).where(Account.account_id == account_id[:128])).first() is None:
            raise HTTPException(404, "Not here")
    return account_id
