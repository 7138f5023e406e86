"""CSV files of payments or of a schedule, sent with "Where do I stand?": each becomes the lines that a person would have typed.

Nothing is judged here but that it is CSV: every value goes into the field, whose reader tells what is wrong with it and on which line.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

LARGEST = 200_000  # bytes
#: For which field a file stands, and its columns with the names that a header may give them.
COLUMNS: dict[str, tuple[tuple[str, ...], ...]] = {
    "payments": (("日期", "还款日期", "date", "paid_on", "at"), ("金额", "还款金额", "amount")),
    "schedule": (
        ("日期", "还款日", "到期日", "date", "due_on", "due date"),
        ("本金", "principal"),
        ("利息", "interest"),
    ),
}


def lines_of(field: str, content: bytes) -> str | None:
    """The lines of a file as the field takes them; None if it cannot be read as CSV (UTF-8 or GB 18030, no more than `LARGEST` bytes)."""
    text = _text(content)
    if text is None or len(content) > LARGEST or "\0" in text:
        return None
    try:
        rows = [row for row in csv.reader(io.StringIO(text), _dialect(text)) if any(cell.strip() for cell in row)]
    except csv.Error:
        return None
    if not rows:
        return ""
    places = _places(field, rows[0])
    body = rows[1:] if places else rows
    places = places or list(range(len(COLUMNS[field])))
    return "\n".join(" ".join(_cell(row, place) for place in places).strip() for row in body)


def _text(content: bytes) -> str | None:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _dialect(text: str) -> type[csv.Dialect]:
    """Comma, semicolon or tab, whichever the first line has most of."""

    class Found(csv.excel):
        delimiter = max(",;\t", key=text.partition("\n")[0].count)

    return Found


def _places(field: str, head: Sequence[str]) -> list[int]:
    """Where the columns stand by their names; empty if the first line is no header."""
    names = [cell.strip().lower() for cell in head]
    found = [next((index for index, name in enumerate(names) if name in known), -1) for known in COLUMNS[field]]
    return found if found[0] >= 0 else []


def _cell(row: Sequence[str], place: int) -> str:
    """A cell without the blanks and thousands separators that would part it in two."""
    return "".join(row[place].split()).replace(",", "") if 0 <= place < len(row) else ""
