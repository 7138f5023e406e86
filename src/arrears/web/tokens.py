"""Who may use the API: tokens from the installation, each with its scopes. Only hashes are kept in memory."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from fastapi import HTTPException

from arrears.errors import refuse
from arrears.installation import Installation, secret

#: What a token may be for; docs/reference/api.md says what each opens.
SCOPES = ("payments", "returned", "accounts", "work", "events", "plans", "verify", "law")
SHORTEST = 24
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


@dataclass(frozen=True)
class Token:
    """One client: its name (it stands in the ids of what it sends), what it may do, and the hash of its token."""

    name: str
    scopes: frozenset[str]
    digest: bytes
    kind: Literal["client"] = "client"

    @property
    def session_id(self) -> str:
        """What stands for a session in the audit of views: the token's hash."""
        return self.digest.hex()


def read_tokens(installation: Installation) -> tuple[Token, ...]:
    """The tokens of `api: tokens:`. Refusal for one that is unfit."""
    told = installation.section("api").get("tokens") or []
    if not isinstance(told, list):
        raise _unfit(installation, "tokens", "must be a list")
    found = tuple(_token(installation, number, entry) for number, entry in enumerate(told))
    names = [token.name for token in found]
    if len(set(names)) != len(names):
        raise _unfit(installation, "tokens", "names a client twice")
    return found


def _token(installation: Installation, number: int, entry: object) -> Token:
    at = f"tokens[{number}]"
    if not isinstance(entry, Mapping):
        raise _unfit(installation, at, "must be a mapping of name, scopes and token_env or token_file")
    name, scopes = str(entry.get("name", "")), entry.get("scopes")
    if not _NAME.fullmatch(name):
        raise _unfit(installation, f"{at}.name", "must be 1 to 32 of a-z, 0-9 and -")
    if not isinstance(scopes, list) or not scopes or not set(scopes) <= set(SCOPES):
        raise _unfit(installation, f"{at}.scopes", "must be a list of " + ", ".join(SCOPES))
    text = secret(entry, "token", installation.path)
    if text is None or len(text) < SHORTEST:
        raise _unfit(installation, f"{at}.token", f"must have at least {SHORTEST} letters")
    return Token(name, frozenset(scopes), _digest(text))


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def token_of(tokens: Sequence[Token], authorization: str | None) -> Token | None:
    """The client of an `Authorization: Bearer …` header; None if it is nobody's. Every token is compared, in constant time."""
    kind, _, text = (authorization or "").partition(" ")
    given = _digest(text.strip())
    found = None
    for token in tokens:
        if hmac.compare_digest(token.digest, given):
            found = token
    return found if kind.lower() == "bearer" else None


def allowed(tokens: Sequence[Token], authorization: str | None, scope: str) -> Token:
    """The client of a request, if it may do what `scope` says; 401 or 403 otherwise."""
    client = token_of(tokens, authorization)
    if client is None:
        raise HTTPException(401, "A token is needed", {"www-authenticate": "Bearer"})
    if scope not in client.scopes:
        raise HTTPException(403, f"This token has no scope {scope}")
    return client


def _unfit(installation: Installation, name: str, what: str) -> Exception:
    return refuse("installation", what, file=str(installation.path), field=f"api.{name}", exit_code=2)
