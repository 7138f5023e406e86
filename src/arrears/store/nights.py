"""The decisions of a night in the log: the hashes of its files stand among the facts, so a seal covers them too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, insert, select

from arrears.store.tables import Import


def note_night(connection: Connection, night: str, key: str, files: Mapping[str, str], now: datetime) -> bool:
    """Note a night, once: its name, its key, and the SHA-256 of each of its files. False if it was noted before."""
    digest = f"night {key}"
    if connection.execute(select(Import.seq).where(Import.digest == digest)).first() is not None:
        return False
    note = json.dumps({"night": night, "digest": digest, "files": dict(files)}, sort_keys=True)
    connection.execute(insert(Import).values(digest=digest, note=note, recorded_at=now))
    return True
