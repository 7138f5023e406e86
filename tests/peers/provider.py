"""A stand-in OpenID Connect provider: Starlette and `cryptography` alone, none of the libraries that our client is made of.

It signs whoever it is told to sign in, at once. `wrong` says what it does wrong: see `WRONGS`.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from contextlib import contextmanager
from urllib.parse import urlencode

import uvicorn
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from starlette.applications import Starlette
from starlette.responses import JSONResponse, RedirectResponse
from starlette.routing import Route

#: What it can do wrong, each of which a client must notice.
WRONGS = (
    "issuer", "audience", "azp", "nonce", "expired", "future", "no_alg", "symmetric", "other_key", "no_sub", "metadata",
    "state", "iss", "no_id_token", "down",
)  # fmt: skip


class Provider:
    """One provider. `claims`: of whoever signs in. `seen`: the token requests that came."""

    def __init__(self, client_id, secret, redirect_uri, clock):
        self.client_id, self.secret, self.redirect_uri, self.clock = client_id, secret, redirect_uri, clock
        self.claims, self.wrong, self.seen, self.issuer = {"sub": "u-1"}, None, [], ""
        self.kid, self.key = "k1", rsa.generate_private_key(65537, 2048)
        self._codes = {}
        self.app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.metadata),
                Route("/keys", self.keys),
                Route("/authorize", self.authorize),
                Route("/token", self.token, methods=["POST"]),
            ]
        )

    def turn_key(self):
        """Sign with a new key from now on."""
        self.kid, self.key = "k2", rsa.generate_private_key(65537, 2048)

    async def metadata(self, request):
        issuer = "https://other.example" if self.wrong == "metadata" else self.issuer
        return JSONResponse(
            {
                "issuer": issuer, "authorization_endpoint": f"{self.issuer}/authorize", "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys", "authorization_response_iss_parameter_supported": True,
            }
        )  # fmt: skip

    async def keys(self, request):
        numbers = self.key.public_key().public_numbers()
        return JSONResponse({"keys": [{"kty": "RSA", "kid": self.kid, "use": "sig", "alg": "RS256", "n": _number(numbers.n), "e": _number(numbers.e)}]})  # fmt: skip

    async def authorize(self, request):
        asked = request.query_params
        fits = (asked["client_id"], asked["redirect_uri"], asked["response_type"]) == (self.client_id, self.redirect_uri, "code")  # fmt: skip
        if not fits or asked["code_challenge_method"] != "S256" or "openid" not in asked["scope"].split():
            return JSONResponse({"error": "invalid_request"}, 400)
        code = secrets.token_urlsafe()
        self._codes[code] = (asked["code_challenge"], asked["nonce"])
        state = "of-another" if self.wrong == "state" else asked["state"]
        iss = "https://other.example" if self.wrong == "iss" else self.issuer
        return RedirectResponse(f"{self.redirect_uri}?{urlencode({'code': code, 'state': state, 'iss': iss})}", 302)

    async def token(self, request):
        form = await request.form()
        self.seen.append(dict(form))
        basic = base64.b64encode(f"{self.client_id}:{self.secret}".encode()).decode()
        known = self._codes.pop(form.get("code"), None)
        challenge = _b64(hashlib.sha256(str(form.get("code_verifier")).encode()).digest())
        if known is None or request.headers.get("authorization") != f"Basic {basic}" or known[0] != challenge:
            return JSONResponse({"error": "invalid_grant"}, 400)
        if self.wrong == "down":
            return JSONResponse({}, 503)
        answer = {"access_token": "a", "token_type": "Bearer", "expires_in": 60}
        if self.wrong != "no_id_token":
            answer["id_token"] = self._signed(known[1])
        return JSONResponse(answer)

    def _signed(self, nonce):
        now = int(self.clock().timestamp())
        claims = {"iss": self.issuer, "aud": self.client_id, "iat": now, "exp": now + 60, "nonce": nonce, **self.claims}
        match self.wrong:
            case "issuer":
                claims["iss"] = "https://other.example"
            case "audience":
                claims["aud"] = "another"
            case "azp":
                claims |= {"aud": [self.client_id, "another"], "azp": "another"}
            case "nonce":
                claims["nonce"] = "of-another"
            case "expired":
                claims |= {"iat": now - 600, "exp": now - 300}
            case "future":
                claims["iat"] = now + 600
            case "no_sub":
                del claims["sub"]
        head = {"alg": {"no_alg": "none", "symmetric": "HS256"}.get(self.wrong, "RS256"), "kid": self.kid, "typ": "JWT"}
        text = f"{_b64(json.dumps(head).encode())}.{_b64(json.dumps(claims).encode())}"
        return f"{text}.{_b64(self._signature(text.encode()))}"

    def _signature(self, text):
        if self.wrong == "no_alg":
            return b""
        if self.wrong == "symmetric":  # the public key as if it were a secret
            numbers = self.key.public_key().public_numbers()
            made = hmac.HMAC(_number(numbers.n).encode(), hashes.SHA256())
            made.update(text)
            return made.finalize()
        key = rsa.generate_private_key(65537, 2048) if self.wrong == "other_key" else self.key
        return key.sign(text, padding.PKCS1v15(), hashes.SHA256())


@contextmanager
def running_provider(client_id, secret, redirect_uri, clock):
    """A provider that listens on this machine."""
    provider = Provider(client_id, secret, redirect_uri, clock)
    server = uvicorn.Server(uvicorn.Config(provider.app, host="127.0.0.1", port=0, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.005)
        provider.issuer = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        yield provider
    finally:
        server.should_exit = True
        thread.join()


def _b64(octets):
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def _number(value):
    return _b64(value.to_bytes((value.bit_length() + 7) // 8, "big"))
