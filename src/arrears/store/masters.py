"""Master keys: what the keys of persons are wrapped under. Several generations; the newest wraps, all of them unwrap.

They stand in `<keys>/data/` as `master-0001.key`, `master-0002.key` … beside the keys of the blind index, `token.key`, `token-0002.key` …,
each 32 random bytes in base64, readable by the owner alone; or, in place of the folder, in the environment: ARREARS_MASTER_KEYS and
ARREARS_TOKEN_KEY (with commas, newest last). A master key is named by its content, so that a file under the wrong name is never taken for
another key.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from arrears.errors import refuse

FOLDER = "data"
TOKEN_FILE = "token.key"
MASTER_KEYS = "ARREARS_MASTER_KEYS"
TOKEN_KEY = "ARREARS_TOKEN_KEY"
KEY_BYTES = 32


@dataclass(frozen=True)
class MasterKey:
    """One master key. `id` is the start of a hash of the key; `source` is where it was read."""

    id: str
    secret: bytes = field(repr=False)
    source: str

    @cached_property
    def cipher(self) -> AESGCM:
        """AES-256-GCM under this key."""
        return AESGCM(self.secret)


class Masters:
    """The master keys of an installation, read again when the folder has changed: a running worker follows a rotation."""

    def __init__(self, folder: Path, environ: Mapping[str, str] = os.environ) -> None:
        self.folder = folder / FOLDER
        self._environ = environ
        self._stamp: tuple[object, ...] | None = None
        self._keys: tuple[MasterKey, ...] = ()
        self._token_stamp: tuple[object, ...] | None = None
        self._token_keys: tuple[bytes, ...] = ()

    @property
    def in_environment(self) -> bool:
        """The keys come from the environment; the folder is not read."""
        return MASTER_KEYS in self._environ

    def all(self) -> tuple[MasterKey, ...]:
        """Every master key, oldest first; none where none was made yet."""
        stamp = (self._environ.get(MASTER_KEYS),) if self.in_environment else _listing(_master_files(self.folder))
        if stamp != self._stamp:
            self._keys = self._of_environment() if self.in_environment else _of_folder(self.folder)
            self._stamp = stamp
        return self._keys

    def current(self) -> MasterKey:
        """The newest master key. Refusal if there is none."""
        keys = self.all()
        if not keys:
            raise refuse("keys", "holds no master key", file=str(self.folder), exit_code=2,
                         todo=f"put the installation's keys there, or set {MASTER_KEYS}")  # fmt: skip
        return keys[-1]

    def named(self, master_id: str) -> MasterKey:
        """The master key of that id. Refusal if it is not there: what it wraps cannot be read."""
        known = _with_id(self._keys, master_id) or _with_id(self.all(), master_id)
        if known is not None:
            return known
        place = MASTER_KEYS if self.in_environment else str(self.folder)
        raise refuse("keys", f"does not hold master key {master_id}, which wraps keys of persons in the store",
                     file=place, exit_code=2, todo="put that key back from your copy of the keys")  # fmt: skip

    @property
    def token_key(self) -> bytes:
        """The newest key of the blind index. Refusal if there is none."""
        return self.token_keys[-1]

    @property
    def token_keys(self) -> tuple[bytes, ...]:
        """Every key of the blind index, oldest first; read again when one came or went. Refusal if there is none."""
        stamp = (self._environ.get(TOKEN_KEY),) if self.in_environment else _listing(token_files(self.folder))
        if stamp != self._token_stamp or not self._token_keys:
            self._token_keys = self._tokens_of_environment() if self.in_environment else self._tokens_of_folder()
            self._token_stamp = stamp
        return self._token_keys

    def _tokens_of_environment(self) -> tuple[bytes, ...]:
        if TOKEN_KEY not in self._environ:
            raise refuse("keys", f"is not set, but {MASTER_KEYS} is", file=TOKEN_KEY, exit_code=2)
        return tuple(_decoded(text, TOKEN_KEY) for text in self._environ[TOKEN_KEY].split(","))

    def _tokens_of_folder(self) -> tuple[bytes, ...]:
        return tuple(read_key(path) for path in token_files(self.folder) or [self.folder / TOKEN_FILE])

    def _of_environment(self) -> tuple[MasterKey, ...]:
        texts = self._environ[MASTER_KEYS].split(",")
        return tuple(_master(_decoded(text, MASTER_KEYS), MASTER_KEYS) for text in texts)


def make_first(masters: Masters, random: Callable[[int], bytes] = os.urandom) -> None:
    """The first master key and the token key, where there is no master key yet."""
    if masters.all():
        return
    if not (masters.folder / TOKEN_FILE).exists():
        write_key(masters.folder / TOKEN_FILE, random(KEY_BYTES))
    write_key(masters.folder / _file_name(1), random(KEY_BYTES))


def make_next(masters: Masters, random: Callable[[int], bytes] = os.urandom) -> MasterKey:
    """A new generation in the folder, which wraps from now on. Refusal where the keys stand in the environment."""
    if masters.in_environment:
        raise refuse("keys", "cannot be written by a command", file=MASTER_KEYS, exit_code=2,
                     todo="add the new key at its end, then run `arrears rotate-keys` again")  # fmt: skip
    newest = max((_generation(path) for path in _master_files(masters.folder)), default=0)
    write_key(masters.folder / _file_name(newest + 1), random(KEY_BYTES))
    return masters.current()


def make_next_token_key(masters: Masters, random: Callable[[int], bytes] = os.urandom) -> None:
    """A newer key of the blind index in the folder. Refusal where the keys stand in the environment."""
    if masters.in_environment:
        raise refuse("keys", "cannot be written by a command", file=TOKEN_KEY, exit_code=2,
                     todo="add the new key at its end, then run `arrears rotate-keys --tokens` again")  # fmt: skip
    newest = max((_token_generation(path) for path in token_files(masters.folder)), default=0)
    write_key(masters.folder / f"token-{newest + 1:04}.key", random(KEY_BYTES))


def token_files(folder: Path) -> list[Path]:
    """The files of the keys of the blind index, oldest first."""
    return sorted((*folder.glob(TOKEN_FILE), *folder.glob("token-*.key")), key=_token_generation)


def read_key(file: Path) -> bytes:
    """The 32 bytes in a key file. Refusal if it is not there, is open to others, or is not a key."""
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        text = file.read_text("ascii")
    except FileNotFoundError:
        raise refuse("keys", "is not there", file=str(file), exit_code=2,
                     todo="put it back from your copy of the keys") from None  # fmt: skip
    except (OSError, UnicodeDecodeError) as error:
        raise refuse("keys", f"cannot be read: {error}", file=str(file), exit_code=2) from None
    if mode & 0o077:
        raise refuse("keys", f"can be read by others (mode {mode:04o})", file=str(file), exit_code=2,
                     todo="chmod 600 it; if others had access, make new keys with `arrears rotate-keys`")  # fmt: skip
    return _decoded(text, str(file))


def write_key(file: Path, secret: bytes) -> None:
    """A new key file, mode 0600, whole or not at all; one that stands there already is left as it is."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(base64.b64encode(secret) + b"\n")
            out.flush()
            os.fsync(out.fileno())
        os.link(fresh, file)
    except FileExistsError:
        return
    finally:
        fresh.unlink()
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def destroy_key(file: Path) -> None:
    """Overwrite a key file, then take it away; what a disk or its snapshots keep of it is beyond a program."""
    with file.open("r+b") as out:
        out.write(os.urandom(file.stat().st_size))
        out.flush()
        os.fsync(out.fileno())
    file.unlink()


