"""What the log says of sign-ins that failed and of what was refused: which, where (a route's pattern, never a path that was sent), and,
of a member of staff whose password was right, who. Never what was typed. Sign-ins that worked stand in the table `sessions`.
"""

from __future__ import annotations

import logging

_log = logging.getLogger("arrears.web.security")


def note(event: str, where: str, about: str = "") -> None:
    """One line; every word of it is our own or a member's name, so that nobody writes lines of theirs into it."""
    _log.warning("%s at %s%s", event, where, f" ({about})" if about else "")
