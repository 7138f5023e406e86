"""The archive of a backup: one ZIP file, the same for SQLite and PostgreSQL, readable by any program that reads Parquet.

    events/000001.parquet …    the rows of a table in the order of its key, in batches
    manifest.json              last: form, schema version, per table its members with rows and SHA-256, counters, the head of the log

An archive is written beside its name and put in place when it is whole and on the disk. It holds wrapped keys of persons and sealed
data, and no master key: without the master keys nobody reads in it what is personal.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from arrears.errors import Refusal, refuse
from arrears.store import frames

FORM = 1
MANIFEST = "manifest.json"


class ArchiveWriter:
    """An archive that is being written; see `write_archive`."""

    def __init__(self, zipped: zipfile.ZipFile) -> None:
        self._zip = zipped
        self.members: dict[str, list[dict[str, Any]]] = {}

    def add(self, table: str, rows: pl.DataFrame) -> None:
        """A batch of rows of a table."""
        members = self.members.setdefault(table, [])
        content = io.BytesIO()
        rows.write_parquet(content, compression="zstd")
        name = f"{table}/{len(members) + 1:06}.parquet"
        self._zip.writestr(name, content.getvalue())
        members.append({"name": name, "rows": rows.height, "sha256": hashlib.sha256(content.getvalue()).hexdigest()})

    def close(self, manifest: Mapping[str, Any]) -> None:
        """Write the manifest, with what was added."""
        said = {"form": FORM, **manifest, "tables": self.members}
        self._zip.writestr(MANIFEST, json.dumps(said, ensure_ascii=False, indent=1))


@contextmanager
def write_archive(file: Path) -> Iterator[ArchiveWriter]:
    """Write an archive: at the end of the block it stands whole under its name, after an error there is nothing.

    Refusal if something stands there already, the folder is not there, or the disk is full.
    """
    if file.exists():
        raise refuse("backup", "stands there already", file=str(file), exit_code=2, todo="give another name")
    fresh = file.with_name(f"{file.name}.{os.getpid()}.part")
    try:
        handle = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w+b") as out:
            with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED, allowZip64=True) as zipped:
                yield ArchiveWriter(zipped)
            out.flush()
            os.fsync(out.fileno())
        os.link(fresh, file)  # unlike a rename, this never replaces what came there meanwhile
        sync_folder(file.parent)
    except OSError as error:
        raise _cannot_write(file, error) from None
    finally:
        fresh.unlink(missing_ok=True)


class Archive:
    """An archive that was opened and holds: every member is there and has the hash that the manifest says."""

    def __init__(self, file: Path, zipped: zipfile.ZipFile, manifest: Mapping[str, Any]) -> None:
        self.file, self._zip, self.manifest = file, zipped, manifest

    def batches(self, table: str) -> Iterator[pl.DataFrame]:
        """The rows of a table in batches; none if the archive has no such table. Refusal if they are not rows of it."""
        for member in self.manifest["tables"].get(table, ()):
            try:
                rows = pl.read_parquet(io.BytesIO(self._zip.read(member["name"])))
            except (pl.exceptions.PolarsError, OSError, zipfile.BadZipFile):
                raise _damaged(self.file, member["name"]) from None
            types = frames.types_of(table)
            if rows.height != member["rows"] or any(types.get(name) != kind for name, kind in rows.schema.items()):
                raise _damaged(self.file, member["name"])
            yield rows


@contextmanager
def open_archive(file: Path) -> Iterator[Archive]:
    """Open an archive and check all of it first. Refusal if it is not there, is no archive, was cut short or altered."""
    try:
        zipped = zipfile.ZipFile(file)
    except zipfile.BadZipFile:
        raise refuse(
            "restore", "is not a backup, or was cut short", file=str(file), todo="take another copy of it"
        ) from None
    except OSError as error:
        raise refuse("restore", f"cannot be read: {error.strerror}", file=str(file), exit_code=2) from None
    with zipped:
        manifest = _manifest(file, zipped)
        for members in manifest["tables"].values():
            for member in members:
                _check(file, zipped, member)
        yield Archive(file, zipped, manifest)


def _manifest(file: Path, zipped: zipfile.ZipFile) -> Mapping[str, Any]:
    try:
        manifest = json.loads(zipped.read(MANIFEST))
    except (KeyError, ValueError, EOFError, zipfile.BadZipFile):
        raise refuse("restore", "is not a backup: it has no manifest", file=str(file)) from None
    if not isinstance(manifest, dict) or manifest.get("form") != FORM:
        raise refuse(
            "restore", f"is of a form that this arrears does not read, which reads form {FORM}", file=str(file)
        )
    if not {"schema", "tables", "counters", "head"} <= set(manifest) or not isinstance(manifest["tables"], dict):
        raise _damaged(file, MANIFEST)
    return manifest


def _check(file: Path, zipped: zipfile.ZipFile, member: Any) -> None:
    try:
        found = hashlib.sha256(zipped.read(member["name"])).hexdigest()
        whole = found == member["sha256"]
    except (KeyError, TypeError, EOFError, OSError, zipfile.BadZipFile, zlib.error):
        whole = False
    if not whole:
        raise _damaged(file, str(member["name"]) if isinstance(member, dict) and "name" in member else MANIFEST)


def _damaged(file: Path, member: str) -> Refusal:
    return refuse("restore", "was altered or damaged", file=str(file), field=member, todo="take another copy of it")


def _cannot_write(file: Path, error: OSError) -> Refusal:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return refuse("backup", "cannot be written: the disk is full", file=str(file), exit_code=2,
                      todo="make room, or give a place on another disk; nothing was left behind")  # fmt: skip
    return refuse("backup", f"cannot be written: {error.strerror}", file=str(file), exit_code=2)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