def _decoded(text: str, place: str) -> bytes:
    try:
        secret = base64.b64decode(text.strip(), validate=True)
    except binascii.Error:
        secret = b""
    if len(secret) != KEY_BYTES:
        raise refuse("keys", f"is not a key: {KEY_BYTES} bytes in base64 are wanted", file=place, exit_code=2)
    return secret


def _master(secret: bytes, source: str) -> MasterKey:
    return MasterKey(hashlib.sha256(b"arrears master key\0" + secret).hexdigest()[:16], secret, source)


def _with_id(keys: tuple[MasterKey, ...], master_id: str) -> MasterKey | None:
    return next((key for key in keys if key.id == master_id), None)


def _file_name(generation: int) -> str:
    return f"master-{generation:04}.key"


def _generation(file: Path, kind: str = "master") -> int:
    number = file.name.removeprefix(f"{kind}-").removesuffix(".key")
    if not (number.isascii() and number.isdecimal()):
        raise refuse("keys", f"is not named {kind}-NUMBER.key", file=str(file), exit_code=2)
    return int(number)


def _token_generation(file: Path) -> int:
    return 1 if file.name == TOKEN_FILE else _generation(file, "token")


def _master_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("master-*.key"), key=_generation)


def _listing(files: Sequence[Path]) -> tuple[object, ...]:
    """What changes when a key comes, goes or is altered."""
    found = ((path.name, path.stat()) for path in files)
    return tuple((name, of.st_mtime_ns, of.st_mode) for name, of in found)


def _of_folder(folder: Path) -> tuple[MasterKey, ...]:
    return tuple(_master(read_key(path), str(path)) for path in _master_files(folder))
