"""The second factor of staff: TOTP (RFC 6238: SHA-1, six digits, 30 seconds) and recovery codes of 120 random bits, each good once."""

from __future__ import annotations

import base64
import hmac
import io
import secrets
from datetime import datetime, timedelta

import pyotp
import segno
from sqlalchemy import Connection, delete, insert, update

from arrears.store.personal import Personal
from arrears.store.tables import OneTimeCode
from arrears.web.session_rows import hash_of

STEP_SECONDS = 30
#: A clock may be so many steps off.
STEPS_OFF = 1
RECOVERY_CODES, RECOVERY_BYTES = 10, 15
RECOVERY = "recovery"
_SECRET_BYTES = 20
_FOREVER = timedelta(days=3650)


def new_secret(personal: Personal, session_id: str) -> str:
    """The secret that a session sets up: it follows from the session, so that it stands nowhere before it is confirmed. Base32."""
    key = hmac.digest(personal.masters.token_key, b"arrears totp 1\0" + session_id.encode(), "sha256")
    return base64.b32encode(key[:_SECRET_BYTES]).decode()


def step_of(secret: str, typed: str, now: datetime, last: int | None) -> int | None:
    """The step whose code was typed; None if it is none of about now, or not later than the last step that was taken."""
    digits = "".join(typed.split())
    if len(digits) != 6 or not (digits.isascii() and digits.isdecimal()):
        return None
    totp, at = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS
    found = None
    for step in range(at - STEPS_OFF, at + STEPS_OFF + 1):
        if hmac.compare_digest(totp.generate_otp(step), digits) and (last is None or step > last):
            found = step
    return found


def picture_of(secret: str, name: str, issuer: str) -> str:
    """The QR code by which an app takes the secret over: SVG without style or script, drawn dark on a white ground in either scheme."""
    address = pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)
    out = io.BytesIO()
    segno.make(address, error="m").save(
        out, kind="svg", scale=5, xmldecl=False, svgns=True, light="white", dark="black", omitsize=False
    )
    return out.getvalue().decode()


def new_recovery_codes(connection: Connection, name: str, now: datetime) -> list[str]:
    """New recovery codes in place of the old ones; only their hashes are kept."""
    drop_recovery_codes(connection, name)
    codes = [
        _grouped(base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower()) for _ in range(RECOVERY_CODES)
    ]
    rows = [
        {"handle_hash": _recovery_hash(name, code), "kind": RECOVERY, "subject": name, "tries": 0, "made_at": now,
         "expires_at": now + _FOREVER}
        for code in codes
    ]  # fmt: skip
    connection.execute(insert(OneTimeCode), rows)
    return codes


def drop_recovery_codes(connection: Connection, name: str) -> None:
    """No recovery code of this member is good any more."""
    connection.execute(delete(OneTimeCode).where(OneTimeCode.kind == RECOVERY, OneTimeCode.subject == name))


def use_recovery_code(connection: Connection, name: str, typed: str, now: datetime) -> bool:
    """Whether a recovery code of this member was typed that was not used before; it is used up."""
    row = (
        OneTimeCode.handle_hash == _recovery_hash(name, typed),
        OneTimeCode.kind == RECOVERY,
        OneTimeCode.subject == name,
    )
    used = update(OneTimeCode).where(*row, OneTimeCode.used_at.is_(None), OneTimeCode.expires_at > now)
    return connection.execute(used.values(used_at=now)).rowcount == 1


def _recovery_hash(name: str, code: str) -> str:
    """A plain hash will do: there are 2^120 codes."""
    return hash_of(f"recovery\0{name}\0{''.join(code.lower().replace('-', ' ').split())}")


def _grouped(code: str) -> str:
    return "-".join(code[at : at + 6] for at in range(0, len(code), 6))
