"""What one installation is: its lender, its database, its keys and its channels, from one YAML file.

Secrets do not stand in the file: a setting `password` may be given as `password_env: NAME` or `password_file: PATH`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from arrears.errors import refuse

DEFAULT_FILE = "arrears.yaml"


@dataclass(frozen=True)
class Lender:
    """Who sends. `name` by language (zh, en); `phone`, `site` and `address` are what a borrower can check by another route."""

    id: str
    name: Mapping[str, str]
    phone: str
    site: str
    address: Mapping[str, str] = field(default_factory=dict)
    binds: str = "lender"


@dataclass(frozen=True)
class Installation:
    """`database`: an SQLAlchemy URL (`sqlite:///arrears.db`, `postgresql+psycopg://…`). `keys`: the folder of keys. `channels`: settings by channel."""

    path: Path
    lender: Lender
    database: str
    keys: Path
    channels: Mapping[str, Mapping[str, Any]]
    settings: Mapping[str, Any]

    @cached_property
    def folder(self) -> Path:
        """What relative paths start from."""
        return self.path.parent

    def section(self, name: str) -> Mapping[str, Any]:
        """A further section of the file; empty where there is none."""
        found = self.settings.get(name) or {}
        if not isinstance(found, Mapping):
            raise refuse("installation", "must be a mapping", file=str(self.path), field=name, exit_code=2)
        return found


def load_installation(path: Path | None = None) -> Installation:
    """The installation in `path`, else in the file that ARREARS_CONFIG names, else `arrears.yaml` here. Refusal if it is unfit."""
    file = path or Path(os.environ.get("ARREARS_CONFIG", DEFAULT_FILE))
    try:
        content = yaml.safe_load(file.read_text("utf-8"))
    except FileNotFoundError:
        raise refuse("installation", "is not there", file=str(file), exit_code=2,
                     todo="give --config FILE, or set ARREARS_CONFIG") from None  # fmt: skip
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise refuse("installation", f"cannot be read: {error}", file=str(file), exit_code=2) from None
    if not isinstance(content, dict):
        raise refuse("installation", "must be a mapping", file=str(file), exit_code=2)
    return _installation(file, content)


def _installation(file: Path, content: Mapping[str, Any]) -> Installation:
    for name in ("lender", "database", "keys"):
        if name not in content:
            raise refuse("installation", "is missing", file=str(file), field=name, exit_code=2)
    known = {"id", "name", "phone", "site", "address", "binds"}
    lender = content["lender"]
    if not isinstance(lender, dict) or not {"id", "name", "phone", "site"} <= set(lender) <= known:
        what = f"must be a mapping of {', '.join(sorted(known))}"
        raise refuse("installation", what, file=str(file), field="lender", exit_code=2)
    return Installation(
        path=file.resolve(),
        lender=Lender(**lender),
        database=_absolute(str(content["database"]), file),
        keys=(file.resolve().parent / str(content["keys"])),
        channels=content.get("channels") or {},
        settings=content,
    )


def _absolute(url: str, file: Path) -> str:
    """A relative SQLite path is meant from the file's own folder."""
    prefix = "sqlite:///"
    if url.startswith(prefix) and not url.startswith(prefix + "/"):
        return prefix + str(file.resolve().parent / url.removeprefix(prefix))
    return url


def secret(settings: Mapping[str, Any], name: str, file: Path) -> str | None:
    """A secret of a section: from the environment (`<name>_env`) or a file (`<name>_file`). Refusal if it stands in the open."""
    if name in settings:
        raise refuse("installation", "must not stand in the file", file=str(file), field=name, exit_code=2,
                     todo=f"use {name}_env: NAME or {name}_file: PATH")  # fmt: skip
    if f"{name}_env" in settings:
        variable = str(settings[f"{name}_env"])
        if variable not in os.environ:
            raise refuse("installation", f"names the variable {variable}, which is not set", file=str(file),
                         field=f"{name}_env", exit_code=2)  # fmt: skip
        return os.environ[variable]
    if f"{name}_file" in settings:
        source = file.parent / str(settings[f"{name}_file"])
        try:
            return source.read_text("utf-8").strip()
        except OSError as error:
            raise refuse("installation", f"cannot be read: {error.strerror}", file=str(source), field=f"{name}_file",
                         exit_code=2) from None  # fmt: skip
    return None
