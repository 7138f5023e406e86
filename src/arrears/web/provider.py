"""An OpenID Connect provider as a client sees it: its addresses, its keys, and who somebody is.

Authorization code with PKCE (S256), state and nonce (OpenID Connect Core 1.0; RFC 9700). Of an ID token are checked: an asymmetric
signature of a known key, issuer, audience and authorised party, times, and the nonce. Nothing is taken from a token that was not checked.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri  # type: ignore[import-untyped]
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from arrears.web.identity_settings import Provider

#: Signatures of ID tokens that are taken: asymmetric ones only, never `none`.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA", "Ed25519"]
TIMEOUT_SECONDS = 10
#: For so long its addresses and keys are remembered; a key that is not among them is asked for at once.
REMEMBERED = timedelta(minutes=10)
#: Clocks of the provider and ours may differ by so much.
LEEWAY_SECONDS = 60


class ProviderFault(Exception):
    """The provider did not answer, or not as it must; the text is a short phrase for the log, without anything of a person."""


@dataclass(frozen=True)
class Told:
    """What a sign-in under way is bound to; all of it follows from the handle that the browser holds, so that nothing is kept of it."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class Person:
    """Who somebody is by a checked ID token. `subject` is unique at the issuer for good; a name is not."""

    issuer: str
    subject: str
    name: str
    claims: Mapping[str, Any]


def told_by(handle: str, key: bytes) -> Told:
    """State, nonce and PKCE verifier of a handle."""

    def made(use: str) -> str:
        digest = hmac.digest(key, f"arrears provider 1\0{use}\0{handle}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    return Told(made("state"), made("nonce"), made("verifier"))


class ProviderClient:
    """The provider of one installation; shared by threads. `client` talks to it (a test hands in its own trust)."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self._lock = threading.Lock()
        self._known: tuple[datetime, Mapping[str, Any]] | None = None
        self._keys: tuple[datetime, KeySet] | None = None

    def address(self, told: Told, now: datetime) -> str:
        """Where the browser is sent. ProviderFault if the provider does not answer."""
        own = self.provider
        address = prepare_grant_uri(
            self._metadata(now)["authorization_endpoint"], own.client_id, "code", own.redirect_uri, own.scopes, told.state,
            nonce=told.nonce, code_challenge=create_s256_code_challenge(told.verifier), code_challenge_method="S256",
        )  # fmt: skip
        return str(address)

    def person(self, code: str, told: Told, now: datetime) -> Person:
        """Who came back with a code. ProviderFault for whatever is not as it must be."""
        own = self.provider
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": told.verifier,
            "redirect_uri": own.redirect_uri,
        }
        # RFC 6749, 2.3.1: both parts are form-encoded before they become a password
        secret = (quote(own.client_id, ""), quote(own.client_secret, "")) if own.client_secret else None
        if secret is None:
            asked["client_id"] = own.client_id
        try:
            answer = httpx.post(
                self._metadata(now)["token_endpoint"],
                data=asked,
                auth=secret,
                timeout=TIMEOUT_SECONDS,
                follow_redirects=False,
            )
            answer.raise_for_status()
            tokens = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise ProviderFault(f"token: {type(error).__name__}") from None
        if not isinstance(tokens, dict) or not isinstance(tokens.get("id_token"), str):
            raise ProviderFault("token: no ID token")
        return self._checked(tokens["id_token"], told, now)

    def came_from(self, iss: str | None, now: datetime) -> bool:
        """Whether an answer names this provider (RFC 9207), where it says that it does."""
        says_so = self._metadata(now).get("authorization_response_iss_parameter_supported") is True
        return iss == self.provider.issuer if iss is not None or says_so else True

    def _checked(self, token: str, told: Told, now: datetime) -> Person:
        own = self.provider
        try:
            try:
                decoded = jwt.decode(token, self._key_set(now), algorithms=ALGORITHMS)
            except (JoseError, ValueError):  # a key that came after we last asked
                decoded = jwt.decode(token, self._key_set(now, anew=True), algorithms=ALGORITHMS)
            claims = jwt.JWTClaimsRegistry(
                now=int(now.timestamp()), leeway=LEEWAY_SECONDS,
                iss={"essential": True, "value": own.issuer}, aud={"essential": True, "value": own.client_id},
                sub={"essential": True}, exp={"essential": True}, iat={"essential": True},
            )  # fmt: skip
            claims.validate(decoded.claims)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise ProviderFault(f"ID token: {type(error).__name__}") from None
        found = decoded.claims
        audience = found["aud"] if isinstance(found["aud"], list) else [found["aud"]]
        if found.get("azp", own.client_id) != own.client_id or (len(audience) > 1 and "azp" not in found):
            raise ProviderFault("ID token: for another client")
        if not hmac.compare_digest(str(found.get("nonce", "")).encode(), told.nonce.encode()):
            raise ProviderFault("ID token: not of this sign-in")
        name = next((str(found[part]) for part in ("name", "preferred_username") if found.get(part)), str(found["sub"]))
        return Person(own.issuer, str(found["sub"])[:255], name[:100], found)

    def _metadata(self, now: datetime) -> Mapping[str, Any]:
        with self._lock:
            if self._known is None or now - self._known[0] > REMEMBERED:
                found = self._fetched(self.provider.issuer.rstrip("/") + "/.well-known/openid-configuration")
                needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
                if found.get("issuer") != self.provider.issuer or not all(
                    isinstance(found.get(one), str) for one in needed
                ):
                    raise ProviderFault("metadata: of another issuer, or not whole")
                self._known = (now, found)
            return self._known[1]

    def _key_set(self, now: datetime, anew: bool = False) -> KeySet:
        address = self._metadata(now)["jwks_uri"]
        with self._lock:
            if anew or self._keys is None or now - self._keys[0] > REMEMBERED:
                try:
                    self._keys = (now, KeySet.import_key_set(dict(self._fetched(address))))  # type: ignore[arg-type]
                except (JoseError, ValueError, KeyError) as error:
                    raise ProviderFault(f"keys: {type(error).__name__}") from None
            return self._keys[1]

    def _fetched(self, address: str) -> Mapping[str, Any]:
        try:
            answer = httpx.get(address, timeout=TIMEOUT_SECONDS, follow_redirects=False)
            answer.raise_for_status()
            found = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise ProviderFault(f"{type(error).__name__}") from None
        if not isinstance(found, dict):
            raise ProviderFault("not an object")
        return found
