"""`keys`: make, rotate, publish and list the keys that sign messages."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from arrears.cli.out import print_json, print_table, tell
from arrears.errors import refuse
from arrears.installation import Installation, Lender, load_installation
from arrears.notice.keys import KEY_BYTES, PublicKeys, make_keys, public_keys, published, read_public, rotate_keys
from arrears.notice.signing import PublicKey


def installation_of(arguments: argparse.Namespace) -> Installation:
    """The installation that --config names, else the one of the environment."""
    return load_installation(Path(arguments.config) if arguments.config else None)


def keys_of_lender(file: str) -> tuple[PublicKeys, Lender]:
    """A published set of keys and the lender it is of. Refusal if it does not say how to reach the lender."""
    found = read_public(Path(file))
    if found.lender is None:
        raise refuse("keys", "does not say how to reach the lender", file=file, exit_code=2,
                     todo="use the file that `arrears keys publish` writes")  # fmt: skip
    return found, found.lender


def make(arguments: argparse.Namespace) -> int:
    """`arrears keys make`."""
    house = installation_of(arguments)
    key = make_keys(house.keys, house.lender.id, datetime.now(UTC), os.urandom(2 * KEY_BYTES))
    _tell(key, arguments)
    return 0


def rotate(arguments: argparse.Namespace) -> int:
    """`arrears keys rotate`."""
    house = installation_of(arguments)
    key = rotate_keys(house.keys, house.lender.id, datetime.now(UTC), os.urandom(KEY_BYTES), arguments.revoke)
    _tell(key, arguments)
    return 0


def publish(arguments: argparse.Namespace) -> int:
    """`arrears keys publish`."""
    house = installation_of(arguments)
    text = published(replace(public_keys(house.keys, house.lender.id), lender=house.lender))
    if arguments.out is None:
        print(text, end="")
        return 0
    Path(arguments.out).write_text(text, "utf-8")
    if arguments.json:
        print_json({"written": arguments.out})
    else:
        tell(f"{arguments.out}: put it on {house.lender.site}, and again after every rotation")
    return 0


def list_(arguments: argparse.Namespace) -> int:
    """`arrears keys list`."""
    house = installation_of(arguments)
    known = public_keys(house.keys, house.lender.id)
    if arguments.json:
        print_json({"lender": known.lender_id, "keys": [_json(key, known) for key in known.keys.values()]})
        return 0
    rows = [[key.id, _state(key, known), f"{key.valid_from:%Y-%m-%d}", f"{key.valid_until:%Y-%m-%d}" if key.valid_until else ""]
            for key in known.keys.values()]  # fmt: skip
    print_table(["key", "state", "from", "until"], rows)
    return 0


def _tell(key: PublicKey, arguments: argparse.Namespace) -> None:
    if arguments.json:
        print_json({"key": key.id, "valid_from": key.valid_from.isoformat()})
    else:
        print(f"key {key.id} signs from now on; publish the public keys again: arrears keys publish")


def _state(key: PublicKey, known: PublicKeys) -> str:
    if key.revoked:
        return "revoked"
    return "in use" if key is known.in_use else "retired"


def _json(key: PublicKey, known: PublicKeys) -> dict[str, object]:
    until = key.valid_until.isoformat() if key.valid_until else None
    return {"key": key.id, "state": _state(key, known), "valid_from": key.valid_from.isoformat(), "valid_until": until}
