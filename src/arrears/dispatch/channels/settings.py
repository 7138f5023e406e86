"""The settings of one channel or receiver, read once and typed: what is missing, unknown or unfit is a Refusal that names the field."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from arrears.errors import Refusal, refuse
from arrears.installation import Installation, secret

_MISSING = object()


@dataclass
class Settings:
    """The section `field_prefix` of an installation's file. Each reader takes one setting; `done` refuses what nobody asked for."""

    section: Mapping[str, Any]
    file: Path
    prefix: str
    _read: set[str] = field(default_factory=set)

    def refuse(self, name: str, what: str, todo: str = "") -> Refusal:
        """The refusal of one setting, ready to be raised."""
        return refuse("channel", what, file=str(self.file), field=f"{self.prefix}.{name}", todo=todo, exit_code=2)

    def _value(self, name: str, default: Any) -> Any:
        self._read.add(name)
        found = self.section.get(name)
        if found is not None:
            return found
        if default is _MISSING:
            raise self.refuse(name, "is missing")
        return default

    def text(self, name: str, default: Any = _MISSING) -> Any:
        """A text of one line, at least one character; `default` where it is not there."""
        found = self._value(name, default)
        if found is default:
            return default
        if not isinstance(found, str) or not found.strip() or any(ord(sign) < 32 for sign in found):
            raise self.refuse(name, "must be a text of one line")
        return found.strip()

    def number(self, name: str, default: float, least: float, most: float) -> float:
        """A number from `least` to `most`."""
        found = self._value(name, default)
        if isinstance(found, bool) or not isinstance(found, int | float) or not least <= found <= most:
            raise self.refuse(name, f"must be a number from {least:g} to {most:g}")
        return found

    def whole(self, name: str, default: Any, least: int, most: int) -> int:
        """A whole number from `least` to `most`; no default: `...`."""
        found = self._value(name, _MISSING if default is ... else default)
        if isinstance(found, bool) or not isinstance(found, int) or not least <= found <= most:
            raise self.refuse(name, f"must be a whole number from {least} to {most}")
        return found

    def flag(self, name: str, default: bool) -> bool:
        """true or false."""
        found = self._value(name, default)
        if not isinstance(found, bool):
            raise self.refuse(name, "must be true or false")
        return found

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        """One of a few words."""
        found = self._value(name, default)
        if found not in choices:
            raise self.refuse(name, f"must be one of {', '.join(choices)}")
        return str(found)

    def choices(self, name: str, choices: tuple[str, ...]) -> tuple[str, ...] | None:
        """A list of some of these words, at least one; None where it is not given."""
        found = self._value(name, None)
        if found is None:
            return None
        if not isinstance(found, list) or not found:
            raise self.refuse(name, "must be a list of one or more words")
        for at, one in enumerate(found):
            if one not in choices:
                raise self.refuse(f"{name}[{at}]", f"must be one of {', '.join(choices)}")
        return tuple(dict.fromkeys(found))

    def path(self, name: str) -> Path | None:
        """A path from the installation's folder, None where it is not given."""
        found = self.text(name, None)
        return None if found is None else self.file.parent / found

    def secret(self, name: str) -> str | None:
        """A secret from `<name>_env` or `<name>_file`."""
        self._read |= {name, f"{name}_env", f"{name}_file"}
        return secret(self.section, name, self.file)

    def url(self, name: str, default: Any = _MISSING) -> Any:
        """An address to call: https, or http on this very machine; without user, password and fragment."""
        found = self.text(name, default)
        if found is default:
            return default
        try:
            parts = urlsplit(found)
            host, _ = parts.hostname or "", parts.port
        except ValueError:
            raise self.refuse(name, "is not a URL") from None
        odd = not found.isascii() or any(sign in found for sign in ' <>"')
        if not host or odd or parts.username is not None or parts.fragment:
            raise self.refuse(name, "must be an ASCII URL with a host, without user, password or fragment")
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
            raise self.refuse(name, "must begin with https:// (http:// only to this machine)")
        return found

    def tls_context(self) -> ssl.SSLContext:
        """TLS 1.2 or later, certificates always checked; `ca_file` names further authorities (a bank's own)."""
        context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        file = self.path("ca_file")
        if file is not None:
            try:
                context.load_verify_locations(cafile=file)
            except (OSError, ssl.SSLError) as error:
                raise self.refuse("ca_file", f"cannot be read as certificates: {error}") from None
        return context

    def section_of(self, name: str) -> Settings:
        """The settings inside `name`; empty where it is not there."""
        found = self._value(name, {})
        if not isinstance(found, Mapping):
            raise self.refuse(name, "must be a mapping")
        return Settings(found, self.file, f"{self.prefix}.{name}")

    def sections_of(self, name: str) -> list[Settings]:
        """The settings in the list `name`."""
        found = self._value(name, [])
        if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
            raise self.refuse(name, "must be a list of mappings")
        return [Settings(one, self.file, f"{self.prefix}.{name}[{at}]") for at, one in enumerate(found)]

    def done(self) -> None:
        """Refuse settings that no reader took: a misspelt one must not be passed over."""
        unknown = sorted(set(map(str, self.section)) - self._read)
        if unknown:
            raise self.refuse(unknown[0], "is not a setting here", f"known: {', '.join(sorted(self._read))}")


def settings_of(section: Mapping[str, Any], installation: Installation, channel: str) -> Settings:
    """The settings of `channel` as they stand in the installation's file."""
    if not isinstance(section, Mapping):
        raise refuse(
            "channel", "must be a mapping", file=str(installation.path), field=f"channels.{channel}", exit_code=2
        )
    return Settings(section, installation.path, f"channels.{channel}")


def is_loopback(host: str) -> bool:
    """Whether `host` is this very machine by its name or address."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
