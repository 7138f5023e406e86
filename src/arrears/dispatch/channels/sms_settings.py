"""The settings of the SMS channel, read and checked once; `docs/reference/channels/sms.md` says what each means."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arrears.dispatch.channels import sms_text
from arrears.dispatch.channels.smpp_link import Peer
from arrears.dispatch.channels.smpp_session import Times
from arrears.dispatch.channels.smpp_wire import Credentials
from arrears.errors import Refusal, refuse
from arrears.installation import secret

#: registered_delivery of SMPP 3.4 (5.2.17) by our words.
RECEIPTS = {"none": 0, "all": 1, "failed": 2}


@dataclass(frozen=True)
class Sender:
    """The address that a message comes from, and the kinds of the numbers that it goes to (SMPP 3.4, 5.2.5 and 5.2.6)."""

    address: str
    ton: int
    npi: int
    dest_ton: int
    dest_npi: int


@dataclass(frozen=True)
class SmsSettings:
    """All settings of the channel. `gsm_data_coding` and `ucs2_data_coding`: as this SMSC calls the two alphabets."""

    peer: Peer
    separate: bool
    sender: Sender
    per_second: float
    registered_delivery: int
    payload: bool
    most_parts: int
    always_ucs2: bool
    gsm_data_coding: int
    ucs2_data_coding: int
    validity: bool
    service_type: str


class _Reader:
    """Takes the settings out of one mapping, each once; what is wrong is a Refusal that names the setting."""

    def __init__(self, settings: Mapping[str, Any], file: Path) -> None:
        self._settings, self.file = settings, file
        self._known = {"password_env", "password_file", "password"}

    def wrong(self, name: str, what: str, todo: str = "") -> Refusal:
        return refuse("sms", what, file=str(self.file), field=f"channels.sms.{name}", todo=todo, exit_code=2)

    def get(self, name: str, default: Any, fits: Callable[[Any], bool], what: str) -> Any:
        self._known.add(name)
        value = self._settings.get(name, default)
        if value is None:
            raise self.wrong(name, "is missing", f"it {what}")
        if not fits(value):
            raise self.wrong(name, what)
        return value

    def text(self, name: str, default: str | None, longest: int) -> str:
        def fits(value: Any) -> bool:
            return isinstance(value, str) and value.isascii() and value.isprintable() and len(value) <= longest

        value: str = self.get(name, default, fits, f"must be ASCII text of at most {longest} characters, in quotes")
        return value

    def whole(self, name: str, default: int, least: int, most: int) -> int:
        def fits(value: Any) -> bool:
            return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most

        value: int = self.get(name, default, fits, f"must be a whole number from {least} to {most}")
        return value

    def seconds(self, name: str, default: float) -> float:
        return self.number(name, default, 3_600.0)

    def number(self, name: str, default: float, most: float) -> float:
        def fits(value: Any) -> bool:
            return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= most

        return float(self.get(name, default, fits, f"must be a number above 0, at most {most:g}"))

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        value: str = self.get(name, default, lambda value: value in choices, f"must be one of {', '.join(choices)}")
        return value

    def yes(self, name: str, default: bool) -> bool:
        value: bool = self.get(name, default, lambda value: isinstance(value, bool), "must be true or false")
        return value

    def end(self) -> None:
        for name in self._settings:
            if name not in self._known:
                raise self.wrong(
                    str(name), "is not a setting of this channel", f"known: {', '.join(sorted(self._known))}"
                )


def read_settings(settings: Mapping[str, Any], file: Path) -> SmsSettings:
    """The settings in `channels: sms:` of the installation's `file`. Refusal if one is missing, unknown or unfit."""
    read = _Reader(settings, file)
    window = read.whole("window", 10, 1, 1_000)
    payload = read.choice("long", "udh", ("udh", "payload")) == "payload"
    most_parts = read.whole("most_parts", min(6, window), 1, sms_text.MOST_PARTS)
    if not payload and most_parts > window:
        raise read.wrong("most_parts", "must not be above window", "the parts of a message leave together")
    found = SmsSettings(
        peer=_peer(read, settings, window),
        separate=read.choice("bind", "transceiver", ("transceiver", "separate")) == "separate",
        sender=_sender(read),
        per_second=read.number("per_second", 50.0, 100_000.0),
        registered_delivery=RECEIPTS[read.choice("registered_delivery", "all", tuple(RECEIPTS))],
        payload=payload,
        most_parts=most_parts,
        always_ucs2=read.choice("encoding", "auto", ("auto", "ucs2")) == "ucs2",
        gsm_data_coding=read.whole("gsm_data_coding", 0, 0, 255),
        ucs2_data_coding=read.whole("ucs2_data_coding", 8, 0, 255),
        validity=read.yes("validity", True),
        service_type=read.text("service_type", "", 5),
    )
    read.end()
    return found


def _peer(read: _Reader, settings: Mapping[str, Any], window: int) -> Peer:
    host = read.text("host", None, 253)
    password = secret(settings, "password", read.file)
    if password is None:
        raise read.wrong("password_env", "is missing", "name the variable, or a file by password_file")
    if not password.isascii() or "\0" in password:
        raise read.wrong("password_env", "names a password that is not ASCII, which SMPP cannot carry")
    tls, name = _tls(read)
    return Peer(
        host=host,
        port=read.whole("port", 2775, 1, 65_535),
        who=Credentials(read.text("system_id", None, 15), password, read.text("system_type", "", 12)),
        window=window,
        times=Times(read.seconds("answer_seconds", 30.0), read.seconds("enquire_seconds", 30.0), read.seconds("closing_seconds", 5.0)),
        tls=tls,
        server_name=name,
    )  # fmt: skip


def _tls(read: _Reader) -> tuple[ssl.SSLContext | None, str | None]:
    """TLS 1.2 or later with the system's authorities, or those of `ca_file`; the certificate must be for the host or `server_name`."""

    def fits(value: Any) -> bool:
        return isinstance(value, bool) or (isinstance(value, dict) and set(value) <= {"ca_file", "server_name"})

    wanted = read.get("tls", False, fits, "must be true, false, or a mapping of ca_file and server_name")
    if wanted is False:
        return None, None
    options = wanted if isinstance(wanted, dict) else {}
    ca_file = options.get("ca_file")
    try:
        context = ssl.create_default_context(cafile=str(read.file.parent / ca_file) if ca_file else None)
    except (OSError, ssl.SSLError) as error:
        raise read.wrong("tls.ca_file", f"cannot be read: {error.strerror or 'no certificate in it'}") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context, options.get("server_name")


def _sender(read: _Reader) -> Sender:
    source = read.text("source", None, 20)
    ton, npi = _kind(source)
    if ton == 5 and len(source) > 11:
        raise read.wrong("source", "may have at most 11 characters where it is not a number")
    return Sender(
        address=source.lstrip("+"),
        ton=read.whole("source_ton", ton, 0, 6),
        npi=read.whole("source_npi", npi, 0, 18),
        dest_ton=read.whole("dest_ton", 1, 0, 6),
        dest_npi=read.whole("dest_npi", 1, 0, 18),
    )


def _kind(source: str) -> tuple[int, int]:
    """TON and NPI of a source as it is written: international with +, a short number, a name, else unknown under E.164."""
    if source.startswith("+") and source[1:].isdigit():
        return 1, 1
    if not source.isdigit():
        return 5, 0
    return (3, 0) if len(source) <= 8 else (0, 1)
