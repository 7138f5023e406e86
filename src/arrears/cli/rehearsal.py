"""Rehearsals: an installation that says `rehearsal: true` reaches nobody, and may be told what time it is."""

from __future__ import annotations

from datetime import UTC, datetime

from arrears.errors import refuse
from arrears.installation import Installation


def now_of(installation: Installation, at: datetime | None) -> datetime:
    """The instant of a command (UTC): the machine's, or in a rehearsal the one it was told. Refusal outside of one."""
    if at is None:
        return datetime.now(UTC)
    if installation.settings.get("rehearsal") is not True:
        raise refuse("rehearsal", "is only for rehearsals: what is real goes by the real clock", field="--at", exit_code=2,
                     todo="say `rehearsal: true` in an installation that reaches nobody")  # fmt: skip
    return at
