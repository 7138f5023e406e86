"""Idempotency keys: what was recorded under a key is answered again, and a key is never used for two things.

The answer is written in the transaction of the facts, under a hold of the key, so that two requests at once record once. After
`KEPT_DAYS` it goes; the ids of the facts follow from the key, so that even then the same request records nothing twice.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import Header, Response
from pydantic import BaseModel
from sqlalchemy import Connection, delete, insert, select

from arrears.store.tables import ApiAnswer
from arrears.web.problems import Told
from arrears.web.tokens import Token

KEPT_DAYS = 30
REPLAYED = "idempotency-replayed"
_FORM: dict[str, Any] = {
    "alias": "Idempotency-Key", "min_length": 8, "max_length": 64, "pattern": r"^[A-Za-z0-9_-]+$",
    "examples": ["0192f0c0-0000-7000-8000-000000000001"],
}  # fmt: skip
_SAYS = (
    "Yours, new for each thing you record: a UUID will do. The same request with the same key is answered again and records "
    "nothing; another body, or another operation, with the same key is refused (422)."
)
Key = Annotated[str, Header(description=_SAYS, **_FORM)]
MaybeKey = Annotated[
    str | None, Header(description=_SAYS + " May be left out here, for each entry has its own id.", **_FORM)
]
#: `headers` of a recording operation's answer.
HEADERS = {
    "Idempotency-Replayed": {
        "description": "`true` where the answer is one given before.",
        "schema": {"type": "string"},
    }
}


@dataclass(frozen=True)
class Once:
    """One request: by whom, under which key, for what, and the hash of its body."""

    client: str
    key: str
    operation: str
    body_hash: str

    @property
    def held_as(self) -> str:
        """What is held with the accounts, so that the key is used by one request at a time."""
        return f"api-key {self.client} {self.key}"

    def event_id(self, number: int) -> str:
        """The id of a fact of the request, counted from 1."""
        return f"api-{self.client}-{self.key}-{number}"


def once(client: Token, key: str, operation: str, body: BaseModel) -> Once:
    """The request of a client. Bodies are the same if they say the same, however they are written."""
    told = json.dumps(body.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
    return Once(client.name, key, operation, hashlib.sha256(f"{operation}\n{told}".encode()).hexdigest())


def answered(connection: Connection, asked: Once) -> dict[str, Any] | None:
    """What was answered under the key; None if nothing was. A problem if it was used for something else."""
    found = select(ApiAnswer.body_hash, ApiAnswer.answer).where(
        ApiAnswer.client == asked.client, ApiAnswer.key == asked.key
    )
    row = connection.execute(found).first()
    if row is None:
        return None
    if row.body_hash != asked.body_hash:
        raise Told(422, "The idempotency key was used for another request",
                   [{"pointer": "/Idempotency-Key", "detail": "take a new key for what is new"}])  # fmt: skip
    return dict(json.loads(row.answer))


def keep(connection: Connection, asked: Once, answer: BaseModel, now: datetime) -> None:
    """Write the answer down, in the transaction of what it tells of; what is older than `KEPT_DAYS` goes."""
    connection.execute(delete(ApiAnswer).where(ApiAnswer.made_at < now - timedelta(days=KEPT_DAYS)))
    row = {"client": asked.client, "key": asked.key, "operation": asked.operation, "body_hash": asked.body_hash}
    connection.execute(insert(ApiAnswer).values(**row, answer=answer.model_dump_json(), made_at=now))


def replayed(response: Response) -> None:
    """Say of an answer that it was given before."""
    response.headers[REPLAYED] = "true"
