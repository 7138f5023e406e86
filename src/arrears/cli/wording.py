"""`law check-text`: is this text fit to be sent."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from arrears.cli.out import print_json, today
from arrears.errors import refuse
from arrears.law.wording import TextFinding, check_text

#: Longest text that is checked, in characters; a letter has a few thousand.
LENGTH_LIMIT = 100_000


def check_text_(arguments: argparse.Namespace) -> int:
    """`arrears law check-text`: 0 if nothing blocks the text, 1 if something does."""
    text = _read(arguments.file)
    try:
        findings = check_text(
            text, arguments.pack, arguments.channel, arguments.on or today(), arguments.text_lang, arguments.to,
            arguments.binds, arguments.fact, dict(arguments.amount), arguments.sender,
        )  # fmt: skip
    except ValueError as error:
        raise refuse("amount", str(error), field="--amount", exit_code=2) from None
    blocking = sum(finding.severity == "block" for finding in findings)
    if arguments.json:
        found = [finding.as_json(arguments.lang) for finding in findings]
        print_json({"file": arguments.file, "pack": arguments.pack, "channel": arguments.channel, "recipient": arguments.to,
                    "blocking": blocking, "warnings": len(findings) - blocking, "findings": found})  # fmt: skip
    else:
        _show(arguments.file, findings, arguments.lang, blocking)
    return 1 if blocking else 0


def _show(file: str, findings: tuple[TextFinding, ...], language: str, blocking: int) -> None:
    name = "-" if file == "-" else Path(file).name
    for finding in findings:
        quoted = f" “{finding.text}”" if finding.text else ""
        clauses = ", ".join(clause.id for clause in finding.clauses)
        print(
            f"{name}:{finding.line}:{finding.column}: {finding.severity}: {finding.says(language)}{quoted} [{clauses}]"
        )
        print(f"    → {finding.suggestion(language)}")
    if language == "zh-CN":
        print(f"阻断 {blocking} 项，提醒 {len(findings) - blocking} 项" if findings else "未发现问题（不代表文本合法）")
    elif findings:
        print(f"{blocking} blocking, {len(findings) - blocking} to look at")
    else:
        print("nothing found (which does not make the text lawful)")


def _read(file: str) -> str:
    """The text of a file, or of standard input for ``-``. Refusal if it is not UTF-8, empty or too long."""
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise refuse("encoding", "is not UTF-8", file=file, line=line, todo="save it as UTF-8", exit_code=2) from None
    except OSError as error:
        raise refuse("file", f"cannot be read: {error.strerror}", file=file, exit_code=2) from None
    if not text.strip():
        raise refuse("text", "is empty", file=file, todo="give the text that is to be sent", exit_code=2)
    if len(text) > LENGTH_LIMIT:
        what = f"has {len(text):,} characters, more than {LENGTH_LIMIT:,}"
        raise refuse("text", what, file=file, todo="check one message at a time", exit_code=2)
    return text
