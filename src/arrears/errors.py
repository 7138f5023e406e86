"""What can go wrong at the door, said once and clearly: what, where, and what to do.

Two shapes. A `Finding` is one fault in somebody's data (a row of a tape, a field of a case file, a condition
of a ladder); faults are collected and shown together. A `Refusal` is the exception that ends a command: it
carries one or more findings. The command line prints a refusal to standard error and exits; no traceback
reaches a user.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: a stable `code`, what is wrong, where it stands, and what to do.

    `line` counts from 1 (None where a file has no lines, such as Parquet: `row` then counts data rows from 1).
    `value` is what stood there, already masked where it is personal. `account` names the account if known.
    """

    code: str
    what: str
    file: str = ""
    line: int | None = None
    field: str = ""
    value: str = ""
    todo: str = ""
    account: str = ""
    row: int | None = None

    def __str__(self) -> str:
        place = self.file
        if self.line is not None:
            place += f":{self.line}"
        elif self.row is not None:
            place += f" row {self.row}"
        parts = [place] if place else []
        if self.account:
            parts.append(f"account {self.account}")
        if self.field:
            parts.append(self.field)
        text = ": ".join([*parts, self.what])
        if self.value:
            text += f" (here: {self.value})"
        if self.todo:
            text += f"; {self.todo}"
        return text

    def as_dict(self) -> dict[str, object]:
        """The finding as JSON-ready fields, empty ones left out."""
        fields = ("code", "what", "file", "line", "row", "field", "value", "todo", "account")
        return {name: getattr(self, name) for name in fields if getattr(self, name) not in ("", None)}


class Refusal(Exception):
    """Work that cannot be done with what was handed in. `exit_code` 1: something found; 2: misuse."""

    def __init__(self, *findings: Finding, exit_code: int = 1) -> None:
        super().__init__("\n".join(str(finding) for finding in findings))
        self.findings = findings
        self.exit_code = exit_code


def refuse(code: str, what: str, *, exit_code: int = 1, **where: object) -> Refusal:
    """A refusal with a single finding, ready to be raised. `where` takes the fields of `Finding`."""
    return Refusal(Finding(code, what, **where), exit_code=exit_code)  # type: ignore[arg-type]
