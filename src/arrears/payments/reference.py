"""The lender's own form of a payment reference."""

from __future__ import annotations

import re

from arrears.errors import refuse
from arrears.installation import Installation


def reference_pattern(installation: Installation) -> re.Pattern[str] | None:
    """The lender's own form of a reference (`payments: reference:`), with a group `account`. Refusal if it is none."""
    text = installation.section("payments").get("reference")
    if text is None:
        return None
    try:
        pattern = re.compile(str(text))
    except re.error as error:
        raise refuse("installation", f"is no regular expression: {error}", file=str(installation.path),
                     field="payments.reference", exit_code=2) from None  # fmt: skip
    if "account" not in pattern.groupindex:
        raise refuse("installation", "has no group named account", file=str(installation.path),
                     field="payments.reference", exit_code=2, todo="write (?P<account>…)")  # fmt: skip
    return pattern
